"""The lines of a log that are on screen, and where its reader is: nothing else is drawn, however many are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual.message import Message
from textual.strip import Strip

from lain_tui.core.model.logs import LogSource
from lain_tui.widgets.ansi import ANSI_TONES
from lain_tui.widgets.canvas import Canvas
from lain_tui.widgets.log_columns import SOURCE_TONES, LogLook
from lain_tui.widgets.log_layout import Fold, Highlight, LogLayout, LogLines


class LogPane(Canvas, can_focus=True):
    """Follows the young end until the reader goes up; then it stands still, whatever comes or is dropped."""

    ALLOW_SELECT = False  # what is dragged over is lines, which stay themselves while the stream moves on
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"tone--{tone}" for tone in (*SOURCE_TONES, *ANSI_TONES)}
    DEFAULT_CSS = """
    LogPane {
        height: 1fr;
        & > .tone--source-0 { color: $primary-lighten-2; }
        & > .tone--source-1 { color: $accent-lighten-1; }
        & > .tone--source-2 { color: ansi_cyan; }
        & > .tone--source-3 { color: ansi_magenta; }
        & > .tone--source-4 { color: ansi_bright_blue; }
        & > .tone--source-5 { color: $success-lighten-1; }
        & > .tone--source-6 { color: ansi_bright_cyan; }
        & > .tone--source-7 { color: ansi_bright_magenta; }
        & > .tone--ansi-0 { color: ansi_bright_black; }
        & > .tone--ansi-1 { color: ansi_red; }
        & > .tone--ansi-2 { color: ansi_green; }
        & > .tone--ansi-3 { color: ansi_yellow; }
        & > .tone--ansi-4 { color: ansi_bright_blue; }
        & > .tone--ansi-5 { color: ansi_magenta; }
        & > .tone--ansi-6 { color: ansi_cyan; }
        & > .tone--ansi-7 { color: $foreground; }
        & > .tone--ansi-8 { color: ansi_bright_black; }
        & > .tone--ansi-9 { color: ansi_bright_red; }
        & > .tone--ansi-10 { color: ansi_bright_green; }
        & > .tone--ansi-11 { color: ansi_bright_yellow; }
        & > .tone--ansi-12 { color: ansi_bright_blue; }
        & > .tone--ansi-13 { color: ansi_bright_magenta; }
        & > .tone--ansi-14 { color: ansi_bright_cyan; }
        & > .tone--ansi-15 { color: $foreground; }
        & > .tone--ansi-bold { text-style: bold; }
        & > .tone--ansi-faint { text-style: dim; }
        & > .tone--ansi-italic { text-style: italic; }
        & > .tone--ansi-underline { text-style: underline; }
        & > .tone--ansi-reverse { text-style: reverse; }
    }
    """

    @dataclass
    class Moved(Message):
        """The reader moved, paused or follows again."""

        following: bool

    @dataclass
    class WentUp(Message):
        """The reader went towards the older lines."""

        top: int
        """The index of the first line on screen."""
        beyond: bool
        """The oldest line was there already."""

    def __init__(self, lines: LogLines, look: LogLook | None = None, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._layout = LogLayout(lines, look or LogLook())
        self.following = True
        self.placeholder = ""
        """What is said while there is no line; set by `say`."""
        self._anchor: int | None = None
        """Where a selection of lines began; it ends at the cursor."""
        self._cursor: int | None = None
        """The index of the cursor's line; None while following."""
        self._newest = 0
        """The index of the newest line when the reader stopped following."""
        self._home = False
        """The reader went to the oldest line, and wants to stay there."""
        self._top = 0
        """The index of the first line on screen while not following."""
        self._rows: list[tuple[int, int]] = []
        """What stands on each row of the screen: position, and which row of a wrapped line."""
        self._painted: list[tuple[int, Fold]] = []
        """What stood there when it was painted last."""
        self._lit: set[int] = set()
        """The lines that the cursor or a selection was on then."""

    @property
    def _lines(self) -> LogLines:
        return self._layout.lines

    # What the screen sets

    @property
    def look(self) -> LogLook:
        """How lines look; `show` changes it."""
        return self._layout.look

    @property
    def marks(self) -> set[int]:
        """The indexes of the lines that the reader has marked."""
        return self._layout.marks

    def show(self, look: LogLook | None = None, highlight: Highlight | None = None) -> None:
        """Change how lines look, and what is highlighted in them."""
        layout = self._layout
        layout.look, layout.highlight = look or layout.look, highlight
        self._lay_out()
        self._painted = self._on_screen()
        self.refresh()

    def meet(self, sources: Iterable[LogSource]) -> None:
        """Give each pod its colour before its first line is drawn, so that the same pods have the same ones again."""
        for source in sorted(sources, key=lambda source: source.pod):
            self._layout.tones.of(source)

    def show_lines(self, lines: LogLines) -> None:
        """Show another stream from its young end."""
        self._layout.lines = lines
        self.marks.clear()
        self._anchor = None
        self._layout.left = 0
        self.follow()

    def update(self) -> None:
        """The lines have changed: repaint if those on screen have."""
        self._lay_out()
        shown = self._on_screen()
        if shown != self._painted or not shown:
            self._painted = shown
            self.refresh()

    def go_to(self, index: int) -> None:
        """Put the cursor on a line, in the middle of the screen when it is not yet visible."""
        self._pause()
        self._home = False
        self._cursor = index
        visible = {
            self._lines.line(position).index for position, _ in self._rows if position < len(self._lines)
        }
        if index not in visible:
            self._top = self._index_at(max(0, self._lines.position(index) - self.size.height // 2))
        self._changed()

    def follow(self) -> None:
        """Go to the newest line and stay there."""
        self.following = True
        self._cursor, self._home = None, False
        self._changed()

    def moved(self, index: Callable[[int], int]) -> None:
        """Older lines were sorted in, for which some have another index now; what is read stays where it stands."""
        layout = self._layout
        layout.marks = set(map(index, layout.marks))
        shown = [at for at, _ in self._painted]
        self._top, self._newest = index(self._top), index(self._newest)
        self._anchor = None if self._anchor is None else index(self._anchor)
        if self._cursor is not None:
            self._cursor = index(self._cursor)
        if shown and not self.following and not self._home:
            # Lines below the last that came in between stay on their rows: going up, they are what was read last.
            after = index(shown[-1]) - shown[-1]
            row = next(row for row, at in enumerate(shown) if index(at) - at == after)
            kept = self._lines.position(index(shown[row]))
            top = self._layout.above(kept, row)
            self._top = self._index_at(top)
            if row and self._cursor is not None and self._lines.position(self._cursor) < top:
                self._cursor = self._index_at(kept - 1)
        self._changed()

    @property
    def cursor(self) -> int | None:
        """The index of the line that verbs are about; the newest while following."""
        if not len(self._lines):
            return None
        if self._cursor is None:
            return self._index_at(len(self._lines) - 1)
        return self._index_at(min(self._lines.position(self._cursor), len(self._lines) - 1))

    @property
    def top(self) -> int | None:
        """The index of the first line on screen; None while there is none."""
        return self._painted[0][0] if self._painted else None

    @property
    def selected(self) -> range | None:
        """The indexes that a selection spans; None when there is none."""
        if self._anchor is None or self._cursor is None:
            return None
        return range(min(self._anchor, self._cursor), max(self._anchor, self._cursor) + 1)

    def say(self, placeholder: str) -> None:
        """What is said while there is no line."""
        if placeholder != self.placeholder:
            self.placeholder = placeholder
            self.refresh()

    def unselect(self) -> None:
        self._anchor = None
        self._changed()

    @property
    def below(self) -> int:
        """How many lines are younger than the last one on screen."""
        return len(self._lines) - 1 - self._rows[-1][0] if self._rows else 0

    @property
    def new(self) -> int:
        """How many lines came since the reader stopped following."""
        return 0 if self.following else max(0, len(self._lines) - 1 - self._lines.position(self._newest))

    # Layout

    def on_resize(self) -> None:
        self._lay_out()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if not len(self._lines) and y == self.size.height // 3:
            return self.paint([(self.placeholder.center(width), "quiet")], width)
        if y >= len(self._rows) or self._rows[y][0] >= len(self._lines):
            return self.paint((), width)
        position, part = self._rows[y]
        line = self._lines.line(position)
        base = None
        chosen = self.selected
        if not self.following and line.index == self.cursor:
            base = self.tone("cursor" if self.has_focus else "cursor-blurred")
        elif chosen is not None and line.index in chosen:
            base = self.tone("cursor-blurred")
        return self.paint(self._layout.spans(line, position, part), width, base)

    def _lay_out(self) -> None:
        layout = self._layout
        layout.width = self.size.width
        self._rows = layout.rows(
            self.size.height, None if self.following else self._lines.position(self._top)
        )

    def _scroll(self, rows: int) -> None:
        if not self._rows:
            return
        if self.following and rows > 0:
            return
        self._pause()
        self._home = False
        top = self._lines.position(self._top) + rows
        last_top = max(0, len(self._lines) - self.size.height)
        if rows > 0 and top > last_top:
            self.follow()
            return
        self._top = self._index_at(max(0, top))
        self._changed()
        if rows < 0:
            self._tell_up(beyond=top < 0)

    def _tell_up(self, *, beyond: bool) -> None:
        if self._rows:
            self.post_message(self.WentUp(self._index_at(self._rows[0][0]), beyond))

    def _pause(self) -> None:
        """Stop following; the cursor is on the newest line until it moves."""
        if self.following and self._rows:
            self.following = False
            self._top = self._index_at(self._rows[0][0])
            self._cursor = self._newest = self._index_at(len(self._lines) - 1)

    def _bring_into_view(self, position: int) -> None:
        top = self._lines.position(self._top)
        if position < top:
            self._top = self._index_at(position)
            return
        rows, first = 0, position
        while first >= top and rows + self._layout.height_of(first) <= self.size.height:
            rows += self._layout.height_of(first)
            first -= 1
        if first >= top:
            self._top = self._index_at(first + 1)

    def _changed(self) -> None:
        """The reader moved: repaint everything, or only the rows that the cursor left and came to."""
        before = self._rows
        self._lay_out()
        lit = set() if self._cursor is None else {self._cursor, *(self.selected or ())}
        painted, self._painted = self._painted, self._on_screen()
        if self._rows == before and self._painted == painted:
            for y, (index, _) in enumerate(self._painted):
                if (index in lit) != (index in self._lit):
                    self.refresh_line(y)
        else:
            self.refresh()
        self._lit = lit
        self.post_message(self.Moved(self.following))

    def _index_at(self, position: int) -> int:
        return self._lines.line(position).index

    def _on_screen(self) -> list[tuple[int, Fold]]:
        return [
            (self._index_at(position), self._lines.folded(position))
            for position, _ in self._rows
            if position < len(self._lines)
        ]
