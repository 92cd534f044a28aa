"""From the picture of an app to the rows of its table: grouped by proc or flat, filtered, sorted, folded."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

import msgspec

from lain_tui.core.model.status import PodRow, ProcRow, Severity
from lain_tui.widgets.pod_filter import PodFilter


class Row(msgspec.Struct, frozen=True, gc=False):
    """One line of the table: a pod, or a proc above its pods."""

    key: str
    """Stays the same while the row's content changes."""
    proc: ProcRow
    pod: PodRow | None = None
    folded: bool = False
    """A proc whose pods are hidden."""

    @property
    def content(self) -> tuple[PodRow | ProcRow, bool]:
        """All that is painted of it: a pod's line tells nothing of its proc, which changes with every other pod."""
        return self.pod or self.proc, self.folded

    @property
    def severity(self) -> Severity:
        return self.proc.severity if self.pod is None else self.pod.severity


class Arrangement(msgspec.Struct, frozen=True):
    """How the user wants the rows."""

    grouped: bool = True
    faults_only: bool = False
    filter: PodFilter = PodFilter()
    sort: str = ""
    """A column's key; empty for the picture's own order."""
    descending: bool = False
    folded: frozenset[str] = frozenset()
    """Keys of the procs whose pods are hidden."""


_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

SORT_KEYS: dict[str, Callable[[PodRow], Any]] = {
    "name": lambda pod: pod.name,
    "proc": lambda pod: (pod.proc, pod.name),
    "ready": lambda pod: (pod.ready - pod.containers, pod.name),
    "state": lambda pod: (-pod.severity, pod.state, pod.name),
    "restarts": lambda pod: (-pod.restarts, pod.name),
    "age": lambda pod: (-(pod.created or _LONG_AGO).timestamp(), pod.name),
    "cpu": lambda pod: (-(pod.cpu.used or 0.0), pod.name),
    "memory": lambda pod: (-(pod.memory.used or 0.0), pod.name),
    "node": lambda pod: (pod.node, pod.name),
    "image": lambda pod: (pod.image_tag, pod.name),
}


def arrange(procs: Collection[ProcRow], how: Arrangement) -> list[Row]:
    """The rows in the order they are shown; linear in the pods, but for the sort."""
    if not how.grouped:
        return _flat(procs, how)
    rows: list[Row] = []
    narrowed = bool(how.filter) or how.faults_only
    for proc in procs:
        key = proc_key(proc)
        pods = _pods(proc.pods, how)
        if narrowed and not pods and not (how.faults_only and not how.filter and _faulty(proc)):
            continue
        folded = key in how.folded
        rows.append(Row(key, proc, None, folded))
        if not folded:
            rows.extend([Row(pod.uid, proc, pod) for pod in pods])
    return rows


def _flat(procs: Collection[ProcRow], how: Arrangement) -> list[Row]:
    owner = {pod.uid: proc for proc in procs for pod in proc.pods}
    pods = _pods([pod for proc in procs for pod in proc.pods], how)
    return [Row(pod.uid, owner[pod.uid], pod) for pod in pods]


def _pods(pods: Collection[PodRow], how: Arrangement) -> Collection[PodRow]:
    if how.faults_only:
        pods = [pod for pod in pods if pod.severity >= Severity.RISK]
    if test := how.filter.test:
        pods = [pod for pod in pods if test(pod)]
    if order := SORT_KEYS.get(how.sort):
        pods = sorted(pods, key=order, reverse=how.descending)
    return pods


def _faulty(proc: ProcRow) -> bool:
    return proc.severity >= Severity.RISK


def proc_key(proc: ProcRow) -> str:
    """A proc may have the name of another kind's; a Kubernetes object has one uid, when it is known."""
    return proc.uid or f"{proc.kind}/{proc.resource}"
