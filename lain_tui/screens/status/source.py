"""The Status screen's data and deeds on a real cluster."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.model.finding import Remedy
from lain_tui.core.model.status import Link, PodRow
from lain_tui.core.model.text import counted
from lain_tui.core.target import Target
from lain_tui.screens.session import Session
from lain_tui.widgets.canvas import Line
from lain_tui.widgets.pod_rows import Row
from lain_tui.widgets.tones import TONES

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen

    from lain_tui.core.config.settings import Settings
    from lain_tui.core.kube.resources import Kind
    from lain_tui.core.model.description import Description
    from lain_tui.core.status.board import StatusBoard
    from lain_tui.screens.hosting import HostApp


class ClusterSource:
    """Asks the cluster through the session that all screens share. Core is imported once it is needed."""

    def __init__(self, session: Session, target: Target, settings: Settings) -> None:
        self.target = target
        self._session = session
        self._settings = settings
        self._board: StatusBoard | None = None

    @asynccontextmanager
    async def board(self) -> AsyncIterator[StatusBoard]:
        kube, store = await self._session.opened()
        from lain_tui.core.status.board import StatusBoard

        beats = self._settings.beats
        async with StatusBoard(
            kube, store, self.target, metrics_beat=beats.metrics, urls_beat=beats.urls
        ) as board:
            self._board = board
            yield board

    def link(self) -> Link:
        return self._session.link

    async def link_changed(self) -> None:
        await self._session.changed()

    def retry_now(self) -> None:
        self._session.retry_now()

    async def describe(self, row: Row) -> list[Line]:
        return described(await self._opened().describe(*self._place(row)))

    async def yaml(self, row: Row) -> str:
        return await self._opened().yaml(*self._place(row))

    def logs_screen(self, row: Row, pods: Collection[str] = (), *, previous: bool) -> Screen[None]:
        """The Logs screen of the pods named, else of a row's pod, or of all of its proc's pods."""
        from lain_tui.core.logs.containers import LogScope
        from lain_tui.screens.logs.screen import LogsScreen
        from lain_tui.screens.logs.source import ClusterLogs

        pod = row.pod
        if pods:
            scope, subject = LogScope(pods=frozenset(pods)), counted(len(pods), "pod")
        elif pod is not None:
            scope, subject = LogScope(pods=frozenset({pod.name})), pod.name
        else:
            scope = LogScope(procs=frozenset({row.proc.name}))
            subject = f"{self.target.app} {row.proc.name}"
        settings = self._settings.logs
        return LogsScreen(
            ClusterLogs(self._session, self.target),
            scope,
            subject=subject,
            previous=previous,
            capacity=settings.lines,
            tail=settings.tail,
        )

    def place(self, id: str, row: Row | None, remedy: Remedy | None = None) -> Screen[Any]:
        from lain_tui.screens.places import Context, open_place

        return open_place(id, Context(self._session, self.target, self._settings, row, remedy, self._asked))

    def _asked(self) -> tuple[Remedy, ...]:
        """The settings that are missing, of each proc one unhealthy pod of a kind: the others ask for the same."""
        if self._board is None:
            return ()
        return tuple(
            msgspec.structs.replace(remedy, arguments={**remedy.arguments, "proc": proc.name})
            for proc in self._board.view().procs
            for pod in {(pod.state, pod.detail): pod for pod in proc.pods}.values()
            if (finding := self._board.finding(pod.uid)) is not None
            for remedy in finding.remedies
            if "key" in remedy.arguments
        )

    async def delete(self, pod: PodRow) -> None:
        from lain_tui.core.kube.resources import PODS

        # The uid as a precondition: a pod of the same name that came meanwhile is another one.
        await self._session.kube.delete(PODS, pod.name, pod.namespace, uid=pod.uid)

    async def open_shell(self, app: HostApp, name: str) -> str:
        from lain_tui.screens.shell import open_shell

        return await open_shell(app, self._session.kube, self.target, name)

    async def copy(self, app: App[Any], name: str) -> None:
        from lain_tui.screens.copy import ask_to_copy

        await ask_to_copy(app, self._session, self.target, name)

    async def restart(self, app: App[Any], *, procs: Collection[str], pods: Collection[str]) -> None:
        from lain_tui.screens.restart import ask_to_restart

        await ask_to_restart(app, self._session, self.target, procs=procs, pods=pods)

    def _opened(self) -> StatusBoard:
        if self._board is None:
            raise LainError("not connected yet")
        return self._board

    def _place(self, row: Row) -> tuple[Kind[Any], str, str]:
        """The kind, name and namespace of a row's object."""
        from lain_tui.core.kube.resources import PODS, WATCHED

        if row.pod is not None:
            return PODS, row.pod.name, row.pod.namespace
        kind = next(kind for kind in WATCHED if kind.name == row.proc.kind)
        return kind, row.proc.resource, self.target.namespace


def described(description: Description) -> list[Line]:
    """A description as lines: sections with their keys aligned."""
    lines: list[Line] = []
    for section in description.sections:
        if lines:
            lines.append([])
        if section.title:
            lines.append([(section.title, "accent strong")])
        column = min(24, max((len(line.key) for line in section.lines), default=0))
        # A line without a key goes on with the list above it.
        lines += [
            [
                (f"  {line.key.ljust(column)}  ", "quiet"),
                (line.value, line.tone if line.tone in TONES else ""),
            ]
            for line in section.lines
        ]
    return lines
