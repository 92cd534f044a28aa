"""Puts the lines of many containers into one order.

Each container's log is in order; across containers lines arrive as the network brings them. A line waits until
every container has been heard of past its time, or until `window` seconds have gone by since it arrived, whichever
is first: so a busy stream flows at once and a quiet container delays it by no more than the window. What still comes
later than younger lines is marked late, never lost.

The lines of one stack trace travel as one entry, so that no other container's line falls between them.

Lines are handled as runs, not one by one: each container's are sorted already, and sorting a few sorted runs costs
next to nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress
from typing import NamedTuple

from lain_tui.core.logs.levels import detect_level
from lain_tui.core.logs.traces import SUSPECTS, TraceTracker
from lain_tui.core.model.logs import Level, LineKind, LogSource

_Row = tuple[int, int, int, LogSource | None, str, int, int]
"""The time of its entry, its place in the order of arrival, then time, source, text, level and kind."""
_FAR = (1 << 100,)
_STEP = 1 << 24
"""Entries are numbered in steps, which leaves numbers for the lines that continue each."""


class MergedLine(NamedTuple):
    """A line on its way from the merger into the buffer."""

    time: int
    source: LogSource | None
    text: str
    level: Level
    kind: LineKind
    late: bool


class Merged:
    """Lines in order, as columns."""

    __slots__ = ("kinds", "late", "levels", "sources", "texts", "times")

    def __init__(
        self,
        times: Sequence[int] = (),
        sources: Sequence[LogSource | None] = (),
        texts: Sequence[str] = (),
        levels: Sequence[int] = (),
        kinds: Sequence[int] = (),
        late: int = 0,
    ) -> None:
        self.times, self.sources, self.texts, self.levels, self.kinds = times, sources, texts, levels, kinds
        self.late = late
        """How many of the first lines came later than younger ones."""

    def __len__(self) -> int:
        return len(self.times)

    def __iter__(self) -> Iterator[MergedLine]:
        columns = zip(self.times, self.sources, self.texts, self.levels, self.kinds, strict=True)
        for number, (time, source, text, level, kind) in enumerate(columns):
            yield MergedLine(time, source, text, Level(level), LineKind(kind), number < self.late)

    def where(self, wanted: Iterable[bool]) -> Merged:
        """Those lines alone that are wanted."""
        chosen = list(wanted)
        return Merged(
            list(compress(self.times, chosen)),
            list(compress(self.sources, chosen)),
            list(compress(self.texts, chosen)),
            list(compress(self.levels, chosen)),
            list(compress(self.kinds, chosen)),
            sum(chosen[: self.late]),
        )


class _Reader:
    """What the merger remembers of one container."""

    __slots__ = ("arrivals", "heard", "key", "level", "number", "open_at", "rows", "taken", "traces")

    def __init__(self) -> None:
        self.heard = 0
        """The time of its newest line."""
        self.rows: list[_Row] = []
        """What waits, in order."""
        self.taken = 0
        """How many rows have left."""
        self.arrivals: deque[tuple[float, int]] = deque()
        """When rows arrived, and how many had arrived by then."""
        self.open_at: int | None = None
        """Where its newest entry begins, counted with `taken`, while the next line may continue it."""
        self.key = 0
        self.number = 0
        self.level = 0
        """Of the newest entry."""
        self.traces = TraceTracker()

    def free(self, watermark: int, deadline: float) -> int:
        """How many of the rows need not wait any longer."""
        arrived = 0
        for when, count in self.arrivals:
            if when > deadline:
                break
            arrived = count - self.taken
        opened = None if self.open_at is None else self.open_at - self.taken
        if opened is not None and arrived > opened:
            return len(self.rows)
        free = bisect_left(self.rows, (watermark + 1,))
        if opened is not None:
            free = min(free, opened)
        return max(free, arrived)

    def take(self, count: int) -> list[_Row]:
        rows = self.rows[:count]
        del self.rows[:count]
        self.taken += count
        while self.arrivals and self.arrivals[0][1] <= self.taken:
            self.arrivals.popleft()
        if self.open_at is not None and self.open_at < self.taken:
            # What continues it from now on makes an entry of its own, right behind it.
            self.open_at = None
        return rows


class Merger:
    """Lines in, by container; lines out, by time."""

    def __init__(self, window: float = 0.4, *, levels: bool = True) -> None:
        self.window = window
        """Seconds that a line waits at most."""
        self._levels = levels
        """Whether to find out how serious each line is; who does not ask for it saves a third of the time."""
        self._readers: dict[LogSource, _Reader] = {}
        self._left: list[_Reader] = []
        """Readers of streams that have ended, until their rows are out."""
        self._notices: list[tuple[float, _Row]] = []
        self._number = 0
        self._emitted = 0

    def __len__(self) -> int:
        return sum(len(reader.rows) for reader in self._every()) + len(self._notices)

    def join(self, source: LogSource) -> None:
        """Count on a container: others' lines wait for it (within the window) from now on."""
        self._readers.setdefault(source, _Reader())

    def leave(self, source: LogSource) -> None:
        """A container's stream has ended; nobody waits for it any longer."""
        if (reader := self._readers.pop(source, None)) is not None:
            reader.open_at = None
            self._left.append(reader)

    def push(self, source: LogSource, time: int, text: str, now: float) -> None:
        """Take a container's next line; `now` is the reader's monotonic clock in seconds."""
        self.push_all(source, (time,), (text,), now)

    def push_all(self, source: LogSource, times: Sequence[int], texts: Sequence[str], now: float) -> None:
        """Take a container's next lines; a time of 0 stands for that of the line before."""
        reader = self._readers.get(source)
        if reader is None:
            reader = self._readers[source] = _Reader()
        rows, heard, number = reader.rows, reader.heard, self._number
        traces, append, with_levels = reader.traces, rows.append, self._levels
        calm, continues = traces.calm, traces.continues
        level: int = Level.NONE
        for time, text in zip(times, texts, strict=True):
            # Ordered by the newest time heard: a clock that is set back never turns a container's own lines around.
            if time > heard:
                heard = time
            if with_levels:
                level = detect_level(text)
            if calm and text[:1] not in SUSPECTS:
                # Judged here, for a call for each line would cost as much as all the rest.
                traces.head = text
            elif continues(text):
                calm = False
                # A trace is as serious as what it belongs to, so that a filter by level shows it whole.
                level = max(level, reader.level)
                if reader.open_at is None:
                    number += _STEP
                    reader.key, reader.number, reader.open_at = heard, number, reader.taken + len(rows)
                else:
                    reader.number += 1
                append((reader.key, reader.number, time or heard, source, text, level, LineKind.CONTINUED))
                continue
            else:
                calm = traces.calm
            number += _STEP
            reader.key, reader.number, reader.level = heard, number, level
            reader.open_at = reader.taken + len(rows)
            append((heard, number, time or heard, source, text, level, 0))
        reader.heard, self._number = heard, number
        reader.arrivals.append((now, reader.taken + len(rows)))

    def notice(
        self,
        time: int,
        text: str,
        now: float,
        source: LogSource | None = None,
        kind: LineKind = LineKind.NOTICE,
        level: Level = Level.NONE,
    ) -> None:
        """Put a line of the stream's own among the others."""
        self._number += _STEP
        self._notices.append((now, (time, self._number, time, source, text, level, kind)))

    def ready(self, now: float) -> Merged:
        """The lines whose turn has come, in order."""
        watermark = min((reader.heard for reader in self._readers.values()), default=0)
        deadline = now - self.window
        # Nothing passes the oldest line that still has to wait.
        limit: tuple[int, ...] = _FAR
        for reader in self._every():
            free = reader.free(watermark, deadline)
            if free < len(reader.rows):
                limit = min(limit, reader.rows[free][:2])
        for arrived, row in self._notices:
            if arrived > deadline and row[0] > watermark:
                limit = min(limit, row[:2])
        return self._release(limit)

    def drain(self) -> Merged:
        """Everything that waits, in order: the stream has ended."""
        return self._release(_FAR)

    def _every(self) -> Iterator[_Reader]:
        yield from self._readers.values()
        yield from self._left

    def _release(self, limit: tuple[int, ...]) -> Merged:
        rows: list[_Row] = []
        for reader in self._every():
            if reader.rows:
                rows += reader.take(bisect_left(reader.rows, limit))
        self._left = [reader for reader in self._left if reader.rows]
        if self._notices:
            rows += [row for _, row in self._notices if row[:2] < limit]
            self._notices = [notice for notice in self._notices if notice[1][:2] >= limit]
        rows.sort()
        late = bisect_left(rows, (self._emitted,))
        if rows:
            self._emitted = max(self._emitted, rows[-1][0])
        return Merged(
            [row[2] for row in rows],
            [row[3] for row in rows],
            [row[4] for row in rows],
            [row[5] for row in rows],
            [row[6] for row in rows],
            late,
        )
