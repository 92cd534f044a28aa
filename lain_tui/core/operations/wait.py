"""Waiting for an app's rollout, truthfully.

A proc is ready when its controller has seen the newest spec, every replica is new and available, and as many pods
that are not being deleted are ready. A pod that cannot start ends the wait at once; so does the time-out, as an error.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from contextlib import asynccontextmanager

from lain_tui.core.errors import LainError
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.store import Store
from lain_tui.core.model.plan import Step
from lain_tui.core.model.status import SERVING, PodRow, ProcRow, Severity, StatusView
from lain_tui.core.model.text import listed, spell
from lain_tui.core.operations.operation import begun, done, failed, told
from lain_tui.core.status.board import StatusBoard
from lain_tui.core.target import Target

TIMEOUT = 300.0
"""Seconds that a rollout is given when nobody says otherwise."""
EVIDENCE = 5.0
"""Seconds that the evidence for a failure may take."""

STEADY = 6.0
"""Seconds after which a pod that nothing probes has shown that it does not crash at its start."""

_NEVER = 1e6
"""Seconds between two looks at what a wait has no use for."""

_CANNOT_START = frozenset({
    "CrashLoopBackOff", "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull",
    "CreateContainerConfigError", "CreateContainerError", "RunContainerError", "Error", "OOMKilled",
    "StartError", "ContainerCannotRun",
})  # fmt: skip
"""States of a pod, with or without `Init:`, that do not become ready by waiting."""
_HAS_RUN = frozenset({"CrashLoopBackOff", "Error", "OOMKilled"})
"""Those in which it has a log."""


class NotReady(LainError):
    """The rollout did not come to its end: a pod cannot start, or the time is over."""

    def __init__(self, what: str, *, proc: str, pod: str = "", hint: str = "") -> None:
        super().__init__(what, hint=hint)
        self.proc = proc
        self.pod = pod
        """The pod that cannot start; empty when the time ran out."""


async def rollout(
    kube: KubeClient,
    target: Target,
    procs: Collection[str] = (),
    *,
    timeout: float = TIMEOUT,
    steady: float = STEADY,
    on_ready: Callable[[], None] = lambda: None,
) -> AsyncIterator[Step]:
    """Tell how each proc gets ready, until all are; all of the app's when none is named.

    It looks with fresh lists, so that a change made before the call is seen. Once they are ready `on_ready` is called,
    and where nothing probes the pods it looks on for `steady` seconds more. Raises NotReady, and LainError for a proc
    that the app does not have.
    """
    async with looking(kube, target) as board:
        async for step in follow(board, procs, timeout=timeout):
            yield step
        on_ready()
        async for step in hold_on(board, procs, seconds=steady):
            yield step


@asynccontextmanager
async def looking(kube: KubeClient, target: Target) -> AsyncIterator[StatusBoard]:
    """The app's living picture, listed afresh; its URLs are asked once at most."""
    async with Store(kube) as store, StatusBoard(kube, store, target, urls_beat=_NEVER) as board:
        yield board


async def follow(
    board: StatusBoard,
    procs: Collection[str] = (),
    *,
    timeout: float = TIMEOUT,
    except_pods: Collection[str] = (),
) -> AsyncIterator[Step]:
    """As `rollout`, on a board that is open already; pods whose uids are in `except_pods` do not count as ready."""
    end = time.monotonic() + timeout
    said: dict[str, str] = {}
    while True:
        seen = board.version
        view = board.view()
        if view.synced:
            rows = _chosen(view, procs)
            for row in rows:
                for step in _news(row, said, except_pods):
                    yield step
            for row in rows:
                if (culprit := _culprit(row, except_pods)) is not None:
                    why = await _why(board, row, culprit)
                    yield failed(row.name, str(why.what))
                    raise why
            if all(is_ready(row, except_pods) for row in rows):
                return
        left = end - time.monotonic()
        try:
            async with asyncio.timeout(max(0.0, left)):
                await board.changed(seen)
        except TimeoutError:
            raise _late(view, procs, timeout, except_pods) from None


async def hold_on(
    board: StatusBoard, procs: Collection[str] = (), *, seconds: float = STEADY
) -> AsyncIterator[Step]:
    """Once the procs are ready (all of the app's when none is named), look on where nothing probes the pods.

    Raises NotReady.
    """
    rows = (await board.first_view()).procs
    loose = [
        row.name
        for row in rows
        if row.kind in SERVING
        and (not procs or row.name in procs)
        and not all(pod.probed for pod in row.pods)
    ]
    if not loose:
        return
    what = f"{listed(loose, most=8)} {'stay' if len(loose) > 1 else 'stays'} up"
    them = "them" if len(loose) > 1 else "it"
    yield begun(what, f"nothing probes {them}: looking on for {spell(seconds)}")
    try:
        await stay_up(board, loose, seconds)
    except NotReady as failure:
        yield failed(what, failure.what)
        raise
    yield done(what)


async def stay_up(board: StatusBoard, procs: Collection[str], seconds: float) -> None:
    """Look on for some seconds; raises NotReady as soon as a pod of the procs crashes.

    A container without a readiness probe is ready the moment it begins, whatever becomes of it.
    """
    before = {pod.uid: pod.restarts for pod in board.view().pods}

    def crashed() -> tuple[ProcRow, PodRow] | None:
        for row in board.view().procs:
            for pod in row.pods if row.name in procs and row.kind in SERVING else ():
                if pod.restarts > before.get(pod.uid, 0):
                    return row, pod
        return None

    await board.until(lambda: crashed() is not None, seconds)
    if (found := crashed()) is not None:
        row, pod = found
        raise await _why(board, row, pod, crashed=True)


def is_ready(row: ProcRow, except_pods: Collection[str] = ()) -> bool:
    """The proc is as its newest spec wants it; pods in `except_pods` are about to go and do not count."""
    ready = sum(_is_up(pod) for pod in row.pods if pod.uid not in except_pods)
    return row.settled and ready >= row.desired


def _is_up(pod: PodRow) -> bool:
    return pod.state == "Running" and pod.ready == pod.containers


def _chosen(view: StatusView, procs: Collection[str]) -> list[ProcRow]:
    rows = [row for row in view.procs if row.kind in SERVING]
    if not procs:
        if not rows:
            raise LainError(
                f"there is nothing of {view.app} to wait for in namespace {view.namespace}",
                hint="Deploy it first.",
            )
        return rows
    known = {row.name: row for row in rows}
    missing = [name for name in procs if name not in known]
    if missing:
        raise LainError(
            f"{view.app} has no proc {listed(missing, last='or')}",
            hint=f"It has {listed(sorted(known), most=8)}." if known else "It is not deployed.",
        )
    return [known[name] for name in procs]


def _news(row: ProcRow, said: dict[str, str], except_pods: Collection[str]) -> Iterable[Step]:
    ready = is_ready(row, except_pods)
    # What goes was ready a moment ago, and the controller has not noticed yet.
    words = row.summary if ready or not row.settled else "the new pods are not there yet"
    if said.get(row.name) == words:
        return
    first = row.name not in said
    said[row.name] = words
    if ready:
        yield done(row.name, words)
    else:
        yield begun(row.name, words) if first else told(row.name, words)


def _culprit(row: ProcRow, except_pods: Collection[str]) -> PodRow | None:
    """A pod of the newest revision that will not start by waiting."""
    for pod in row.pods:
        state = pod.state.removeprefix("Init:")
        if state in _CANNOT_START and not pod.outdated and pod.uid not in except_pods:
            return pod
    return None


async def _why(board: StatusBoard, row: ProcRow, pod: PodRow, *, crashed: bool = False) -> NotReady:
    """The failure in the words of its finding, with the evidence when it comes in time.

    One that has `crashed` may be started again by now: until it crashes once more its finding says no more than that.
    """

    def is_told() -> bool:
        # Asked again and again: the first answer may only begin to fetch what the next one says.
        finding = board.finding(pod.uid)
        if finding is None or board.fetching:
            return False
        return not crashed or finding.severity is Severity.BROKEN

    await board.until(is_told, EVIDENCE)
    finding = board.finding(pod.uid)
    if finding is None:
        return NotReady(f"{row.name} cannot start: {pod.state}", proc=row.name, pod=pod.name)
    title = finding.title
    if crashed and finding.severity is not Severity.BROKEN:
        title = f"{row.name} crashed after its start"
    words = "; ".join(part.rstrip(".") for part in (title, *finding.explanation[:2]))
    has_run = crashed or pod.state.removeprefix("Init:") in _HAS_RUN
    hint = f"lain-tui logs {row.name} shows the whole log." if has_run else ""
    return NotReady(words, proc=row.name, pod=pod.name, hint=hint)


def _late(
    view: StatusView, procs: Collection[str], timeout: float, except_pods: Collection[str]
) -> LainError:
    limit = spell(timeout)
    if not view.synced:
        return LainError(f"the cluster did not answer within {limit}", hint=view.link.reason)
    rows = [row for row in _chosen(view, procs) if not is_ready(row, except_pods)]
    state = listed([f"{row.name}: {row.summary}" for row in rows])
    return NotReady(
        f"not ready after {limit}: {state}",
        proc=rows[0].name if rows else "",
        hint="lain-tui status shows why.",
    )
