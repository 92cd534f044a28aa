"""The view of a log: draws the visible lines and nothing else, however many are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from lain_tui.core.model.logs import LogLine
from lain_tui.widgets.ansi import ANSI_TONES
from lain_tui.widgets.canvas import Canvas
from lain_tui.widgets.log_columns import SOURCE_TONES, LogLook
from lain_tui.widgets.log_layout import Fold, Highlight, LogLayout, LogLines


class LogView(Canvas, can_focus=True):
    """Follows the young end until the reader goes up; then it stands still, whatever comes or is dropped."""

    BINDING_GROUP_TITLE = "Log"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", id="log.up", tooltip="One line up; stops following", show=False),
        Binding("down,j", "move(1)", "down", id="log.down", tooltip="One line down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "page up", id="log.page-up", tooltip="A page up", show=False),
        Binding(
            "pagedown,ctrl+f", "page(1)", "page down", id="log.page-down", tooltip="A page down", show=False
        ),
        Binding("home,g", "first", "oldest", id="log.first", tooltip="To the oldest line", show=False),
        Binding(
            "end,G", "follow", "follow", id="log.follow", tooltip="To the newest line, and follow", show=False
        ),
        Binding("shift+up,K", "extend(-1)", "select up", id="log.extend-up", tooltip="Select lines upwards", show=False),
        Binding("shift+down,J", "extend(1)", "select down", id="log.extend-down", tooltip="Select lines downwards",
                show=False),
        Binding("left", "sideways(-16)", "left", id="log.left", tooltip="Scroll to the left", show=False),
        Binding("right", "sideways(16)", "right", id="log.right", tooltip="Scroll to the right", show=False),
        Binding(
            "space", "mark", "mark", id="log.mark", tooltip="Mark the line; [ and ] go to marks", show=False
        ),
        Binding(
            "enter", "open", "record", id="log.open", tooltip="Open the line as one whole record", show=False
        ),
    ]  # fmt: skip
    ALLOW_SELECT = False  # what is dragged over is lines, which stay themselves while the stream moves on
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"tone--{tone}" for tone in (*SOURCE_TONES, *ANSI_TONES)}
    DEFAULT_CSS = """
    LogView {
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
        at_oldest: bool

    @dataclass
    class Opened(Message):
        line: LogLine

    class OlderWanted(Message):
        """The reader went up beyond the oldest line."""

    def __init__(self, lines: LogLines, look: LogLook | None = None, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._layout = LogLayout(lines, look or LogLook())
        self.following = True
        self.placeholder = ""
        """What is said while there is no line; set by `say`."""
        self._anchor: int | None = None
        """Where a selection of lines began; it ends at the cursor."""
        self._cursor = -1
        """The index of the cursor's line; -1 before there is one."""
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
        self.refresh()

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
        self.following = False
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
        self._cursor = -1
        self._changed()

    @property
    def cursor(self) -> int | None:
        """The index of the line that verbs are about; the newest while following."""
        if not len(self._lines):
            return None
        if self.following or self._cursor < 0:
            return self._index_at(len(self._lines) - 1)
        return self._index_at(min(self._lines.position(self._cursor), len(self._lines) - 1))

    @property
    def selected(self) -> range | None:
        """The indexes that a selection spans; None when there is none."""
        if self._anchor is None or self._cursor < 0 or self.following:
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

    # Keys and mouse

    def action_extend(self, rows: int) -> None:
        if self._anchor is None or self.following:
            self._anchor = self.cursor
        anchor = self._anchor
        self.action_move(rows)
        self._anchor = anchor
        self._changed()

    def action_move(self, rows: int) -> None:
        self._anchor = None
        count = len(self._lines)
        if not count:
            return
        position = count - 1 if self.following or self._cursor < 0 else self._lines.position(self._cursor)
        position += rows
        if position < 0:
            self.post_message(self.OlderWanted())
        if position >= count:
            self.follow()
            return
        if self.following:
            self._pause()
        self._cursor = self._index_at(max(0, position))
        self._bring_into_view(max(0, position))
        self._changed()

    def action_page(self, pages: int) -> None:
        self.action_move(pages * max(1, self.size.height - 1))

    def action_first(self) -> None:
        if len(self._lines):
            self.following = False
            self._anchor = None
            self._cursor = self._top = self._index_at(0)
            self._changed()
            self.post_message(self.OlderWanted())

    def action_follow(self) -> None:
        self.follow()

    def action_sideways(self, cells: int) -> None:
        if not self.look.wrap:
            self._layout.left = max(0, self._layout.left + cells)
            self.refresh()

    def action_mark(self) -> None:
        if (chosen := self.selected) is not None:
            self.marks.update(index for index in chosen if index in self._lines)
            self.unselect()
        elif (index := self.cursor) is not None:
            self.marks.symmetric_difference_update({index})
            if not self.following:
                self.action_move(1)
            self.refresh()

    def action_open(self) -> None:
        if (index := self.cursor) is not None:
            self.post_message(self.Opened(self._lines.line(self._lines.position(index))))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._scroll(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._scroll(3)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if event.button == 1 and event.y < len(self._rows):
            self._pause()
            self._cursor = self._index_at(self._rows[event.y][0])
            self._anchor = None
            self.capture_mouse()
            self._changed()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.app.mouse_captured is not self or not self._rows:
            return
        row = min(max(event.y, 0), len(self._rows) - 1)
        index = self._index_at(self._rows[row][0])
        if index != self._cursor:
            if self._anchor is None:
                self._anchor = self._cursor
            self._cursor = index
            self._changed()

    def on_mouse_up(self) -> None:
        self.release_mouse()

    async def on_click(self, event: events.Click) -> None:
        if event.chain == 2 and event.y < len(self._rows):
            self.action_open()

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
        if self.following:
            if rows > 0:
                return
            self._pause()
        top = self._lines.position(self._top) + rows
        if top < 0:
            self.post_message(self.OlderWanted())
        last_top = max(0, len(self._lines) - self.size.height)
        if rows > 0 and top > last_top:
            self.follow()
            return
        self._top = self._index_at(max(0, top))
        self._changed()

    def _pause(self) -> None:
        if self.following and self._rows:
            self.following = False
            self._top = self._index_at(self._rows[0][0])

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
        lit = set() if self.following else {self._cursor, *(self.selected or ())}
        painted, self._painted = self._painted, self._on_screen()
        if self._rows == before and self._painted == painted:
            for y, (index, _) in enumerate(self._painted):
                if (index in lit) != (index in self._lit):
                    self.refresh_line(y)
        else:
            self.refresh()
        self._lit = lit
        at_oldest = bool(self._rows) and self._rows[0][0] == 0
        self.post_message(self.Moved(self.following, at_oldest))

    def _index_at(self, position: int) -> int:
        return self._lines.line(position).index

    def _on_screen(self) -> list[tuple[int, Fold]]:
        return [self._signature(position) for position, _ in self._rows]

    def _signature(self, position: int) -> tuple[int, Fold]:
        if position >= len(self._lines):
            return -1, Fold()
        return self._index_at(position), self._lines.folded(position)
