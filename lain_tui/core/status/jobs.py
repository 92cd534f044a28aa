"""Jobs and cronjobs: what ran, how it ended, and when it runs next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from lain_tui.core.model.meta import Condition, condition
from lain_tui.core.model.pod import Pod
from lain_tui.core.model.status import CronRow, PodRow, ProcRow, Severity
from lain_tui.core.model.text import LONG_AGO, counted, plain, since, spell
from lain_tui.core.model.workload import CronJob, Job
from lain_tui.core.status.cron import next_run, parse_schedule


def job_failure(job: Job) -> Condition | None:
    """The condition that says a job has failed (BackoffLimitExceeded, DeadlineExceeded …); None when it has not."""
    failed = condition(job.status.conditions, "Failed")
    return failed if failed is not None and failed.is_true else None


def job_duration(job: Job) -> float | None:
    """Seconds that a finished job took."""
    failure = job_failure(job)
    end = job.status.completion_time or (failure.last_transition_time if failure else None)
    start = job.status.start_time
    return (end - start).total_seconds() if start is not None and end is not None else None


def failure_words(failure: Condition) -> str:
    """Why a job has failed, in words."""
    return _FAILURES.get(failure.reason, plain(failure.reason))


_FAILURES = {"BackoffLimitExceeded": "no more tries", "DeadlineExceeded": "past its deadline"}


def job_row(job: Job, name: str, now: datetime) -> ProcRow:
    """The row of a job that no cronjob made."""
    status = job.status
    summary, severity = _job_words(job, now)
    return ProcRow(
        name=name,
        kind="Job",
        resource=plain(job.metadata.name),
        uid=job.metadata.uid,
        severity=severity,
        summary=summary,
        desired=job.spec.completions or 1,
        updated=status.active,
        ready=status.ready or 0,
        available=status.succeeded,
        created=job.metadata.creation_timestamp,
    )


def _job_words(job: Job, now: datetime) -> tuple[str, Severity]:
    status = job.status
    took = job_duration(job)
    failure = job_failure(job)
    if failure is not None:
        return (
            f"failed {since(failure.last_transition_time, now)} ago, {failure_words(failure)}",
            Severity.BROKEN,
        )
    complete = condition(status.conditions, "Complete")
    if status.completion_time is not None or (complete is not None and complete.is_true):
        words = f", took {spell(took)}" if took is not None else ""
        return f"done {since(status.completion_time, now)} ago{words}", Severity.DONE
    if job.spec.suspend:
        return "suspended", Severity.DONE
    tries = f", {counted(status.failed, 'try', 'tries')} failed" if status.failed else ""
    if status.active:
        return (
            f"running for {since(status.start_time, now)}{tries}",
            Severity.RISK if tries else Severity.PROGRESS,
        )
    return f"not started{tries}", Severity.PROGRESS


def cron_row(cron: CronJob, name: str, jobs: Sequence[Job], now: datetime) -> ProcRow:
    """The row of a cronjob and the jobs that it made."""
    status = cron.status
    newest = max(jobs, key=_started, default=None)
    finished = [job for job in jobs if job.status.completion_time is not None]
    last = max(finished, key=lambda job: job.status.completion_time or LONG_AGO, default=None)
    successful = status.last_successful_time or (last.status.completion_time if last else None)
    failure = job_failure(newest) if newest is not None else None
    row = CronRow(
        schedule=plain(cron.spec.schedule),
        suspended=cron.spec.suspend,
        last_scheduled=status.last_schedule_time,
        last_successful=successful,
        last_duration=job_duration(last) if last is not None else None,
        next_run=None if cron.spec.suspend else next_run(cron.spec.schedule, now, cron.spec.time_zone or ""),
        active=len(status.active or ()),
    )
    if failure is not None:
        summary, severity = (
            f"last run failed {since(failure.last_transition_time, now)} ago, {failure_words(failure)}",
            Severity.BROKEN,
        )
    elif not cron.spec.suspend and not _understood(cron.spec.schedule):
        summary, severity = f"schedule not understood: {plain(cron.spec.schedule)}", Severity.RISK
    else:
        summary, severity = "", Severity.DONE if cron.spec.suspend else Severity.OK
    return ProcRow(
        name=name,
        kind="CronJob",
        resource=plain(cron.metadata.name),
        uid=cron.metadata.uid,
        severity=severity,
        summary=summary,
        cron=row,
        created=cron.metadata.creation_timestamp,
    )


def settle_job_pods(
    pods: Sequence[Pod], rows: Sequence[PodRow], jobs: Iterable[Job], cron: CronJob | None
) -> list[PodRow]:
    """Judge the failed pods of jobs by what came after: a job that got done, or a later run that did."""
    done = {
        job.metadata.uid
        for job in jobs
        if job.status.completion_time is not None and job_failure(job) is None
    }
    succeeded = cron.status.last_successful_time if cron is not None else None
    settled = []
    for pod, row in zip(pods, rows, strict=True):
        owner = pod.metadata.owner
        over = owner is not None and owner.uid in done
        if succeeded is not None and pod.metadata.creation_timestamp is not None:
            over = over or (pod.status.phase == "Failed" and pod.metadata.creation_timestamp < succeeded)
        if over and row.severity is Severity.BROKEN:
            row = msgspec.structs.replace(row, severity=Severity.DONE)
        settled.append(row)
    return settled


def _started(job: Job) -> datetime:
    return job.status.start_time or job.metadata.creation_timestamp or LONG_AGO


def _understood(schedule: str) -> bool:
    try:
        parse_schedule(schedule)
    except ValueError:
        return False
    return True
