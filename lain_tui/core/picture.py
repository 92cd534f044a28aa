"""A picture of the cluster that keeps itself up: made anew when something behind it changed and somebody waits for it.

What `StatusBoard` (one app) and `OverviewBoard` (the whole cluster) have in common.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Generator
from datetime import UTC, datetime
from typing import Any, Generic, Protocol, TypeVar

from lain_tui.core.errors import LainError
from lain_tui.core.kube.change import Change
from lain_tui.core.model.status import Link
from lain_tui.core.model.text import spell
from lain_tui.core.turns import in_turns

FIRST = 30.0
"""Seconds until a cluster's silence counts as a failure."""
_SHARE = 9
"""How many times as much processor time as a picture took passes before the next one."""
_IDLE = 60.0
"""Seconds after which a picture is made though nothing came: durations in words grow."""


class View(Protocol):
    """What every picture tells of itself."""

    @property
    def synced(self) -> bool: ...
    @property
    def link(self) -> Link: ...


class Changing(Protocol):
    """Something behind the picture: a store, the metrics or the URLs."""

    @property
    def version(self) -> int: ...
    async def changed(self, seen: int) -> int: ...


T = TypeVar("T")
V = TypeVar("V", bound=View)


class LivingPicture(ABC, Generic[V]):
    """Subclasses make the picture; this decides when. Belongs to one event loop."""

    FRAME = 0.05
    """Seconds between two pictures at least."""

    def __init__(self, blank: V) -> None:
        """`blank` is what is shown before the first answers."""
        self._view = blank
        self._change = Change()
        self._news = asyncio.Event()
        self._lookers = 0
        self._looked_at = asyncio.Event()
        self._waited = 0.0
        """Seconds of the present picture's making that were others' turns."""
        self._bug: BaseException | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @abstractmethod
    async def _picture(self) -> None:
        """Make the picture anew, and `_show` it where it differs; what takes long, `_in_turns`."""

    def _changes_at(self) -> datetime | None:
        """When the picture changes by itself; None when only news change it."""
        return None

    def _show(self, view: V, *, news: bool = False) -> None:
        """Take the picture; tell if it differs from the last one, or with `news` anyhow."""
        if news or view != self._view:
            self._view = view
            self._change.tell()

    def _start(self, name: str, *behind: Changing) -> None:
        """Make the first picture, and keep it up with what is behind it."""
        self._news.set()
        self._spawn(f"{name} pictures", self._keep_up())
        for one in behind:
            self._spawn(f"{name} {type(one).__name__.lower()}", self._listen(one, one.version))

    def _spawn(self, name: str, run: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(run, name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    async def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- what is shown

    def view(self) -> V:
        """The last picture; there is one at once, not `synced` before the first answers."""
        return self._view

    @property
    def version(self) -> int:
        """Grows with every new picture, and with whatever else is worth another look."""
        return self._change.count

    async def changed(self, seen: int) -> int:
        """Wait until `version` differs from `seen`, and return it. While nobody waits, no picture is made."""
        self._lookers += 1
        self._looked_at.set()
        try:
            if self._bug is None:
                seen = await self._change.since(seen)
        finally:
            self._lookers -= 1
            if not self._lookers:
                self._looked_at.clear()
        if self._bug is not None:
            raise self._bug
        return seen

    async def until(self, holds: Callable[[], bool], timeout: float) -> bool:
        """Wait for a picture of which something holds; False when that took longer than `timeout` seconds."""
        end = time.monotonic() + timeout
        while not holds():
            try:
                async with asyncio.timeout(max(0.0, end - time.monotonic())):
                    await self.changed(self.version)
            except TimeoutError:
                return False
        return True

    async def first_view(self, timeout: float = FIRST) -> V:
        """The first whole picture; raises LainError when the cluster has not answered within `timeout` seconds."""
        if not await self.until(self._answered_or_away, timeout):
            raise LainError(f"the cluster did not answer within {spell(timeout)}")
        if not self._view.synced:
            raise LainError(self._view.link.reason)
        return self._view

    def _answered_or_away(self) -> bool:
        link = self._view.link
        return self._view.synced or (not link.live and link.retry_at is not None)

    # -- keeping up

    async def _listen(self, one: Changing, seen: int) -> None:
        while True:
            seen = await one.changed(seen)
            self._news.set()

    async def _keep_up(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._patience()):
                    await self._news.wait()
            except TimeoutError:
                pass
            await self._looked_at.wait()
            self._news.clear()
            start, self._waited = time.thread_time(), 0.0
            await self._picture()
            took = time.thread_time() - start - self._waited
            # The first whole picture is waited for: it comes with the last answer, not up to a frame after it.
            await asyncio.sleep(max(self.FRAME, took * _SHARE) if self._view.synced else took)

    async def _in_turns(self, steps: Generator[None, None, T]) -> T:
        """The answer of a generator, so that others have their turn at its pauses."""
        return await in_turns(steps, self._wait)

    def _wait(self, seconds: float) -> None:
        self._waited += seconds

    def _patience(self) -> float:
        at = self._changes_at()
        if at is None:
            return _IDLE
        return min(_IDLE, max(self.FRAME, (at - datetime.now(UTC)).total_seconds()))

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A bug of ours must not look like a quiet cluster: those who wait get it."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self._bug = error
            self._change.tell()
