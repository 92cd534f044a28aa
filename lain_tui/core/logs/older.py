"""Lines older than those that are kept, as far as the kubelet has them."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Callable
from contextlib import aclosing
from operator import itemgetter
from typing import NamedTuple

from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import Invalid, NotFound
from lain_tui.core.kube.logs import log_batches, read_log
from lain_tui.core.logs.buffer import LogBuffer, Oldest
from lain_tui.core.logs.insertion import Insertion, OldLine, reach
from lain_tui.core.logs.levels import detect_level
from lain_tui.core.logs.timestamps import SECOND, format_rfc3339, split_timestamp
from lain_tui.core.logs.traces import TraceTracker
from lain_tui.core.model.logs import LineKind, LogSource

AT_ONCE = 10
"""Containers that are asked at the same time."""
_ENOUGH = 1_000
"""Lines that a call is content with; with fewer it looks back further."""
_MOST = 50_000
"""Lines of one container that one call brings; the next goes on from there."""
_FIRST_SPAN, _WIDER = 60 * SECOND, 4
_STAMP = 64
"""Bytes of a log in which its first timestamp is."""


class _Run(NamedTuple):
    """One instance of a container: it has a log of its own."""

    source: LogSource
    previous: bool


class OlderLines:
    """Fills a buffer at its old end, from all the containers in it.

    What is asked for is a stretch of time, the same of all: so the stream has no holes from where it `begins`. Asking
    for so many lines from the end would find nothing new in a container that has written as many meanwhile.
    """

    def __init__(
        self, kube: KubeClient, buffer: LogBuffer, *, previous: bool, restarted: Callable[[LogSource], bool]
    ) -> None:
        """`previous` reads the instances before; otherwise those that have `restarted` have one before their own."""
        self._kube = kube
        self._buffer = buffer
        self._previous = previous
        self._restarted = restarted
        self._span = _FIRST_SPAN
        self._begins_at, self._begins_for = 0, (0, 0, -1)
        """Where the stream begins without holes, and what was kept when that was found out."""
        self._first: dict[_Run, int] = {}
        """The times of the logs' first lines."""
        self._whole: set[_Run] = set()
        """Read from their first lines on."""
        self._asking = asyncio.Semaphore(AT_ONCE)
        self._turn = asyncio.Lock()
        """One at a time: what two fetch from the same moment on would be there twice."""

    @property
    def begins(self) -> int:
        """The moment from which on no line of any container is missing; 0 when none is at all."""
        buffer = self._buffer
        state = (buffer.first, len(buffer.sources), len(self._whole))
        if state != self._begins_for:
            oldest = buffer.oldest()
            self._begins_for = state
            self._begins_at = max((oldest[run.source].time for run in self._runs(oldest)), default=0)
        return self._begins_at

    async def load(self, back_to: int = 0) -> Insertion:
        """Fetch some, or all back to a moment; nothing comes when the kubelet has nothing older.

        Raises KubeError when that cannot be asked.
        """
        async with self._turn:
            return await self._load(back_to)

    async def _load(self, back_to: int) -> Insertion:
        oldest = self._buffer.oldest()
        runs = self._runs(oldest)
        begins = await asyncio.gather(*map(self._begin, runs))
        whole = {
            run for run, begin in zip(runs, begins, strict=True) if not 0 < begin <= oldest[run.source].time
        }
        runs = [run for run in runs if run not in whole]
        self._whole |= whole
        whole.clear()
        most = min(_MOST, max(_ENOUGH, (self._buffer.capacity - len(self._buffer)) // max(1, len(runs))))
        found: list[list[OldLine]] = []
        while len(whole) < len(runs) and _count(found) < _ENOUGH:
            since = max(oldest[run.source].time for run in runs if run not in whole) - self._span
            since = min(since, back_to or since)
            asked = [run for run in runs if oldest[run.source].time > since]
            found = await asyncio.gather(*(self._read(run, since, oldest[run.source], most) for run in asked))
            whole = {
                run
                for run, lines in zip(asked, found, strict=True)
                if since <= self._first[run] and len(lines) < most
            }
            self._span *= _WIDER
        self._span = max(SECOND, self._span // (_WIDER**2 if _count(found) > _ENOUGH * _WIDER else _WIDER))
        self._whole |= whole
        keyed = [
            zip(reach([line[0] for line in run], [line[4] for line in run]), run, strict=True)
            for run in found
        ]
        return self._buffer.prepend(line for _, line in heapq.merge(*keyed, key=itemgetter(0)))

    def _runs(self, sources: dict[LogSource, Oldest]) -> list[_Run]:
        own = [_Run(source, self._previous) for source in sources]
        before = [_Run(source, True) for source in sources if not self._previous and self._restarted(source)]
        return [run for run in (*own, *before) if run not in self._whole]

    async def _begin(self, run: _Run) -> int:
        """The time of a log's first line; 0 when there is none."""
        if run in self._first:
            return self._first[run]
        source, begin = run.source, 0
        async with self._asking:
            try:
                async with aclosing(
                    log_batches(
                        self._kube, source.namespace, source.pod, source.container,
                        previous=run.previous, limit_bytes=_STAMP,
                    )
                ) as batches:  # fmt: skip
                    async for lines, _ in batches:
                        begin, _ = split_timestamp(lines[0])
                        break
            except (NotFound, Invalid):
                pass  # The pod is gone, and its log with it.
        self._first[run] = begin
        return begin

    async def _read(self, run: _Run, since: int, oldest: Oldest, most: int) -> list[OldLine]:
        """What a run wrote from `since` up to the oldest line that is kept: the last `most` lines of it."""
        source, time = run.source, 0
        lines: deque[OldLine] = deque(maxlen=most)
        traces = TraceTracker()
        async with self._asking:
            try:
                async with aclosing(
                    read_log(
                        self._kube, source.namespace, source.pod, source.container,
                        previous=run.previous, since=format_rfc3339(max(since, 0)),
                    )
                ) as log:  # fmt: skip
                    async for line in log:
                        time = line.time or time  # the rest of an overlong line has none
                        if time > oldest.time:
                            break
                        text = line.text.decode("utf-8", "backslashreplace")
                        kind = LineKind.CONTINUED if traces.continues(text) else LineKind.LOG
                        lines.append((time, source, text, detect_level(text), kind))
            except (NotFound, Invalid):
                return []  # gone since its first line was asked for
        # Of several lines of that very nanosecond the last are kept already.
        for _ in range(oldest.lines):
            if lines and lines[-1][0] == oldest.time:
                lines.pop()
        return list(lines)


def _count(found: list[list[OldLine]]) -> int:
    return sum(map(len, found))
