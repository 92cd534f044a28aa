"""Going from match to match, and counting what came per minute."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from lain_tui.core.logs.buffer import LogBuffer, Segment
from lain_tui.core.logs.insertion import OldLine
from lain_tui.core.logs.search import Pattern
from lain_tui.core.logs.selection import LogSelection
from lain_tui.core.logs.timestamps import SECOND
from lain_tui.core.model.logs import Level, LineKind

MINUTE = 60 * SECOND


Wanted = Callable[[Segment, int, int], Sequence[int]]
"""Which lines of a segment, between two offsets, are looked for; in their order."""


def next_line(
    selection: LogSelection, buffer: LogBuffer, start: int | None, wanted: Wanted, step: int
) -> int | None:
    """The index of the nearest shown line beyond `start` that is wanted; `step` is 1 (younger) or -1 (older).

    Wraps round at the ends, as less and vim do. None when no line is wanted.
    """
    first, end = buffer.first, buffer.end
    if start is None:
        start = first - 1 if step > 0 else end
    before, behind = (first, start), (start + 1, end)
    for low, high in (behind, (first, start + 1)) if step > 0 else (before, (start, end)):
        parts = list(buffer.segments(low, high))
        for part in parts if step > 0 else reversed(parts):
            found = wanted(*part)
            for offset in found if step > 0 else reversed(found):
                if (index := part[0].start + offset) in selection:
                    return index
    return None


def with_pattern(pattern: Pattern) -> Wanted:
    return lambda segment, low, high: pattern.offsets(segment.texts, low, high)


def errors(segment: Segment, low: int, high: int) -> Sequence[int]:
    """Entries that are errors; of a stack trace the first line."""
    levels, kinds = segment.levels, segment.kinds
    if max(levels[low:high]) < Level.ERROR:
        return ()
    return [i for i in range(low, high) if levels[i] >= Level.ERROR and kinds[i] != LineKind.CONTINUED]


def among(indexes: Iterable[int]) -> Wanted:
    """The lines of these indexes: marks."""
    ordered = sorted(indexes)

    def wanted(segment: Segment, low: int, high: int) -> Sequence[int]:
        start = bisect_left(ordered, segment.start + low)
        stop = bisect_left(ordered, segment.start + high)
        return [index - segment.start for index in ordered[start:stop]]

    return wanted


class MatchCount:
    """How many kept lines have a pattern, counted as they come."""

    def __init__(self, pattern: Pattern) -> None:
        self.pattern = pattern
        self._seen = -1 << 62
        self._oldest: int | None = None
        self._places: list[int] = []

    @property
    def count(self) -> int:
        """The matches found so far."""
        return len(self._places)

    def rank(self, index: int) -> int:
        """Which of the matches a line is, counted from 1; 0 when it is none."""
        place = bisect_left(self._places, index)
        return place + 1 if place < len(self._places) and self._places[place] == index else 0

    def update(self, buffer: LogBuffer, budget: int = 200_000) -> None:
        """Look at up to `budget` lines that were not looked at yet."""
        first, end = buffer.first, buffer.end
        if self._oldest is not None and first < self._oldest:
            # Older history was loaded: count anew.
            self._seen, self._places = first, []
        self._oldest = first
        start = max(self._seen, first)
        stop = min(end, start + budget)
        for segment, low, high in buffer.segments(start, stop):
            base = segment.start
            self._places += [base + i for i in self.pattern.offsets(segment.texts, low, high)]
        self._seen = stop
        if self._places and self._places[0] < first:
            del self._places[: bisect_left(self._places, first)]


class Tally:
    """Lines and errors per minute, from what the buffer was given."""

    def __init__(self) -> None:
        self.lines: Counter[int] = Counter()
        """Lines by minute since 1970."""
        self.errors: Counter[int] = Counter()
        self.total_errors = 0
        self._seen: int | None = None

    def update(self, buffer: LogBuffer) -> None:
        """Count the lines that came since the last call."""
        start = buffer.first if self._seen is None else max(self._seen, buffer.first)
        for segment, low, high in buffer.segments(start, buffer.end):
            times, levels, kinds = segment.times[low:high], segment.levels[low:high], segment.kinds[low:high]
            self.lines.update(
                time // MINUTE for time, kind in zip(times, kinds, strict=True) if kind == LineKind.LOG
            )
            if max(levels) >= Level.ERROR:
                for time, level, kind in zip(times, levels, kinds, strict=True):
                    if level >= Level.ERROR and kind == LineKind.LOG:
                        self.errors[time // MINUTE] += 1
                        self.total_errors += 1
        self._seen = buffer.end

    def add(self, lines: Iterable[OldLine]) -> None:
        """Count older lines, which no update sees."""
        for time, _, _, level, kind in lines:
            if kind == LineKind.LOG:
                self.lines[time // MINUTE] += 1
                if level >= Level.ERROR:
                    self.errors[time // MINUTE] += 1
                    self.total_errors += 1

    def last_minutes(self, now: int, minutes: int) -> tuple[list[int], list[int]]:
        """Lines and errors of each of the last minutes, oldest first; `now` in nanoseconds."""
        span = range(now // MINUTE - minutes + 1, now // MINUTE + 1)
        return [self.lines[minute] for minute in span], [self.errors[minute] for minute in span]
