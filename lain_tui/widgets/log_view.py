"""The keys and the mouse of a log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from lain_tui.core.model.logs import LogLine
from lain_tui.widgets.log_columns import LogLook
from lain_tui.widgets.log_layout import LogLines
from lain_tui.widgets.log_pane import LogPane

PULL = 0.06
"""Seconds per line while a selection is dragged beyond the screen."""


class LogView(LogPane):
    """A log that is moved in, selected from and marked."""

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

    @dataclass
    class Opened(Message):
        line: LogLine

    def __init__(self, lines: LogLines, look: LogLook | None = None, *, id: str | None = None) -> None:
        super().__init__(lines, look, id=id)
        self._pull = 0
        """Rows by which the lines move on while the mouse drags a selection beyond them."""

    def on_mount(self) -> None:
        self._puller = self.set_interval(PULL, self._pull_on, pause=True)

    # Keys

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
        self._home = False
        position = count - 1 if self._cursor is None else self._lines.position(self._cursor)
        position += rows
        if position >= count:
            self.follow()
            return
        self._pause()
        self._cursor = self._index_at(max(0, position))
        self._bring_into_view(max(0, position))
        self._changed()
        if rows < 0:
            self._tell_up(beyond=position < 0)

    def action_page(self, pages: int) -> None:
        """The last line on screen becomes the first, or the first the last; the cursor keeps its row."""
        if not self._rows or (self.following and pages > 0):
            return
        self._anchor, self._home = None, False
        first, last = self._rows[0][0], self._rows[-1][0]
        cursor = len(self._lines) - 1 if self._cursor is None else self._lines.position(self._cursor)
        row = next((row for row, (position, _) in enumerate(self._rows) if position >= cursor), 0)
        if pages > 0 and last >= len(self._lines) - 1:
            self.follow()
            return
        self._pause()
        if pages > 0:
            top = max(last, first + 1)
        else:
            top = min(self._layout.above(first + 1, self.size.height), max(0, first - 1))
        self._top = self._index_at(top)
        self._lay_out()
        self._top = self._index_at(self._rows[0][0])
        self._cursor = self._index_at(self._rows[row if first or pages > 0 else 0][0])
        self._changed()
        if pages < 0:
            self._tell_up(beyond=not first)

    def action_first(self) -> None:
        if len(self._lines):
            self._pause()
            self._anchor, self._home = None, True
            self._cursor = self._top = self._index_at(0)
            self._changed()
            self._tell_up(beyond=True)

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

    # The mouse

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
            self._anchor, self._home = None, False
            self.capture_mouse()
            self._changed()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.app.mouse_captured is self and self._rows:
            self._pull = -1 if event.y < 0 else 1 if event.y >= self.size.height else 0
            if self._pull:
                self._puller.resume()
            self._drag_to(event.y)

    def _drag_to(self, row: int) -> None:
        """Select up to a row of the screen."""
        index = self._index_at(self._rows[min(max(row, 0), len(self._rows) - 1)][0])
        if index != self._cursor:
            if self._anchor is None:
                self._anchor = self._cursor
            self._cursor = index
            self._changed()

    def _pull_on(self) -> None:
        """Beyond the lines on screen the selection goes on, as long as the mouse stays there."""
        if self._pull and self._rows:
            last_top = max(0, len(self._lines) - self.size.height)
            top = min(max(0, self._lines.position(self._top) + self._pull), last_top)
            self._top = self._index_at(top)
            self._lay_out()
            self._drag_to(self.size.height if self._pull > 0 else 0)

    def on_mouse_up(self) -> None:
        self._puller.pause()
        self.release_mouse()

    async def on_click(self, event: events.Click) -> None:
        if event.chain == 2 and event.y < len(self._rows):
            self.action_open()
