"""Restarting: new pods for procs, one by one, by a rollout, or all at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self

from lain_tui.core.errors import LainError
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import NotFound, TooManyRequests
from lain_tui.core.kube.resources import DAEMONSETS, DEPLOYMENTS, PODS, STATEFULSETS, Kind
from lain_tui.core.model.plan import Check, Outcome, Plan, Step
from lain_tui.core.model.status import SERVING, PodRow, ProcRow, Severity
from lain_tui.core.model.text import counted, listed, spell
from lain_tui.core.operations.budgets import budget_checks
from lain_tui.core.operations.operation import begun, done, failed, refuse, subject_of, told, typed_name
from lain_tui.core.operations.wait import STEADY, TIMEOUT, follow, hold_on, looking, stay_up
from lain_tui.core.status.board import StatusBoard
from lain_tui.core.target import Target

RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
"""The pod template's annotation that `kubectl rollout restart` sets."""
_BUDGET_PAUSE = 2.0
"""Seconds between two tries while a disruption budget forbids an eviction."""

_KINDS: dict[str, Kind[Any]] = {kind.name: kind for kind in (DEPLOYMENTS, STATEFULSETS, DAEMONSETS)}


class Way(StrEnum):
    """How pods are replaced."""

    GRACEFUL = "graceful"
    """One pod after the other, each time waiting until all are ready; stops at the first that does not come back.

    Where nothing probes a proc's pods, its first new one must stay up for a moment before the others go; in the other
    two ways all of them must, once they are ready.
    """
    ROLLOUT = "rollout"
    """The controllers replace them as for a new version (`kubectl rollout restart`)."""
    AT_ONCE = "at once"
    """Every pod is deleted now."""


class Restart:
    """New pods for procs of an app. Made by `prepare`."""

    def __init__(
        self,
        kube: KubeClient,
        target: Target,
        way: Way,
        rows: Sequence[tuple[ProcRow, PodRow]],
        timeout: float,
        steady: float,
        checks: tuple[Check, ...] = (),
    ) -> None:
        self._kube = kube
        self._steady = steady
        self._target = target
        self._way = way
        self._rows = rows
        self._procs = list(dict.fromkeys(proc.name for proc, _ in rows))
        self._timeout = timeout
        self._plan = self._make_plan(checks)

    @classmethod
    async def prepare(
        cls,
        kube: KubeClient,
        target: Target,
        *,
        procs: Collection[str] = (),
        pods: Collection[str] = (),
        way: Way = Way.GRACEFUL,
        timeout: float = TIMEOUT,
        steady: float = STEADY,
    ) -> Self:
        """Plan to restart the pods named, else those of the procs named, else all of the app's.

        `timeout` is the seconds that each wait may take, `steady` those for which a pod without a readiness probe is
        looked at. Raises LainError for a proc or pod that is not there.
        """
        async with looking(kube, target) as board:
            view = await board.first_view()
        serving = [row for row in view.procs if row.kind in SERVING]
        known = {row.name for row in serving}
        if missing := sorted(set(procs) - known):
            raise LainError(
                f"{target.app} has no proc {listed(missing, last='or')}",
                hint=f"It has {listed(sorted(known), most=8)}." if known else "It is not deployed.",
            )
        all_rows = [(row, pod) for row in serving for pod in row.pods if pod.state != "Terminating"]
        if missing := sorted(set(pods) - {pod.name for _, pod in all_rows}):
            raise LainError(f"there is no running pod {listed(missing, last='or')} of {target.app}")
        chosen = [
            (row, pod)
            for row, pod in all_rows
            if (pod.name in pods if pods else not procs or row.name in procs)
        ]
        # The broken ones first: restarting them costs nobody anything.
        chosen.sort(key=lambda pair: (pair[0].name, -pair[1].severity))
        checks: tuple[Check, ...] = ()
        if way is Way.GRACEFUL and not target.read_only:
            checks = await budget_checks(kube, chosen, timeout)
        if not chosen:
            empty = listed(sorted(procs)) or target.app
            have = "have" if len(procs) > 1 else "has"
            checks = (Check(what="there is a pod to restart", outcome=Outcome.FAILED, detail=f"{empty} {have} none",
                            hint="lain-tui status shows what is there."),)  # fmt: skip
        return cls(kube, target, way, chosen, timeout, steady, checks)

    @property
    def plan(self) -> Plan:
        return self._plan

    def _make_plan(self, checks: tuple[Check, ...]) -> Plan:
        if self._way is Way.ROLLOUT:
            calls = tuple(f"rollout restart {row.kind} {row.resource}" for row in self._workloads())
        else:
            word = "evict" if self._way is Way.GRACEFUL else "delete"
            calls = tuple(f"{word} pod {pod.name}" for _, pod in self._rows)
        single = [row.name for row in self._workloads() if row.desired == 1]
        notes = []
        if self._way is Way.GRACEFUL:
            notes.append("One pod after the other; the first that does not come back stops it.")
        if single and self._way is not Way.ROLLOUT:
            has = "have one pod each" if len(single) > 1 else "has one pod only"
            notes.append(f"{listed(single, most=8)} {has}: it is away until the new one is ready.")
        return Plan(
            verb="restart",
            subject=f"{listed(self._procs) or 'nothing'} of {subject_of(self._target)}",
            calls=calls,
            checks=checks,
            notes=tuple(notes),
            typed=typed_name(self._target),
        )

    def _workloads(self) -> list[ProcRow]:
        return list({row.uid: row for row, _ in self._rows}.values())

    async def run(self) -> AsyncIterator[Step]:
        """Restart. Raises Refused, KubeError, and NotReady for what does not come back."""
        refuse(self._target, self._plan)
        if self._way is Way.ROLLOUT:
            async for step in self._roll():
                yield step
        elif self._way is Way.AT_ONCE:
            async for step in self._delete_all():
                yield step
        else:
            async for step in self._one_by_one():
                yield step

    async def _roll(self) -> AsyncIterator[Step]:
        # Finer than kubectl's seconds: a second restart within one would change nothing, and be none.
        stamp = datetime.now(UTC).isoformat()
        patch = {"spec": {"template": {"metadata": {"annotations": {RESTARTED_AT: stamp}}}}}
        for row in self._workloads():
            what = f"rollout restart {row.resource}"
            yield begun(what)
            await self._kube.patch(
                _KINDS[row.kind], row.resource, patch, self._target.namespace, type="strategic"
            )
            yield done(what)
        async for step in self._get_ready():
            yield step

    async def _delete_all(self) -> AsyncIterator[Step]:
        gone = []
        for _, pod in self._rows:
            what = f"delete {pod.name}"
            yield begun(what)
            try:
                await self._kube.delete(PODS, pod.name, pod.namespace, uid=pod.uid)
            except NotFound:
                yield done(what, "it was gone already")
            else:
                yield done(what)
            gone.append(pod.uid)
        async for step in self._get_ready(gone):
            yield step

    async def _get_ready(self, gone: Collection[str] = ()) -> AsyncIterator[Step]:
        async with looking(self._kube, self._target) as board:
            async for step in follow(board, self._procs, timeout=self._timeout, except_pods=gone):
                yield step
            async for step in hold_on(board, self._procs, seconds=self._steady):
                yield step

    async def _one_by_one(self) -> AsyncIterator[Step]:
        async with looking(self._kube, self._target) as board:
            await board.first_view()
            gone: list[str] = []
            steady: set[str] = set()
            left = len(self._rows)
            for row, pod in self._rows:
                what = f"evict {pod.name}"
                yield begun(what, f"{left} to go" if left > 1 else "the last one")
                left -= 1
                rest = (
                    f"; {counted(left, 'pod')} left as {'they are' if left > 1 else 'it is'}" if left else ""
                )
                try:
                    async for step in self._evict(what, pod):
                        yield step
                except LainError:
                    yield failed(what, f"it is not evicted{rest}")
                    raise
                gone.append(pod.uid)
                # Others of the proc that are broken and still to be restarted must not end the wait.
                waiting = {other.uid for owner, other in self._rows if owner.uid == row.uid} - set(gone)
                broken = {uid for uid in waiting if _is_broken(board, uid)}
                if broken:
                    yield done(what, f"nobody waits for its replacement yet: more of {row.name} is broken")
                    continue
                try:
                    async for step in follow(board, [row.name], timeout=self._timeout, except_pods=gone):
                        if step.state != "done":
                            yield told(what, step.detail)
                except LainError:
                    yield failed(what, f"its replacement does not get ready{rest}")
                    raise
                if not pod.probed and row.uid not in steady:
                    # The first of them answers for the others.
                    steady.add(row.uid)
                    yield told(what, "its replacement runs, and nothing probes it: looking on for a moment")
                    try:
                        await stay_up(board, [row.name], self._steady)
                    except LainError:
                        yield failed(what, f"its replacement does not stay up{rest}")
                        raise
                yield done(what, "its replacement is ready")

    async def _evict(self, what: str, pod: PodRow) -> AsyncIterator[Step]:
        """Evict one pod, waiting while a disruption budget forbids it."""
        end = time.monotonic() + self._timeout
        said = False
        while True:
            try:
                await self._kube.evict(pod.name, pod.namespace, uid=pod.uid)
                return
            except NotFound:
                yield told(what, "it was gone already")
                return
            except TooManyRequests as error:
                if time.monotonic() > end:
                    raise LainError(
                        f"{pod.name} was not to be evicted for {spell(self._timeout)}: {error.what}",
                        hint="A rollout (restart --rollout) does not ask budgets.",
                    ) from None
                if not said:
                    said = True
                    yield told(what, f"waits: {error.what}")
                await asyncio.sleep(_BUDGET_PAUSE)


def _is_broken(board: StatusBoard, uid: str) -> bool:
    return any(pod.uid == uid and pod.severity is Severity.BROKEN for pod in board.view().pods)
