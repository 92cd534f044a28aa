"""Gives the log view the lines that a selection lets through."""

from __future__ import annotations

from lain_tui.core.logs.buffer import LogBuffer
from lain_tui.core.logs.selection import LogSelection
from lain_tui.core.model.logs import LineKind, LogLine


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

    def folded(self, position: int) -> int:
        """The lines of a stack trace between this line and the next entry, while traces are folded."""
        if not self.selection.folded or self.selection.filter.patterns:
            return 0
        index, end = self.selection[position] + 1, self.buffer.end
        count = 0
        while index < end and self.buffer.kind(index) is LineKind.CONTINUED:
            count, index = count + 1, index + 1
        return count
