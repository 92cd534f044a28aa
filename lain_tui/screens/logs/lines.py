"""Gives the log view the lines that a selection lets through."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lain_tui.core.logs.buffer import LogBuffer
from lain_tui.core.logs.selection import LogSelection
from lain_tui.core.model.logs import LineKind, LogLine
from lain_tui.widgets.log_layout import Fold

_LONGEST = 500
"""Lines of one trace that are counted."""
_RAISED = re.compile(
    r"(?:Caused by: )?[A-Za-z_][\w.$]*(?:Error|Exception|Exit|Interrupt|Warning|Timeout)\b.*|Caused by: .*"
)


class SelectedLines:
    """A buffer through a selection, as `LogView` asks for it."""

    def __init__(self, buffer: LogBuffer, selection: LogSelection) -> None:
        self.buffer = buffer
        self.selection = selection

    def __len__(self) -> int:
        return len(self.selection)

    def line(self, position: int) -> LogLine:
        return self.buffer[self.selection[position]]

    def position(self, index: int) -> int:
        return self.selection.position(index)

    def __contains__(self, index: object) -> bool:
        return isinstance(index, int) and index in self.selection

    def folded(self, position: int) -> Fold:
        """The lines of a stack trace between this line and the next entry, while traces are folded."""
        if not self.selection.folded or self.selection.filter.patterns:
            return Fold()
        rest = self.rest(self.selection[position])
        return Fold(len(rest), next((gist for text in reversed(rest) if (gist := _gist(text))), ""))

    def whole(self, indexes: Iterable[int]) -> Iterator[LogLine]:
        """The lines of these indexes, each with what is folded under it, as they are now.

        Read as they are needed, in another thread if need be; those that are no longer kept are passed over.
        """
        folded = self.selection.folded and not self.selection.filter.patterns
        return _whole(self.buffer.snapshot(), indexes, folded=folded)

    def rest(self, index: int) -> list[str]:
        """What continues the entry that begins at an index."""
        buffer = self.buffer
        texts: list[str] = []
        for following in range(index + 1, min(buffer.end, index + 1 + _LONGEST)):
            if buffer.kind(following) is not LineKind.CONTINUED:
                break
            texts.append(buffer[following].text)
        return texts


def _whole(buffer: LogBuffer, indexes: Iterable[int], *, folded: bool) -> Iterator[LogLine]:
    for index in indexes:
        if buffer.first <= index < buffer.end:
            yield buffer[index]
            index += 1
            while folded and index < buffer.end and buffer.kind(index) is LineKind.CONTINUED:
                yield buffer[index]
                index += 1


def _gist(text: str) -> str:
    """The line of a trace that says what went wrong, or nothing if it is another."""
    return text if _RAISED.match(text) else ""
