"""Following an app's state until there is a whole picture to print, or for as long as somebody looks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from lain_tui.cli.session import Session
from lain_tui.cli.status_report import Report
from lain_tui.core.insight.links import links as links_of
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.store import Store
from lain_tui.core.model.finding import Finding
from lain_tui.core.model.status import Severity, StatusView
from lain_tui.core.status.board import StatusBoard
from lain_tui.core.target import Target

DETAILS = 5.0
"""Seconds that URLs, figures and logs may take once the pods are known; then what is there is printed."""
REFRESH = 1.0
"""Seconds between two pictures while somebody looks."""
MOST_FINDINGS = 5


async def look_once(here: Session, target: Target, *, links: bool) -> Report:
    """One whole picture; raises LainError when the cluster cannot be asked."""
    async with _board(here, target) as board:
        await board.first_view()
        await board.until(lambda: _complete(board), DETAILS)
        return _report(board, target, links=links)


async def look_on(here: Session, target: Target, *, links: bool) -> AsyncIterator[Report]:
    """A picture whenever something changed, at most one a second."""
    async with _board(here, target) as board:
        await board.first_view()
        while True:
            seen = board.version
            yield _report(board, target, links=links)
            await asyncio.sleep(REFRESH)
            await board.changed(seen)


@contextlib.asynccontextmanager
async def _board(here: Session, target: Target) -> AsyncIterator[StatusBoard]:
    beats = here.settings.beats
    async with (
        KubeClient.open(target, on_request=here.on_request) as kube,
        Store(kube) as store,
        StatusBoard(kube, store, target, metrics_beat=beats.metrics, urls_beat=beats.urls) as board,
    ):
        yield board


def _complete(board: StatusBoard) -> bool:
    view = board.view()
    _findings(board, view)  # asks for their evidence
    return all(url.checked is not None for url in view.urls) and not board.fetching


def _findings(board: StatusBoard, view: StatusView) -> tuple[Finding, ...]:
    """Why each proc that needs a look does: one finding a proc, of its worst pod."""
    found: dict[tuple[str, str], Finding] = {}
    for proc in sorted(view.procs, key=lambda proc: -proc.severity):
        if proc.severity < Severity.RISK:
            break
        worst = max(proc.pods, key=lambda pod: pod.severity, default=None)
        for uid in (worst.uid if worst is not None else "", proc.uid):
            finding = board.finding(uid) if uid else None
            if finding is not None:
                found.setdefault((finding.code, proc.uid), finding)
                break
    return tuple(found.values())[:MOST_FINDINGS]


def _report(board: StatusBoard, target: Target, *, links: bool) -> Report:
    view = board.view()
    return Report(
        view=view,
        findings=_findings(board, view),
        links=links_of(target) if links else (),
        now=datetime.now(UTC),
    )
