"""How far a workload's rollout is, in words.

When a rollout is over follows `kubectl rollout status` (k8s.io/kubectl/pkg/polymorphichelpers): the controller has
seen the newest generation, every replica is updated, none of the old ones is left, and all are available.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from lain_tui.core.model.meta import Condition, condition
from lain_tui.core.model.status import Severity
from lain_tui.core.model.text import since, spell
from lain_tui.core.model.workload import DaemonSet, Deployment, StatefulSet


class Rollout(msgspec.Struct, frozen=True, kw_only=True):
    """The counts of a workload and what they come to."""

    summary: str
    severity: Severity
    desired: int = 0
    updated: int = 0
    ready: int = 0
    available: int = 0
    rolling: bool = False
    """Old pods are still being replaced."""

    @property
    def done(self) -> bool:
        """Everything that is wanted is new and available; nothing is wanted of what is scaled to 0."""
        return self.severity in (Severity.OK, Severity.DONE)


class _Counts(msgspec.Struct, frozen=True, kw_only=True):
    desired: int
    total: int
    updated: int
    ready: int
    available: int
    seen: bool
    """The controller has seen the newest generation."""
    unavailable_since: datetime | None = None
    progressing: bool = False
    """Within the time that a rollout may take."""


def deployment_rollout(deployment: Deployment, now: datetime) -> Rollout:
    """The rollout of a Deployment."""
    spec, status = deployment.spec, deployment.status
    progress = condition(status.conditions, "Progressing")
    counts = _Counts(
        desired=spec.replicas,
        total=status.replicas,
        updated=status.updated_replicas,
        ready=status.ready_replicas,
        available=status.available_replicas,
        seen=status.observed_generation >= deployment.metadata.generation,
        unavailable_since=_false_since(condition(status.conditions, "Available")),
        progressing=progress is not None and progress.is_true and progress.reason != "NewReplicaSetAvailable",
    )
    if progress is not None and progress.reason == "ProgressDeadlineExceeded":
        limit = spell(spec.progress_deadline_seconds)
        words = f"stuck: {counts.updated} of {counts.desired} updated, {counts.available} available, past its {limit}"
        return _rollout(counts, words, Severity.BROKEN, rolling=counts.updated < counts.desired)
    if spec.paused:
        complete = counts.updated == counts.desired == counts.available == counts.total
        done = "up to date" if complete else f"{counts.updated} updated, {counts.available} available"
        return _rollout(counts, f"paused: {counts.desired} wanted, {done}", Severity.RISK)
    return _words(counts, now)


def stateful_set_rollout(workload: StatefulSet, now: datetime) -> Rollout:
    """The rollout of a StatefulSet."""
    spec, status = workload.spec, workload.status
    counts = _Counts(
        desired=spec.replicas,
        total=max(status.replicas, status.updated_replicas),
        updated=status.updated_replicas,
        ready=status.ready_replicas,
        available=status.available_replicas,
        seen=status.observed_generation >= workload.metadata.generation,
        progressing=status.current_revision != status.update_revision,
    )
    return _words(counts, now)


def daemon_set_rollout(workload: DaemonSet, now: datetime) -> Rollout:
    """The rollout of a DaemonSet: one pod a node."""
    status = workload.status
    counts = _Counts(
        desired=status.desired_number_scheduled,
        total=status.desired_number_scheduled,
        updated=status.updated_number_scheduled,
        ready=status.number_ready,
        available=status.number_available,
        seen=status.observed_generation >= workload.metadata.generation,
        progressing=status.updated_number_scheduled < status.desired_number_scheduled,
    )
    return _words(counts, now)


def _words(counts: _Counts, now: datetime) -> Rollout:
    desired, updated, available = counts.desired, counts.updated, counts.available
    old = max(0, counts.total - updated)
    if not counts.seen:
        words = f"rolling out: the change waits for the controller, {available} of {desired} available"
        return _rollout(counts, words, Severity.PROGRESS, rolling=True)
    if updated < desired and old:
        words = f"rolling out: {updated} of {desired} updated, {old} old left"
        return _rollout(counts, words, Severity.PROGRESS, rolling=True)
    if old and updated:
        words = f"rolling out: {updated} of {desired} updated, {old} old to go"
        return _rollout(counts, words, Severity.PROGRESS, rolling=True)
    if counts.total > desired:
        return _rollout(
            counts, f"scaling down: {counts.total} of {desired}", Severity.PROGRESS, rolling=old > 0
        )
    if not desired:
        return _rollout(counts, "scaled to 0", Severity.DONE)
    if available >= desired:
        return _rollout(counts, f"{desired} of {desired}, up to date", Severity.OK)
    if not available and counts.unavailable_since is not None:
        ago = since(counts.unavailable_since, now)
        return _rollout(
            counts,
            f"0 of {desired}, unavailable for {ago}",
            Severity.PROGRESS if counts.progressing else Severity.BROKEN,
        )
    words = f"{available} of {desired} available"
    if counts.progressing or updated < desired:
        return _rollout(counts, f"starting: {words}", Severity.PROGRESS)
    return _rollout(counts, words, Severity.BROKEN if not available else Severity.RISK)


def _rollout(counts: _Counts, summary: str, severity: Severity, *, rolling: bool = False) -> Rollout:
    return Rollout(
        summary=summary,
        severity=severity,
        desired=counts.desired,
        updated=counts.updated,
        ready=counts.ready,
        available=counts.available,
        rolling=rolling,
    )


def _false_since(found: Condition | None) -> datetime | None:
    return None if found is None or found.is_true else found.last_transition_time
