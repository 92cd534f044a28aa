"""Lines older than those that are kept, as far as the kubelet has them."""

from __future__ import annotations

import asyncio
import heapq

from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import KubeError
from lain_tui.core.kube.logs import read_log
from lain_tui.core.logs.buffer import LogBuffer, OldLine
from lain_tui.core.logs.levels import detect_level
from lain_tui.core.logs.traces import TraceTracker
from lain_tui.core.model.logs import LineKind, LogSource

AT_ONCE = 10
"""Containers that are asked at the same time."""
_DEEPER = 5
"""How many times as many lines each further call asks for."""


class OlderLines:
    """Fills a buffer at its old end, from all the containers in it."""

    def __init__(self, kube: KubeClient, buffer: LogBuffer, *, tail: int, previous: bool) -> None:
        """`tail` lines of each container are there already; `previous` reads the instances before."""
        self._kube = kube
        self._buffer = buffer
        self._previous = previous
        self._depth = tail

    async def load(self) -> int:
        """Fetch some; return how many came.

        The API reads from the end only, so each call asks for several times as many lines as the one before.
        """
        self._depth *= _DEEPER
        oldest = {source: self._buffer.oldest(source) for source in self._buffer.sources}
        asking = asyncio.Semaphore(AT_ONCE)

        async def read(source: LogSource, time: int) -> list[OldLine]:
            async with asking:
                return await self._read_before(source, time)

        found = await asyncio.gather(*(read(source, time) for source, time in oldest.items()))
        return self._buffer.prepend(heapq.merge(*found, key=lambda line: line[0]))

    async def _read_before(self, source: LogSource, before: int) -> list[OldLine]:
        lines: list[OldLine] = []
        traces = TraceTracker()
        try:
            async for line in read_log(
                self._kube, source.namespace, source.pod, source.container, tail=self._depth,
                previous=self._previous,
            ):  # fmt: skip
                if line.time >= before:
                    break
                text = line.text.decode("utf-8", "backslashreplace")
                kind = LineKind.CONTINUED if traces.continues(text) else LineKind.LOG
                lines.append((line.time, source, text, detect_level(text), kind))
        except KubeError:
            # The pod is gone, and its log with it: there is nothing older to be had.
            return lines
        return lines
