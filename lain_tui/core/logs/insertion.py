"""Where lines go in that are sorted in among those that are kept."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby

import msgspec

from lain_tui.core.model.logs import Level, LineKind, LogSource

OldLine = tuple[int, LogSource | None, str, Level, LineKind]
"""A line of older history: time, source, text, level, kind."""


class Insertion(msgspec.Struct, frozen=True):
    """Lines that were sorted in; the ones older than these have other indexes now."""

    lines: Sequence[OldLine] = ()
    places: Sequence[int] = ()
    """The index, as it was, before which each of them went; in their order."""

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def settled(self) -> int:
        """Lines from this index on have kept theirs."""
        return self.places[-1] if self.places else -1 << 62

    def index(self, before: int) -> int:
        """The index of a line that had another `before`."""
        return before - (len(self.places) - bisect_right(self.places, before))


def reach(times: Sequence[int], kinds: Sequence[int], start: int = 0) -> list[int]:
    """The newest time up to each line.

    Those never go back, whatever clocks do, and are the same all through a stack trace, which is not torn apart.
    """
    firsts = (0 if kind == LineKind.CONTINUED else time for time, kind in zip(times, kinds, strict=True))
    return list(accumulate(firsts, max, initial=start))[1:]


def places(lines: Sequence[int], kept: Sequence[int], first: int) -> array[int]:
    """The index before which each line goes, both given by their `reach`; `first` is the index of the oldest kept."""
    return array("q", (first + bisect_left(kept, time) for time in lines))


def woven(chosen: Sequence[int], first: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """What comes after what: a range of kept indexes, then a range of the lines that go in behind it."""
    at = first
    for place, numbers in groupby(range(len(chosen)), key=chosen.__getitem__):
        inserted = list(numbers)
        yield at, place, inserted[0], inserted[-1] + 1
        at = place
    yield at, end, 0, 0
