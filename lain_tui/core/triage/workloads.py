"""Why a workload as a whole does not get where it should: quotas, deadlines, failed jobs, blind autoscalers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

import msgspec

from lain_tui.core.model.cluster import Event
from lain_tui.core.model.finding import Evidence, Finding, Remedy
from lain_tui.core.model.meta import Condition, condition
from lain_tui.core.model.status import Severity
from lain_tui.core.model.text import plain, shortened, since, spell
from lain_tui.core.model.workload import (
    CronJob,
    DaemonSet,
    Deployment,
    HorizontalPodAutoscaler,
    Job,
    ReplicaSet,
    StatefulSet,
)
from lain_tui.core.triage.case import event_evidence, event_time, status_evidence

Workload = Deployment | StatefulSet | DaemonSet | Job | CronJob


class WorkloadCase(msgspec.Struct, frozen=True, kw_only=True):
    """A workload and what was made for it."""

    workload: Workload
    kind: str
    proc: str
    now: datetime
    events: tuple[Event, ...] = ()
    """Of the workload, its ReplicaSets and its jobs, oldest first."""
    replica_sets: tuple[ReplicaSet, ...] = ()
    jobs: tuple[Job, ...] = ()
    autoscaler: HorizontalPodAutoscaler | None = None
    autoscaler_events: tuple[Event, ...] = ()
    pods: int = 0
    pod_finding: Finding | None = None
    """Why its worst pod is unhealthy: what most often is the answer."""


def diagnose_workload(case: WorkloadCase) -> Finding | None:
    """Why a workload is unhealthy; None when nothing is known to be wrong with it."""
    for rule in (cannot_create, past_deadline, job_failed, blind_autoscaler, paused):
        found = rule(case)
        if found is not None:
            return found
    return case.pod_finding


# The admission plugins' and validators' words (plugin/pkg/admission/resourcequota, limitranger, pod security).
_QUOTA = re.compile(
    r"exceeded quota: (?P<quota>[^,]+), requested: (?P<requested>.+), used: (?P<used>.+),"
    r" limited: (?P<limited>.+?)\.?$"
)
_QUOTA_NEEDS = re.compile(r"failed quota: (?P<quota>[^:]+): must specify (?P<what>.+)$")
_LIMIT_RANGE = re.compile(
    r"(?:maximum|minimum) (?P<resource>\S+) usage per (?P<what>\S+) is (?P<limit>[^,.]+)"
)
_POD_SECURITY = re.compile(r"violates PodSecurity \"(?P<level>[^\"]+)\": (?P<why>.+)")
_NO_ACCOUNT = re.compile(r"serviceaccount \"(?P<name>[^\"]+)\" not found")
_WEBHOOK = re.compile(
    r"(?:admission webhook \"(?P<name>[^\"]+)\" denied|failed calling webhook \"(?P<other>[^\"]+)\")"
)
_FORBIDDEN = re.compile(r"is forbidden: (?P<why>.+)", re.DOTALL)


def cannot_create(case: WorkloadCase) -> Finding | None:
    """The API refuses the pods that the controller wants to make."""
    failures = [
        failure
        for one in (case.workload, *case.replica_sets)
        if (failure := _replica_failure(one)) is not None
    ]
    events = [event for event in case.events if event.reason == "FailedCreate"]
    newest = max(events, key=event_time, default=None)
    if failures:
        message = failures[-1].message
    elif newest is not None and _still_wanting(case):
        message = newest.message
    else:
        return None
    code, title, sentence = _refusal(message, case.proc)
    evidence = event_evidence(events, most=4) or [status_evidence(message, "ReplicaFailure")]
    return _finding(case, code, title, [sentence], evidence)


def _replica_failure(one: Workload | ReplicaSet) -> Condition | None:
    if not isinstance(one, Deployment | ReplicaSet):
        return None
    found = condition(one.status.conditions, "ReplicaFailure")
    return found if found is not None and found.is_true else None


def _still_wanting(case: WorkloadCase) -> bool:
    """Fewer pods are there than wanted, so that an old event still tells something."""
    workload = case.workload
    if isinstance(workload, StatefulSet):
        return workload.status.replicas < workload.spec.replicas
    if isinstance(workload, DaemonSet):
        return case.pods < workload.status.desired_number_scheduled
    if isinstance(workload, Job):
        return (
            not workload.status.active
            and not workload.status.succeeded
            and workload.status.completion_time is None
        )
    return isinstance(workload, CronJob)


def _refusal(message: str, proc: str) -> tuple[str, str, str]:
    if match := _QUOTA.search(message):
        return (
            "quota-exceeded",
            f"{proc} gets no new pods: quota {match['quota']} is used up",
            f"Asked for {match['requested']}; used {match['used']} of {match['limited']}.",
        )
    if match := _QUOTA_NEEDS.search(message):
        return (
            "quota-needs-resources",
            f"{proc} gets no new pods: quota {match['quota']} wants {match['what']}",
            "Every container in this namespace must say what it asks for.",
        )
    if match := _LIMIT_RANGE.search(message):
        return (
            "limit-range",
            f"{proc} gets no new pods: the namespace limits {match['resource']}",
            f"At most {match['limit']} per {match['what']}."
            if "maximum" in match[0]
            else shortened(message, 200),
        )
    if match := _POD_SECURITY.search(message):
        return (
            "pod-security",
            f"{proc} gets no new pods: they break the namespace's pod security ({match['level'].partition(':')[0]})",
            shortened(match["why"], 300),
        )
    if match := _NO_ACCOUNT.search(message):
        name = match["name"]
        return "no-service-account", f"{proc} gets no new pods: service account {name} does not exist", ""
    if match := _WEBHOOK.search(message):
        return (
            "webhook",
            f"{proc} gets no new pods: webhook {match['name'] or match['other']} refuses them",
            shortened(message, 300),
        )
    why = _FORBIDDEN.search(message)
    return (
        "cannot-create",
        f"{proc} gets no new pods: the API refuses them",
        shortened(why["why"] if why else message, 300),
    )


def past_deadline(case: WorkloadCase) -> Finding | None:
    """A Deployment made no progress within its progressDeadlineSeconds."""
    workload = case.workload
    if not isinstance(workload, Deployment):
        return None
    progress = condition(workload.status.conditions, "Progressing")
    if progress is None or progress.reason != "ProgressDeadlineExceeded":
        return None
    status = workload.status
    limit = spell(workload.spec.progress_deadline_seconds)
    cause = case.pod_finding
    evidence = [status_evidence(progress.message, progress.reason, progress.last_transition_time)]
    sentences = [
        f"{status.updated_replicas} of {workload.spec.replicas} updated, {status.available_replicas} available."
    ]
    if cause is not None:
        sentences = [f"{cause.title}.", *cause.explanation[:2], *sentences]
        evidence = [*evidence, *cause.evidence]
    found = _finding(
        case,
        "rollout-stuck",
        f"{case.proc}'s rollout is stuck: no progress for {limit}",
        sentences,
        evidence,
        remedies=[*(cause.remedies if cause is not None else ()), Remedy(text="roll back", verb="rollback")],
    )
    if cause is None:
        return found
    return msgspec.structs.replace(found, pod=cause.pod, container=cause.container)


def job_failed(case: WorkloadCase) -> Finding | None:
    """A job, or a cronjob's last one, has failed."""
    workload = case.workload
    if isinstance(workload, Job):
        job: Job | None = workload
    elif isinstance(workload, CronJob):
        job = max(case.jobs, key=_made, default=None)
    else:
        return None
    failure = condition(job.status.conditions, "Failed") if job is not None else None
    if job is None or failure is None or not failure.is_true:
        return None
    ago = since(failure.last_transition_time, case.now)
    cause = case.pod_finding
    if failure.reason == "DeadlineExceeded":
        seconds = job.spec.active_deadline_seconds
        limit = f" of {spell(seconds)}" if seconds else ""
        code, title = "job-deadline", f"{case.proc} was stopped {ago} ago: it ran past its deadline{limit}"
    elif failure.reason == "BackoffLimitExceeded":
        code, title = "job-failed", f"{case.proc} failed {ago} ago"
    else:
        code, title = "job-failed", f"{case.proc} failed {ago} ago: {failure.reason}"
    sentences: list[str] = []
    if cause is not None:
        sentences += cause.explanation[:2]
    tries = job.status.failed
    if tries > 1 or job.spec.backoff_limit:
        sentences.append(f"Tried {tries} of {(job.spec.backoff_limit or 0) + 1} times.")
    found = _finding(
        case,
        code,
        title,
        sentences,
        [*(cause.evidence if cause is not None else ()), status_evidence(failure.message, failure.reason)],
        remedies=cause.remedies if cause is not None else (),
    )
    return (
        found if cause is None else msgspec.structs.replace(found, pod=cause.pod, container=cause.container)
    )


def _made(job: Job) -> float:
    made = job.status.start_time or job.metadata.creation_timestamp
    return made.timestamp() if made is not None else 0.0


def blind_autoscaler(case: WorkloadCase) -> Finding | None:
    """The autoscaler cannot read what it scales by."""
    scaler = case.autoscaler
    if scaler is None:
        return None
    active = condition(scaler.status.conditions, "ScalingActive")
    able = condition(scaler.status.conditions, "AbleToScale")
    if active is not None and not active.is_true and active.reason.startswith("FailedGet"):
        title = f"{case.proc}'s autoscaler cannot read its metrics"
        sentence, blind = _metrics_reason(active.message), active
    elif (
        able is not None
        and not able.is_true
        and able.reason not in ("BackoffBoth", "BackoffDownscale", "BackoffUpscale")
    ):
        title, sentence, blind = f"{case.proc}'s autoscaler cannot scale", able.message, able
    else:
        return None
    return _finding(
        case,
        "autoscaler-blind",
        title,
        [shortened(sentence, 300), f"The count stays at {scaler.status.current_replicas}."],
        [
            *event_evidence(case.autoscaler_events, most=3),
            status_evidence(blind.message, blind.reason, blind.last_transition_time),
        ],
        severity=Severity.RISK,
    )


def _metrics_reason(message: str) -> str:
    missing = re.search(r"missing request for (?P<resource>\w+)", message)
    if missing:
        return f"A container asks for no {missing['resource']}: the autoscaler needs its request to compare with."
    if "no metrics returned" in message or "could not find the requested resource" in message:
        return "The cluster has no metrics for its pods: is metrics-server installed?"
    return message


def paused(case: WorkloadCase) -> Finding | None:
    """A paused Deployment waits for somebody to resume it."""
    workload = case.workload
    if not isinstance(workload, Deployment) or not workload.spec.paused:
        return None
    return _finding(
        case,
        "rollout-paused",
        f"{case.proc} is paused: changes are not rolled out",
        [f"To go on: kubectl rollout resume deployment/{workload.metadata.name}"],
        [status_evidence("spec.paused is true", "paused")],
        severity=Severity.RISK,
    )


def _finding(
    case: WorkloadCase,
    code: str,
    title: str,
    sentences: Sequence[str],
    evidence: Sequence[Evidence],
    *,
    severity: Severity = Severity.BROKEN,
    remedies: Sequence[Remedy] = (),
) -> Finding:
    return Finding(
        code=code,
        title=plain(title),
        explanation=tuple(plain(sentence) for sentence in sentences if sentence),
        severity=severity,
        subject=f"{case.kind}/{case.workload.metadata.name}",
        evidence=tuple(evidence),
        remedies=tuple(remedies),
    )
