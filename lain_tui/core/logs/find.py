"""Going from match to match, and counting what came per minute."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lain_tui.core.logs.buffer import LogBuffer
from lain_tui.core.logs.search import Pattern
from lain_tui.core.logs.selection import LogSelection
from lain_tui.core.logs.timestamps import SECOND
from lain_tui.core.model.logs import Level, LineKind, LogLine

MINUTE = 60 * SECOND


def next_line(
    selection: LogSelection,
    buffer: LogBuffer,
    start: int | None,
    wanted: Callable[[LogLine], bool],
    step: int,
) -> int | None:
    """The index of the nearest shown line beyond `start` that is wanted; `step` is 1 (younger) or -1 (older).

    Wraps round at the ends, as less and vim do. None when no line is wanted.
    """
    count = len(selection)
    if not count:
        return None
    position = selection.position(start) if start is not None else (0 if step > 0 else count - 1)
    for offset in range(1, count + 1):
        index = selection[(position + step * offset) % count]
        if wanted(buffer[index]):
            return index
    return None


class MatchCount:
    """How many kept lines have a pattern, counted as they come."""

    def __init__(self, pattern: Pattern) -> None:
        self.pattern = pattern
        self._seen = 0
        self._places: list[int] = []

    @property
    def count(self) -> int:
        """The matches found so far."""
        return len(self._places)

    def update(self, buffer: LogBuffer, budget: int = 100_000) -> None:
        """Look at up to `budget` lines that were not looked at yet."""
        first, end = buffer.first, buffer.end
        start = max(self._seen, first)
        stop = min(end, start + budget)
        matches = self.pattern.matches
        for segment, low, high in buffer.segments(start, stop):
            texts = segment.texts
            self._places += [segment.start + i for i in range(low, high) if matches(texts[i])]
        self._seen = stop
        if self._places and self._places[0] < first:
            self._places = [place for place in self._places if place >= first]


class Tally:
    """Lines and errors per minute, from what the buffer was given."""

    def __init__(self) -> None:
        self.lines: dict[int, int] = {}
        """Lines by minute since 1970."""
        self.errors: dict[int, int] = {}
        self.total_errors = 0
        self._seen: int | None = None

    def update(self, buffer: LogBuffer) -> None:
        """Count the lines that came since the last call."""
        start = buffer.first if self._seen is None else max(self._seen, buffer.first)
        for segment, low, high in buffer.segments(start, buffer.end):
            times, levels, kinds = segment.times, segment.levels, segment.kinds
            for i in range(low, high):
                if kinds[i] == LineKind.LOG:
                    minute = times[i] // MINUTE
                    self.lines[minute] = self.lines.get(minute, 0) + 1
                    if levels[i] >= Level.ERROR:
                        self.errors[minute] = self.errors.get(minute, 0) + 1
                        self.total_errors += 1
        self._seen = buffer.end

    def last_minutes(self, now: int, minutes: int) -> tuple[list[int], list[int]]:
        """Lines and errors of each of the last minutes, oldest first; `now` in nanoseconds."""
        span: Iterable[int] = range(now // MINUTE - minutes + 1, now // MINUTE + 1)
        span = list(span)
        return [self.lines.get(m, 0) for m in span], [self.errors.get(m, 0) for m in span]
