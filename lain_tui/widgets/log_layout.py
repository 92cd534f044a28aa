"""Which lines of a log stand on which rows of the screen, and what is written there; knows nothing of keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from lain_tui.core.model.logs import LineKind, LogLine
from lain_tui.core.model.text import counted, plain
from lain_tui.widgets.canvas import Span, width_of
from lain_tui.widgets.cells import broken, cut
from lain_tui.widgets.log_columns import LogLook, SourceTones, head_spans, text_spans

Highlight = Callable[[str], list[tuple[int, int]]]


class LogLines(Protocol):
    """What the view shows: lines by position, oldest first, each with an index that never changes."""

    def __len__(self) -> int: ...

    def line(self, position: int) -> LogLine: ...

    def position(self, index: int) -> int: ...

    def __contains__(self, index: object) -> bool:
        """Whether the line of that index is shown."""

    def folded(self, position: int) -> Fold:
        """What is hidden under this line."""


class Fold(NamedTuple):
    """The lines of a stack trace that are hidden under its first."""

    lines: int = 0
    gist: str = ""
    """What went wrong, in the trace's own words: `KeyError: 'MYSQL_HOST'`."""


class LogLayout:
    """The rows of a view of `width` cells."""

    def __init__(self, lines: LogLines, look: LogLook) -> None:
        self.lines = lines
        self.look = look
        self.width = 0
        self.left = 0
        """How many cells of unwrapped text are off the screen to the left."""
        self.highlight: Highlight | None = None
        self.marks: set[int] = set()
        """Indexes of the lines that the reader has marked."""
        self.tones = SourceTones()

    def rows(self, height: int, top: int | None) -> list[tuple[int, int]]:
        """What stands on each row: position, and which row of a wrapped line.

        From position `top` on if that fills the screen; else, and with None, up to the newest line.
        """
        count = len(self.lines)
        rows: list[tuple[int, int]] = []
        if not height or not count:
            return rows
        if top is not None:
            position = top
            while position < count and len(rows) < height:
                rows += self._rows_of(position)
                position += 1
            if len(rows) >= height or top == 0:
                return rows[:height]
            rows.clear()
        position = count - 1
        while position >= 0 and len(rows) < height:
            rows[:0] = self._rows_of(position)
            position -= 1
        return rows[-height:]

    def height_of(self, position: int) -> int:
        """How many rows the line takes."""
        if not self.look.wrap:
            return 1
        return len(self._parts(*self._content(self.lines.line(position), position)))

    def above(self, position: int, rows: int) -> int:
        """The line that stands first when as many rows as fit, `rows` at the most, stand above a line."""
        while position > 0 and (rows := rows - self.height_of(position - 1)) >= 0:
            position -= 1
        return position

    def _rows_of(self, position: int) -> list[tuple[int, int]]:
        return [(position, part) for part in range(self.height_of(position))]

    def spans(self, line: LogLine, position: int, part: int) -> list[Span]:
        """One row of a line."""
        head, text = self._content(line, position)
        if not self.look.wrap:
            return [*head, *cut(text, self.left, max(8, self.width - width_of(head)))]
        start, stop = self._parts(head, text)[part]
        if part:
            head = [(" " * self._indent(head), "")]
        return [*head, *cut(text, start, stop - start)]

    def _content(self, line: LogLine, position: int) -> tuple[list[Span], list[Span]]:
        """The columns of a line, and its text, both harmless."""
        mark: Span = ("▌", "marked") if line.index in self.marks else (" ", "")
        tone = self.tones.of(line.source) if line.source is not None else ""
        head = [mark, *head_spans(line, self.look, tone)]
        text = self._marked_up(text_spans(line, self.look, tone))
        if line.kind is LineKind.LOG and (fold := self.lines.folded(position)).lines:
            if fold.gist and line.text.startswith("Traceback ("):
                # What went wrong stands last in such a trace, and is what one looks for first.
                text = self._marked_up([(fold.gist, "")])
            elif fold.gist:
                text.append((f"  {fold.gist}", "broken"))
            text.append((f"  ▸ {counted(fold.lines, 'line')} folded", "accent"))
        return [(plain(part), tone) for part, tone in head], [(plain(part), tone) for part, tone in text]

    def _indent(self, head: list[Span]) -> int:
        """Where the further rows of a wrapped line begin: under its text, if that leaves them half of the screen."""
        under = width_of(head)
        return under if under <= self.width // 2 else 4

    def _parts(self, head: list[Span], text: list[Span]) -> list[tuple[int, int]]:
        return broken(
            "".join(part for part, _ in text),
            max(8, self.width - width_of(head)),
            max(8, self.width - self._indent(head)),
        )

    def _marked_up(self, spans: list[Span]) -> list[Span]:
        """The spans with what is searched for highlighted, across their borders."""
        if self.highlight is None:
            return spans
        found = self.highlight("".join(text for text, _ in spans))
        if not found:
            return spans
        marked: list[Span] = []
        start = 0
        for text, tone in spans:
            position = 0
            for low, high in found:
                low, high = max(low - start, position), min(high - start, len(text))
                if low < high:
                    marked += [(text[position:low], tone), (text[low:high], f"{tone} match".strip())]
                    position = high
            marked.append((text[position:], tone))
            start += len(text)
        return [span for span in marked if span[0]]
