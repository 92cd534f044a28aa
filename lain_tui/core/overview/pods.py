"""Pods of all namespaces that need somebody, by what ails them and whose they are.

What counts as bad carries over from lain-cli: not completed, and (not all ready, or not Running, or more than 10
restarts); a pod that has only begun gets some time first (see `core/status/severity.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable
from datetime import datetime

from lain_tui.core.model.overview import Problem, Topic
from lain_tui.core.model.pod import Pod
from lain_tui.core.model.status import PodRow, Severity
from lain_tui.core.model.text import LONG_AGO, plain
from lain_tui.core.model.workload import Job, ReplicaSet
from lain_tui.core.status.owners import Owners
from lain_tui.core.status.pods import PodRows
from lain_tui.core.status.severity import LEFT_OVER
from lain_tui.core.turns import batches, drain

APP_LABEL = "app.kubernetes.io/name"
MOST_LINES = 40
"""Pods named under one problem."""


class BadPods:
    """Finds them; a pod that did not change costs nothing the next time."""

    def __init__(self) -> None:
        self._rows = PodRows()
        self.changes_at: datetime | None = None
        """When the answer changes by itself, as pods grow older."""

    def problems(
        self,
        pods: Collection[Pod],
        replica_sets: Iterable[ReplicaSet],
        jobs: Iterable[Job],
        now: datetime,
    ) -> tuple[list[Problem], int]:
        """The problems, the worst first, and how many pods they have struck."""
        return drain(self.steps(pods, replica_sets, jobs, now))

    def steps(
        self,
        pods: Collection[Pod],
        replica_sets: Iterable[ReplicaSet],
        jobs: Iterable[Job],
        now: datetime,
    ) -> Generator[None, None, tuple[list[Problem], int]]:
        """`problems`, pausing every few pods."""
        owners = Owners(replica_sets, jobs)
        struck: dict[tuple[str, str, str, str], list[tuple[Pod, PodRow]]] = {}
        self._rows.begin()
        for batch in batches(pods):
            for pod in batch:
                row = self._rows.row(pod, "", "", None, now)
                if row.severity < Severity.RISK:
                    continue
                namespace, app = pod.metadata.namespace, pod.metadata.label(APP_LABEL)
                if not app:
                    owner = owners.of(pod.metadata)
                    app = owner.name if owner is not None else pod.metadata.name
                struck.setdefault((row.state, _cause(row), namespace, app), []).append((pod, row))
            yield
        self.changes_at = self._rows.end()
        yield
        found = [_problem(*key, group) for key, group in struck.items()]
        found.sort(key=lambda problem: (-problem.severity, -problem.count, problem.where))
        return found, sum(problem.count for problem in found)


def _cause(row: PodRow) -> str:
    """What tells two troubles of the same state apart; not what differs from pod to pod."""
    return "" if row.state in LEFT_OVER else row.detail


def _problem(state: str, cause: str, namespace: str, app: str, group: list[tuple[Pod, PodRow]]) -> Problem:
    rows = [row for _, row in group]
    left_over = state in LEFT_OVER
    worst = max(rows, key=lambda row: (row.severity, row.restarts))
    title = f"{state}, {cause}" if cause else state
    if state == "Running" and not cause:
        title = "restarting" if worst.last_restart is not None else "near its memory limit"
    labelled = group[0][0].metadata.label(APP_LABEL)
    lines = []
    for row in sorted(rows, key=lambda row: row.name)[:MOST_LINES]:
        restarts = f", {row.restarts} restarts" if row.restarts else ""
        node = f" on {row.node}" if row.node else ""
        lines.append(f"{row.name}  {row.ready}/{row.containers}{restarts}{node}")
    if len(rows) > MOST_LINES:
        lines.append(f"and {len(rows) - MOST_LINES} more")
    return Problem(
        key=f"pods/{namespace}/{app}/{state}/{cause}",
        topic=Topic.PODS,
        severity=Severity.DONE if left_over else worst.severity,
        title=f"{title}: records that may be deleted" if left_over else title,
        where=plain(f"{namespace}/{app}"),
        count=len(rows),
        since=min((row.created or LONG_AGO for row in rows), default=None),
        lines=tuple(lines),
        namespace=namespace,
        app=labelled,
        kind="Pod",
        name=worst.name,
        struck=tuple(sorted(row.name for row in rows)),
    )
