"""Puts the lines of many containers into one order.

Each container's log is in order; across containers lines arrive as the network brings them. A line waits until
every container has been heard of past its time, or until `window` seconds have gone by since it arrived, whichever
is first: so a busy stream flows at once and a quiet container delays it by no more than the window. What still comes
later than younger lines is marked late, never lost.

The lines of one stack trace travel as one entry, so that no other container's line falls between them.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import NamedTuple

from lain_tui.core.logs.levels import detect_level
from lain_tui.core.logs.traces import TraceTracker
from lain_tui.core.model.logs import Level, LineKind, LogSource


class MergedLine(NamedTuple):
    """A line on its way from the merger into the buffer."""

    time: int
    source: LogSource | None
    text: str
    level: Level
    kind: LineKind
    late: bool


_Line = tuple[int, str, Level, LineKind]


class _Entry:
    """One log entry: a line and what continues it."""

    __slots__ = ("arrived", "lines", "order", "source", "time")

    def __init__(self, time: int, order: int, arrived: float, source: LogSource | None, line: _Line) -> None:
        self.time = time
        self.order = order
        self.arrived = arrived
        self.source = source
        self.lines = [line]

    def __lt__(self, other: _Entry) -> bool:
        return (self.time, self.order) < (other.time, other.order)


class _Reader:
    """What the merger remembers of one container."""

    __slots__ = ("heard", "open", "traces")

    def __init__(self) -> None:
        self.heard = 0
        """The time of its newest line."""
        self.open: _Entry | None = None
        """Its newest entry, which the next line may continue."""
        self.traces = TraceTracker()


class Merger:
    """Lines in, by container; lines out, by time."""

    def __init__(self, window: float = 0.4) -> None:
        self.window = window
        """Seconds that a line waits at most."""
        self._readers: dict[LogSource, _Reader] = {}
        self._heap: list[_Entry] = []
        self._order = 0
        self._emitted = 0

    def __len__(self) -> int:
        return len(self._heap)

    def join(self, source: LogSource) -> None:
        """Count on a container: others' lines wait for it (within the window) from now on."""
        self._readers.setdefault(source, _Reader())

    def leave(self, source: LogSource) -> None:
        """A container's stream has ended; nobody waits for it any longer."""
        self._readers.pop(source, None)

    def push(self, source: LogSource, time: int, text: str, now: float) -> None:
        """Take a container's next line; `now` is the reader's monotonic clock in seconds."""
        reader = self._readers.get(source)
        if reader is None:
            reader = self._readers[source] = _Reader()
        time = time or reader.heard
        reader.heard = max(reader.heard, time)
        level = detect_level(text)
        continued = reader.traces.continues(text, level)
        if continued and reader.open is not None:
            # A trace is as serious as what it belongs to, so that a filter by level shows it whole.
            head_level = reader.open.lines[0][2]
            reader.open.lines.append((time, text, max(level, head_level), LineKind.CONTINUED))
            return
        kind = LineKind.CONTINUED if continued else LineKind.LOG
        # Ordered by the newest time heard: a clock that is set back never turns a container's own lines around.
        reader.open = self._enter(reader.heard, source, now, (time, text, level, kind))

    def notice(
        self,
        time: int,
        text: str,
        now: float,
        source: LogSource | None = None,
        kind: LineKind = LineKind.NOTICE,
    ) -> None:
        """Put a line of the stream's own among the others."""
        level = Level.ERROR if kind is LineKind.CRASH else Level.NONE
        self._enter(time, source, now, (time, text, level, kind))

    def ready(self, now: float) -> Iterator[MergedLine]:
        """The lines whose turn has come, in order."""
        watermark = min((reader.heard for reader in self._readers.values()), default=0)
        deadline = now - self.window
        heap = self._heap
        while heap:
            entry = heap[0]
            if entry.arrived > deadline:
                reader = self._readers.get(entry.source) if entry.source else None
                still_open = reader is not None and reader.open is entry
                if entry.time > watermark or still_open:
                    return
            yield from self._emit(heapq.heappop(heap))

    def drain(self) -> Iterator[MergedLine]:
        """Everything that waits, in order: the stream has ended."""
        while self._heap:
            yield from self._emit(heapq.heappop(self._heap))

    def _enter(self, time: int, source: LogSource | None, now: float, line: _Line) -> _Entry:
        self._order += 1
        entry = _Entry(time, self._order, now, source, line)
        heapq.heappush(self._heap, entry)
        return entry

    def _emit(self, entry: _Entry) -> Iterator[MergedLine]:
        late = entry.time < self._emitted
        self._emitted = max(self._emitted, entry.time)
        if entry.source is not None:
            reader = self._readers.get(entry.source)
            if reader is not None and reader.open is entry:
                # What continues it from now on makes an entry of its own, right behind it.
                reader.open = None
        for time, text, level, kind in entry.lines:
            yield MergedLine(time, entry.source, text, level, kind, late)
