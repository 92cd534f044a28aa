"""An app's jobs and cronjobs, with every run that is still kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.resources import CRONJOBS, JOBS, PODS
from lain_tui.core.model.jobs import Run, RunState, Work
from lain_tui.core.model.meta import Condition
from lain_tui.core.model.pod import Pod, StateTerminated
from lain_tui.core.model.text import LONG_AGO, plain
from lain_tui.core.model.workload import CronJob, Job
from lain_tui.core.status.cron import next_run
from lain_tui.core.status.jobs import failure_words, job_duration, job_failure
from lain_tui.core.status.owners import proc_of
from lain_tui.core.target import Target
from lain_tui.core.triage.exits import end_words

_Ends = Mapping[str, StateTerminated]
"""How pods ended badly, by the uid of the job that owns them."""
_NOT_STARTED = frozenset({"StartError", "ContainerCannotRun"})
"""Reasons of an end whose message says what no log can: the program never ran."""
_BY_HAND = "cronjob.kubernetes.io/instantiate"


async def list_work(kube: KubeClient, target: Target) -> list[Work]:
    """Cronjobs first, then jobs of their own, the newest first. Raises KubeError."""
    selector = f"app.kubernetes.io/name={target.app}"
    crons = await kube.list(CRONJOBS, target.namespace, selector=selector)
    jobs = await kube.list(JOBS, target.namespace, selector=selector)
    pods = await kube.list(PODS, target.namespace, selector=selector)
    return work_of(crons, jobs, pods, target.release, datetime.now(UTC))


def work_of(
    crons: Iterable[CronJob], jobs: Iterable[Job], pods: Iterable[Pod], release: str, now: datetime
) -> list[Work]:
    """Put the jobs under the cronjobs that own them; from the pods that are still there it is told how they ended."""
    ends = {pod.metadata.owner.uid: end for pod in pods if pod.metadata.owner and (end := bad_end(pod))}
    crons, jobs = list(crons), list(jobs)
    known = {cron.metadata.uid for cron in crons}
    owned: dict[str, list[Job]] = {}
    alone: list[Job] = []
    for job in jobs:
        owner = job.metadata.owner
        if owner is not None and owner.uid in known:
            owned.setdefault(owner.uid, []).append(job)
        else:
            alone.append(job)
    work = [_cron(cron, owned.get(cron.metadata.uid, []), ends, release, now) for cron in crons]
    work.sort(key=lambda each: each.name)
    newest_first = sorted(alone, key=_started, reverse=True)
    return work + [_alone(job, ends, release) for job in newest_first]


def bad_end(pod: Pod) -> StateTerminated | None:
    """How the first of its containers ended that ended badly."""
    ends = [status.state.terminated for status in pod.status.container_statuses or ()]
    return next((end for end in ends if end is not None and end.exit_code), None)


def fault_words(failure: Condition, end: StateTerminated | None) -> str:
    """Why a job failed: how its program ended, unless it is the job that was ended."""
    if end is None or failure.reason == "DeadlineExceeded":
        return failure_words(failure)
    # runc's own words are at the end, after those of everybody who passed them on.
    runtime = end.message.rpartition("container process: ")[2].removesuffix(": unknown").strip()
    told = plain(runtime) if end.reason in _NOT_STARTED else ""
    return f"{end_words(end)}: {told}" if told else end_words(end)


def _alone(job: Job, ends: _Ends, release: str) -> Work:
    return Work(
        name=proc_of(job, release), resource=plain(job.metadata.name), kind="Job", runs=(run_of(job, ends),)
    )


def _cron(cron: CronJob, jobs: list[Job], ends: _Ends, release: str, now: datetime) -> Work:
    suspended = cron.spec.suspend
    return Work(
        name=proc_of(cron, release),
        resource=plain(cron.metadata.name),
        kind="CronJob",
        runs=tuple(run_of(job, ends) for job in sorted(jobs, key=_started, reverse=True)),
        schedule=plain(cron.spec.schedule),
        suspended=suspended,
        last_scheduled=cron.status.last_schedule_time,
        last_successful=cron.status.last_successful_time,
        next_run=None if suspended else next_run(cron.spec.schedule, now, cron.spec.time_zone or ""),
    )


def run_of(job: Job, ends: _Ends) -> Run:
    """One job as a run."""
    failure = job_failure(job)
    if failure is not None:
        state = RunState.FAILED
    elif job.status.completion_time is not None:
        state = RunState.DONE
    elif job.spec.suspend:
        state = RunState.SUSPENDED
    else:
        state = RunState.RUNNING if job.status.active else RunState.WAITING
    return Run(
        name=plain(job.metadata.name),
        state=state,
        started=job.status.start_time or job.metadata.creation_timestamp,
        seconds=job_duration(job),
        reason=plain(failure.reason) if failure is not None else "",
        fault=fault_words(failure, ends.get(job.metadata.uid)) if failure is not None else "",
        by_hand=job.metadata.annotation(_BY_HAND) == "manual",
    )


def _started(job: Job) -> datetime:
    return job.status.start_time or job.metadata.creation_timestamp or LONG_AGO
