"""What a build tells, line by line, each with the seconds since the build began."""

from __future__ import annotations

from collections import deque
from itertools import islice

MOST = 200_000
"""Lines that are kept; the oldest go first, and are counted."""


class BuildLog:
    """Grows at its end. Output stands indented below the step that printed it."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=MOST)
        self._written = 0
        self._telling = ""
        """The step whose name stands above the next line of output."""

    def step(self, seconds: float, id: str, text: str) -> None:
        """A step moved on."""
        self._telling = id
        self.write(seconds, text)

    def output(self, seconds: float, id: str, title: str, text: str) -> None:
        """A step printed a line; where steps run side by side each names itself again when it is its turn."""
        if id != self._telling:
            self.step(seconds, id, f"… {title}")
        self.write(seconds, f"    {text}")

    def write(self, seconds: float, text: str) -> None:
        for line in text.split("\n"):
            self._lines.append(f"{seconds:7.1f}  {line}")
            self._written += 1

    @property
    def gone(self) -> int:
        """How many of the oldest lines are no longer there."""
        return self._written - len(self._lines)

    @property
    def written(self) -> int:
        """How many lines there have been."""
        return self._written

    def since(self, place: int) -> list[str]:
        """The lines from the one with this number on (the first is 0), as far as they are still there."""
        count = min(self._written - place, len(self._lines))
        return list(islice(reversed(self._lines), count))[::-1]

    @property
    def text(self) -> str:
        """All of it."""
        head = [f"… {self.gone:,} older lines are gone"] if self.gone else []
        return "\n".join([*head, *self._lines]) + "\n"
