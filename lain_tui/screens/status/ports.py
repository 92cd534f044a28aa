"""What the Status screen asks of the world: fulfilled by core on a cluster, and by fixed pictures in tests."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from textual.app import App
from textual.screen import Screen

from lain_tui.core.model.finding import Finding, Remedy
from lain_tui.core.model.status import Link, PodRow, StatusView
from lain_tui.core.target import Target
from lain_tui.widgets.canvas import Line
from lain_tui.widgets.pod_rows import Row


class Board(Protocol):
    """What the screen asks of core's StatusBoard."""

    @property
    def version(self) -> int: ...
    def view(self) -> StatusView: ...
    def finding(self, uid: str = "") -> Finding | None: ...
    def worst(self) -> str: ...
    async def changed(self, seen: int) -> int: ...
    def retry_now(self) -> None: ...


class Source(Protocol):
    """Where the screen's data comes from, and what its verbs act on."""

    target: Target

    def board(self) -> AbstractAsyncContextManager[Board]:
        """The picture; entering waits until there is a connection to ask."""

    def link(self) -> Link:
        """The state of the connection while there is no picture yet."""

    async def link_changed(self) -> None: ...
    def retry_now(self) -> None: ...
    async def describe(self, row: Row) -> list[Line]: ...
    async def yaml(self, row: Row) -> str: ...
    def logs_screen(self, row: Row, pods: Collection[str] = (), *, previous: bool) -> Screen[None]:
        """The log of the pods named, else of the row."""

    def place(self, id: str, row: Row | None, remedy: Remedy | None = None) -> Screen[Any]:
        """The screen behind a verb of `places`, gone to from that row, to do what a finding proposes."""

    async def delete(self, pod: PodRow) -> None: ...
    async def open_shell(self, app: Any, name: str) -> str:
        """A shell in the pod or proc named; returns how it ended."""

    async def copy(self, app: App[Any], name: str) -> None:
        """Ask what to copy into or out of the pod or proc named, plan and do it."""

    async def restart(self, app: App[Any], *, procs: Collection[str], pods: Collection[str]) -> None:
        """Ask how, plan, and restart the pods named, else the procs."""
