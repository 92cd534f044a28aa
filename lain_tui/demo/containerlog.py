"""The log of one container: a ring of lines that fills by itself as time passes, whether or not anyone reads."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from .programs import Line, Run

KEPT = 20_000
"""Lines kept, as a kubelet keeps 10 MiB."""
HORIZON = 900.0
"""Seconds of endless chatter that are made up for a container that ran long before anyone looked."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line, when it was written, and its number since the container began."""

    when: float
    text: str
    number: int


class ContainerLog:
    """Lines of one run of one container."""

    def __init__(self, run: Run, started: float) -> None:
        self.entries: deque[Entry] = deque(maxlen=KEPT)
        self.started = started
        self._count = 0
        self._fixed = sorted(run.lines, key=lambda line: line[0])
        self._position = 0
        self._chatter: Iterator[Line] | None = run.chatter() if run.chatter else None
        self._next: tuple[float, str] | None = None
        self._last_fixed = self._fixed[-1][0] if self._fixed else 0.0
        self.ended: float | None = None

    def append(self, when: float, text: str) -> None:
        self.entries.append(Entry(when, text, self._count))
        self._count += 1

    def advance(self, now: float) -> None:
        """Write all lines that are due by ``now``, or by the container's end."""
        until = now if self.ended is None else min(now, self.ended)
        while self._position < len(self._fixed):
            offset, text = self._fixed[self._position]
            if self.started + offset > until:
                return
            self.append(self.started + offset, text)
            self._position += 1
        if self._chatter is not None:
            self._talk(until)

    def _talk(self, until: float) -> None:
        if self._next is None:
            self._draw(max(self.started + self._last_fixed, until - HORIZON))
        if self._next is not None and self._next[0] < until - HORIZON:
            self._next = (until - HORIZON, self._next[1])
        while self._next is not None and self._next[0] <= until:
            when, text = self._next
            self.append(when, text)
            self._draw(when)

    def _draw(self, after: float) -> None:
        assert self._chatter is not None
        line = next(self._chatter, None)
        self._next = None if line is None else (after + line[0], line[1])
        if line is None:
            self._chatter = None

    def end(self, when: float) -> None:
        """Stop writing: the container has ended."""
        self.ended = when

    def since(self, number: int) -> list[Entry]:
        """Give the entries from that number on, as far as they are still kept."""
        if not self.entries or self.entries[-1].number < number:
            return []
        first = self.entries[0].number
        skip = max(0, number - first)
        if skip > len(self.entries) // 2:
            return [self.entries[-i] for i in range(len(self.entries) - skip, 0, -1)]
        return list(self.entries)[skip:]
