"""Which kept lines a reader sees: the buffer through a filter, kept up to date as lines come and go.

The youngest lines are looked at first and older ones in slices, so that a filter over a million lines shows its
first screenful at once and never holds the screen up.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

from lain_tui.core.logs.buffer import LogBuffer, Segment
from lain_tui.core.logs.insertion import Insertion
from lain_tui.core.logs.search import LogFilter
from lain_tui.core.model.logs import LineKind

_NEVER = 1 << 62


class _Found(NamedTuple):
    """Indexes of one segment's lines."""

    wanted: list[int]
    own: list[int]
    """The stream's own, which are shown whatever the filter asks of the others."""


class LogSelection:
    """The indexes of the lines that a filter lets through, oldest first."""

    def __init__(self, buffer: LogBuffer, log_filter: LogFilter | None = None, folded: bool = True) -> None:
        self._buffer = buffer
        self._filter = log_filter or LogFilter()
        self._folded = folded
        self._indexes: array[int] = array("q")
        self._gone = 0
        """How many at the front are no longer kept; they are cut off now and then."""
        self._low = self._high = buffer.end
        """The lines of this range have been looked at."""

    @property
    def filter(self) -> LogFilter:
        return self._filter

    @property
    def folded(self) -> bool:
        """Whether the rest of stack traces is hidden under their first lines."""
        return self._folded

    @property
    def complete(self) -> bool:
        """Whether every kept line has been looked at."""
        return bool(self._low <= self._buffer.first)

    def __len__(self) -> int:
        return len(self._indexes) - self._gone

    def __getitem__(self, position: int) -> int:
        """The buffer's index of the line at a position (0 is the oldest shown)."""
        if not 0 <= position < len(self):
            raise IndexError(position)
        return int(self._indexes[self._gone + position])

    def __contains__(self, index: int) -> bool:
        position = self.position(index)
        return position < len(self) and self[position] == index

    def position(self, index: int) -> int:
        """Where a line stands, or the next one shown when it is hidden."""
        return bisect_left(self._indexes, index, self._gone) - self._gone

    def change(self, log_filter: LogFilter, folded: bool) -> None:
        """Look with other eyes; the work is done by the next `refresh`."""
        if (log_filter, folded) != (self._filter, self._folded):
            self._filter, self._folded = log_filter, folded
            self._indexes, self._gone = array("q"), 0
            self._low = self._high = self._buffer.end

    def moved(self, insertion: Insertion) -> None:
        """Lines were sorted in, and older ones have other indexes: the next `refresh` looks at all of those."""
        settled = min(insertion.settled, self._buffer.end)
        if self._low < settled:
            self._indexes = self._indexes[bisect_left(self._indexes, settled, self._gone) :]
            self._gone, self._low, self._high = 0, settled, max(self._high, settled)

    def refresh(self, budget: int = 100_000) -> bool:
        """Take in what came, drop what went, look at up to `budget` older lines; tell whether anything changed."""
        before = self._fingerprint()
        buffer, context = self._buffer, self._filter.context
        first, end = buffer.first, buffer.end
        if self._high < end:
            # The last lines are looked at again: a match that has just come shows the lines before it.
            start = max(self._high - context, self._low, first)
            del self._indexes[bisect_left(self._indexes, start) :]
            self._indexes.extend(self._scan(start, end))
            self._high = end
        if self._low > first:
            start = max(first, self._low - budget)
            stop = min(self._low + context, self._high)
            keep = bisect_left(self._indexes, stop)
            self._indexes = array("q", self._scan(start, stop)) + self._indexes[keep:]
            self._low, self._gone = start, 0
        self._forget(first)
        return before != self._fingerprint()

    def _fingerprint(self) -> tuple[int, int, int | None]:
        return len(self), self._gone, self._indexes[-1] if self._indexes else None

    def _forget(self, first: int) -> None:
        self._low, self._high = max(self._low, first), max(self._high, first)
        self._gone = bisect_left(self._indexes, first, self._gone)
        if self._gone > 65_536:
            del self._indexes[: self._gone]
            self._gone = 0

    def _scan(self, start: int, stop: int) -> list[int]:
        """The indexes to show in a range, context of matches near its borders included."""
        context = 0 if self._filter.is_empty else self._filter.context
        low, high = max(start - context, self._buffer.first), min(stop + context, self._buffer.end)
        parts = [self._matches(*part) for part in self._buffer.segments(low, high)]
        found = [index for part in parts for index in part.wanted]
        own = [index for part in parts for index in part.own if start <= index < stop]
        if context:
            near: set[int] = set()
            for index in found:
                near.update(range(max(start, index - context), min(stop, index + context + 1)))
            found = sorted(near.union(own))
        elif own:
            found = sorted([*found, *own])
        return found

    def _matches(self, segment: Segment, low: int, high: int) -> _Found:
        wanted, base = self._filter, segment.start
        levels, kinds = segment.levels, segment.kinds
        own: list[int] = []
        mixed = max(kinds[low:high]) > LineKind.LOG
        if mixed:
            # The stream's own lines are shown or hidden as such; the filter is about what containers wrote.
            shows = wanted.own.shows
            own = [i for i in range(low, high) if kinds[i] >= LineKind.NOTICE and shows(kinds[i], levels[i])]
        kept: Iterable[int] = range(low, high)
        if wanted.patterns:
            first, *others = wanted.patterns
            kept = first.offsets(segment.texts, low, high)
            for pattern in others:
                matches = pattern.matches
                kept = [i for i in kept if matches(segment.texts[i])]
        if mixed:
            most = LineKind.LOG if self._folded and not wanted.patterns else LineKind.CONTINUED
            kept = [i for i in kept if kinds[i] <= most]
        if wanted.level:
            kept = [i for i in kept if levels[i] >= wanted.level]
        if wanted.since or wanted.until:
            times, until = segment.times, wanted.until or _NEVER
            kept = [i for i in kept if wanted.since <= times[i] <= until]
        if wanted.procs or wanted.pods:
            sources = self._buffer.source_ids_where(
                lambda source: (
                    (not wanted.procs or source.proc in wanted.procs)
                    and (not wanted.pods or source.pod in wanted.pods)
                )
            )
            kept = [i for i in kept if segment.sources[i] in sources]
        return _Found([base + i for i in kept], [base + i for i in own])
