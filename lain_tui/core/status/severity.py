"""How much a pod needs its reader, and until when that holds.

What counts as bad carries over from lain-cli's `status`: not completed and (not all ready, or not Running, or more
than 10 restarts). A pod that has only begun gets some time before it is called broken.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from lain_tui.core.model.meta import condition
from lain_tui.core.model.pod import Container, Pod
from lain_tui.core.model.status import Severity, Usage
from lain_tui.core.model.text import LONG_AGO
from lain_tui.core.triage.podstate import TERMINAL, PodState

Verdict = tuple[Severity, datetime | None]
"""A severity, and when it is to be judged again; None for not before the pod changes."""

FRESH = timedelta(seconds=30)
"""Pending for longer than this, or not ready, needs an explanation."""
STARTING = timedelta(minutes=2)
"""Pulling an image and mounting volumes may take so long."""
INITIALIZING = timedelta(minutes=10)
OVERDUE = timedelta(seconds=30)
"""Past the moment at which a deleted pod should have been gone."""
MANY_RESTARTS = 10
RECENT_RESTART = timedelta(minutes=15)
NEAR_LIMIT = 0.9

_ON_ITS_WAY = frozenset({"Pending", "ContainerCreating", "PodInitializing", "SchedulingGated", ""})
LEFT_OVER = frozenset({"Evicted", "Shutdown", "NodeShutdown", "Terminated", "NodeAffinity", "Preempting",
                       "UnexpectedAdmissionError", "OutOfcpu", "OutOfmemory", "OutOfpods",
                       "OutOfephemeral-storage"})  # fmt: skip
"""Reasons with which the kubelet or the scheduler ended a pod as a whole: what is left is a record, not a fault."""


def judge(pod: Pod, state: PodState, memory: Usage, now: datetime) -> Verdict:
    """The severity of a pod."""
    if state.word in ("Completed", "Succeeded"):
        return Severity.DONE, None
    if state.word == "Terminating":
        due = pod.metadata.deletion_timestamp
        return _until(now, None if due is None else due + OVERDUE, Severity.PROGRESS, Severity.RISK)
    if pod.status.phase in TERMINAL and pod.status.reason in LEFT_OVER:
        return Severity.RISK, None
    if state.word == "Running" and state.ready == state.containers:
        return _judge_running(state, memory, now)
    if state.word in ("Running", "NotReady"):
        since = _not_ready_since(pod)
        return _until(now, since and since + _time_to_start(pod), Severity.PROGRESS, Severity.BROKEN)
    if state.word in _ON_ITS_WAY:
        scheduled = condition(pod.status.conditions, "PodScheduled")
        stuck = scheduled is not None and scheduled.reason == "Unschedulable"
        return _until(now, _begun(pod) + (FRESH if stuck else STARTING), Severity.PROGRESS, Severity.BROKEN)
    if state.initializing and state.culprit is not None and state.word.startswith("Init:"):
        if state.word[5:6].isdigit():
            return _until(now, _begun(pod) + INITIALIZING, Severity.PROGRESS, Severity.RISK)
        return Severity.BROKEN, None
    return Severity.BROKEN, None


def _judge_running(state: PodState, memory: Usage, now: datetime) -> Verdict:
    if state.restarts > MANY_RESTARTS:
        return Severity.RISK, None
    if memory.used is not None and memory.limit and memory.used >= memory.limit * NEAR_LIMIT:
        return Severity.RISK, None
    if state.last_restart is not None:
        return _until(now, state.last_restart + RECENT_RESTART, Severity.RISK, Severity.OK)
    return Severity.OK, None


def _until(now: datetime, moment: datetime | None, before: Severity, after: Severity) -> Verdict:
    if moment is not None and now < moment:
        return before, moment
    return after, None


def _begun(pod: Pod) -> datetime:
    return pod.metadata.creation_timestamp or LONG_AGO


def _not_ready_since(pod: Pod) -> datetime | None:
    """Since when: the later of losing the Ready condition and the youngest container's start."""
    moments = [
        status.state.running.started_at
        for status in pod.status.container_statuses or ()
        if status.state.running is not None and not status.ready
    ]
    ready = condition(pod.status.conditions, "Ready")
    if ready is not None:
        moments.append(ready.last_transition_time)
    return max((moment for moment in moments if moment is not None), default=None)


def _time_to_start(pod: Pod) -> timedelta:
    return FRESH + timedelta(seconds=max(map(_probe_patience, pod.spec.containers or ()), default=0))


def _probe_patience(container: Container) -> int:
    """Seconds that its probes give a container before it has to answer."""
    startup, ready = container.startup_probe, container.readiness_probe
    starting = (
        startup.initial_delay_seconds + startup.period_seconds * startup.failure_threshold if startup else 0
    )
    return max(starting, ready.initial_delay_seconds if ready else 0)
