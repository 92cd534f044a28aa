"""One queue of what is due: a controller is called with the key of what changed, or at the time it asked for."""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections.abc import Callable

from .clock import Clock
from .storage import Key

Reconcile = Callable[[Key], float | None]
"""Brings one object a step closer to what is wanted; returns in how many seconds it wants to be called again."""

_log = logging.getLogger(__name__)
_Item = tuple[str, Key]


class Engine:
    """Calls controllers, each key of each at most once per due time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._controllers: dict[str, Reconcile] = {}
        self._due: dict[_Item, float] = {}
        self._heap: list[tuple[float, int, _Item]] = []
        self._count = 0
        self._wake = asyncio.Event()

    def add(self, name: str, reconcile: Reconcile) -> None:
        self._controllers[name] = reconcile

    def soon(self, name: str, key: Key, after: float = 0.0) -> None:
        """Have a key reconciled, in so many seconds or sooner when it is due sooner already."""
        item, due = (name, key), self._clock.now() + after
        if due >= self._due.get(item, float("inf")):
            return
        self._due[item] = due
        self._count += 1
        heapq.heappush(self._heap, (due, self._count, item))
        self._wake.set()

    def _next(self) -> float | None:
        """Give the time the next item is due, dropping entries that were moved or done."""
        while self._heap:
            due, _, item = self._heap[0]
            if self._due.get(item) == due:
                return due
            heapq.heappop(self._heap)
        return None

    def _run_one(self) -> None:
        _, _, item = heapq.heappop(self._heap)
        del self._due[item]
        name, key = item
        try:
            again = self._controllers[name](key)
        except Exception:
            _log.exception("controller %s failed on %s", name, "/".join(key))
            again = 30.0
        if again is not None:
            self.soon(name, key, again)

    def live_through(self, until: float) -> None:
        """Run everything that is due up to ``until``, in simulated time."""
        while (due := self._next()) is not None and due <= until:
            self._clock.advance(due)
            self._run_one()
        self._clock.advance(until)

    async def run(self) -> None:
        """Run for ever. Yields to requests after every few items, so that a busy cluster still answers."""
        while True:
            done = 0
            while (due := self._next()) is not None and due <= self._clock.now():
                self._run_one()
                done += 1
                if done % 20 == 0:
                    await asyncio.sleep(0)
            self._wake.clear()
            due = self._next()
            pause = 3600.0 if due is None else due - self._clock.now()
            sleeping = asyncio.ensure_future(self._clock.sleep(pause))
            waking = asyncio.ensure_future(self._wake.wait())
            try:
                await asyncio.wait({sleeping, waking}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                sleeping.cancel()
                waking.cancel()
