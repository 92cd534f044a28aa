"""The lines that are kept: a ring of columns, addressed by an index that is never reused.

A million lines as objects would cost 250 bytes each before their text; as columns they cost 23. Lines leave in
whole segments from the old end when the ring is full. Older history is sorted in by time, and what is older than that
gets other indexes then.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from copy import copy
from typing import NamedTuple, Protocol, Self

from lain_tui.core.logs.insertion import Insertion, OldLine, places, reach, woven
from lain_tui.core.model.logs import Level, LineKind, LogLine, LogSource


class Columns(Protocol):
    """Lines as columns of one length, in their order."""

    @property
    def times(self) -> Sequence[int]: ...
    @property
    def sources(self) -> Sequence[LogSource | None]: ...
    @property
    def texts(self) -> Sequence[str]: ...
    @property
    def levels(self) -> Sequence[int]: ...
    @property
    def kinds(self) -> Sequence[int]: ...
    @property
    def late(self) -> int:
        """How many of the first lines came late."""


SEGMENT = 2048
"""Lines in a segment: what is dropped at once."""


class Oldest(NamedTuple):
    """Where the lines of a source begin that are kept."""

    time: int
    lines: int
    """How many are of that very nanosecond."""


class Segment:
    """Lines in columns; `start` is the index of its first line."""

    __slots__ = ("kinds", "lates", "levels", "sources", "start", "texts", "times")

    def __init__(self, start: int) -> None:
        self.start = start
        self.times = array("q")
        self.sources = array("i")
        self.levels = bytearray()
        self.kinds = bytearray()
        self.lates = bytearray()
        self.texts: list[str] = []

    def __len__(self) -> int:
        return len(self.texts)

    def part(self, low: int, high: int) -> Segment:
        """The lines between two offsets, as a segment of their own."""
        part = Segment(self.start + low)
        part.take(self, low, high)
        return part

    def take(self, other: Segment, low: int, high: int) -> None:
        """Go on with lines of another segment."""
        self.times += other.times[low:high]
        self.sources += other.sources[low:high]
        self.levels += other.levels[low:high]
        self.kinds += other.kinds[low:high]
        self.lates += other.lates[low:high]
        self.texts += other.texts[low:high]


class LogBuffer:
    """The newest `capacity` lines of a stream, and the count of those that were dropped."""

    def __init__(self, capacity: int = 200_000) -> None:
        if capacity < SEGMENT:
            raise ValueError(f"a log buffer keeps at least {SEGMENT} lines")
        self.capacity = capacity
        self.dropped = 0
        """Lines that made room for newer ones."""
        self.revision = 0
        """Changes with every change, so that a view knows whether to look again."""
        self._segments: list[Segment] = [Segment(0)]
        self._starts = [0]
        self._size = 0
        self._sources: list[LogSource | None] = [None]
        self._source_ids: dict[LogSource | None, int] = {None: 0}

    def __len__(self) -> int:
        return self._size

    @property
    def first(self) -> int:
        """The index of the oldest line kept."""
        return self._segments[0].start

    @property
    def end(self) -> int:
        """One past the index of the newest line."""
        return self._segments[-1].start + len(self._segments[-1])

    @property
    def sources(self) -> tuple[LogSource, ...]:
        """Every source that ever wrote, in order of appearance."""
        return tuple(source for source in self._sources if source is not None)

    def source_id(self, source: LogSource | None) -> int:
        """The small number that stands for a source in the columns."""
        found = self._source_ids.get(source)
        if found is None:
            found = self._source_ids[source] = len(self._sources)
            self._sources.append(source)
        return found

    def source_ids_where(self, wanted: Callable[[LogSource], bool]) -> frozenset[int]:
        """The column numbers of the sources that are wanted."""
        return frozenset(n for n, source in enumerate(self._sources) if source is not None and wanted(source))

    def append(
        self,
        time: int,
        source: LogSource | None,
        text: str,
        level: Level = Level.NONE,
        kind: LineKind = LineKind.LOG,
        late: bool = False,
    ) -> int:
        """Add a line at the young end and return its index."""
        self._fill((time,), (self.source_id(source),), (text,), (level,), (kind,), int(late))
        return self.end - 1

    def extend(self, lines: Columns) -> None:
        """Add lines at the young end."""
        if len(lines.times):
            ids = self._source_ids
            for source in set(lines.sources).difference(ids):
                self.source_id(source)
            sources = [ids[source] for source in lines.sources]
            self._fill(lines.times, sources, lines.texts, lines.levels, lines.kinds, lines.late)

    def _fill(
        self,
        times: Sequence[int],
        sources: Sequence[int],
        texts: Sequence[str],
        levels: Sequence[int],
        kinds: Sequence[int],
        late: int,
    ) -> None:
        count, start = len(times), 0
        while start < count:
            segment = self._segments[-1]
            if len(segment) == SEGMENT:
                segment = Segment(segment.start + SEGMENT)
                self._segments.append(segment)
                self._starts.append(segment.start)
            stop = min(count, start + SEGMENT - len(segment))
            segment.times.extend(times[start:stop])
            segment.sources.extend(sources[start:stop])
            segment.levels.extend(levels[start:stop])
            segment.kinds.extend(kinds[start:stop])
            segment.lates.extend(index < late for index in range(start, stop))
            segment.texts.extend(texts[start:stop])
            start = stop
        self._size += count
        self.revision += 1
        while self._size > self.capacity and len(self._segments) > 1:
            gone = self._segments.pop(0)
            del self._starts[0]
            self._size -= len(gone)
            self.dropped += len(gone)

    def prepend(self, lines: Iterable[OldLine]) -> Insertion:
        """Sort older lines in, given in their order; tell which fitted, and where they went.

        When the ring has no room for all of them, the oldest are left out.
        """
        incoming = list(lines)
        incoming = incoming[max(0, len(incoming) - max(0, self.capacity - self._size)) :]
        if not incoming:
            return Insertion()
        reaches = reach([line[0] for line in incoming], [line[4] for line in incoming])
        first = self.first
        older, older_reaches, rest = self._split(reaches[-1])
        new = Segment(0)
        for time, source, text, level, kind in incoming:
            new.times.append(time)
            new.sources.append(self.source_id(source))
            new.levels.append(level)
            new.kinds.append(kind)
            new.lates.append(False)
            new.texts.append(text)
        insertion = Insertion(incoming, places(reaches, older_reaches, first))
        merged = Segment(first - len(incoming))
        for low, high, new_low, new_high in woven(insertion.places, first, first + len(older)):
            merged.take(older, low - first, high - first)
            merged.take(new, new_low, new_high)
        parts = [merged.part(low, min(low + SEGMENT, len(merged))) for low in range(0, len(merged), SEGMENT)]
        self._segments = [*parts, *rest]
        self._starts = [segment.start for segment in self._segments]
        self._size += len(incoming)
        self.revision += 1
        return insertion

    def _split(self, time: int) -> tuple[Segment, list[int], list[Segment]]:
        """The lines older than a moment in one segment, their reach, and all the others in theirs."""
        older, reaches = Segment(self.first), [0]
        for number, segment in enumerate(self._segments):
            further = reach(segment.times, segment.kinds, reaches[-1])
            stop = bisect_left(further, time)
            older.take(segment, 0, stop)
            reaches += further[:stop]
            if stop < len(segment):
                others = self._segments[number + 1 :]
                return older, reaches[1:], [segment.part(stop, len(segment)) if stop else segment, *others]
        return older, reaches[1:], [Segment(self.end)]

    def snapshot(self) -> Self:
        """The buffer as it is now, for those who read it while it goes on; its lines are shared, not copied."""
        taken = copy(self)
        taken._segments, taken._starts = list(self._segments), list(self._starts)
        return taken

    def clear(self) -> None:
        """Forget the lines, not the indexes: what comes next continues the count."""
        end = self.end
        self._segments, self._starts, self._size = [Segment(end)], [end], 0
        self.revision += 1

    def __getitem__(self, index: int) -> LogLine:
        segment, offset = self._locate(index)
        return LogLine(
            index=index,
            time=segment.times[offset],
            source=self._sources[segment.sources[offset]],
            text=segment.texts[offset],
            level=Level(segment.levels[offset]),
            kind=LineKind(segment.kinds[offset]),
            late=bool(segment.lates[offset]),
        )

    def kind(self, index: int) -> LineKind:
        """The kind of a line, without making the line."""
        segment, offset = self._locate(index)
        return LineKind(segment.kinds[offset])

    def lines(self, start: int | None = None, stop: int | None = None) -> Iterator[LogLine]:
        """The lines of an index range, oldest first; what is no longer kept is passed over."""
        for index in range(
            max(start or self.first, self.first), min(self.end if stop is None else stop, self.end)
        ):
            yield self[index]

    def segments(self, start: int, stop: int) -> Iterator[tuple[Segment, int, int]]:
        """The columns that hold an index range, oldest first, each with the offsets that count."""
        for segment in self._segments:
            low, high = max(start - segment.start, 0), min(stop - segment.start, len(segment))
            if low < high:
                yield segment, low, high

    def oldest(self) -> dict[LogSource, Oldest]:
        """The oldest line kept of each source; of the stream for those of which none is."""
        first = self[self.first].time if self._size else 0
        found = dict.fromkeys(self.sources, Oldest(first, 0))
        wanted = set(range(1, len(self._sources)))
        for start, segment in enumerate(self._segments):
            for number in wanted.intersection(segment.sources):
                if (oldest := self._oldest(number, start)).lines:
                    source = self._sources[number]
                    assert source is not None
                    found[source] = oldest
                    wanted.discard(number)
            if not wanted:
                break
        return found

    def _oldest(self, number: int, start: int) -> Oldest:
        """The oldest line of one source, looked for from a segment on."""
        time = count = 0
        for segment in self._segments[start:]:
            for i in _places(segment.sources, number):
                if segment.kinds[i] > LineKind.CONTINUED:
                    continue
                if count and segment.times[i] != time:
                    return Oldest(time, count)
                time, count = segment.times[i], count + 1
        return Oldest(time, count)

    def find_time(self, time: int) -> int:
        """The index of the first line at or after a moment; `end` when all are older.

        Lines that came late stand out of order, so the answer is exact within the stream's merge window.
        """
        for segment in self._segments:
            if segment.texts and max(segment.times) >= time:
                return next(segment.start + i for i, t in enumerate(segment.times) if t >= time)
        return self.end

    def _locate(self, index: int) -> tuple[Segment, int]:
        if not self.first <= index < self.end:
            raise IndexError(f"line {index} is not kept")
        segment = self._segments[bisect_right(self._starts, index) - 1]
        return segment, index - segment.start


def _places(column: array[int], value: int) -> Iterator[int]:
    """Where a value stands in a column."""
    place = -1
    with suppress(ValueError):
        while True:
            place = column.index(value, place + 1)
            yield place
