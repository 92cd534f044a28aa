"""The table of procs and pods: virtual, so that five thousand rows cost what the visible ones do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from lain_tui.core.model.status import PodRow
from lain_tui.widgets.canvas import Canvas, Line, Span, fit
from lain_tui.widgets.pod_columns import GAP, MARGIN, Column, ages, cells, columns_for
from lain_tui.widgets.pod_rows import Row, proc_key
from lain_tui.widgets.words import Clock, wall_clock

_HEAD = 1
"""Lines of the column titles, which do not scroll."""


class PodTable(Canvas, can_focus=True):
    """Rows with a cursor that stays on its pod while everything around it changes.

    `set_rows` repaints the visible rows that differ, and nothing else; ages are looked at once a second.
    """

    BINDING_GROUP_TITLE = "Table"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", id="table.up", tooltip="One row up", show=False),
        Binding("down,j", "move(1)", "down", id="table.down", tooltip="One row down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "page up", id="table.page-up", tooltip="A page up", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "page down", id="table.page-down", tooltip="A page down", show=False),
        Binding("home", "move(-1000000)", "first", id="table.first", tooltip="To the first row", show=False),
        Binding("end", "move(1000000)", "last", id="table.last", tooltip="To the last row", show=False),
        Binding("left", "fold(True)", "fold", id="table.fold", tooltip="Fold the proc's pods away", show=False),
        Binding("right", "fold(False)", "unfold", id="table.unfold", tooltip="Show the proc's pods", show=False),
        Binding("space", "mark", "mark", id="table.mark", show=False,
                tooltip="Mark the pod, or all pods of the proc, for verbs on several"),
        Binding("asterisk", "mark_all", "mark all", id="table.mark-all", show=False,
                tooltip="Mark every pod that is shown, or none"),
        Binding("enter", "open", "details", id="table.open", tooltip="Open the details of the row", show=False),
        *(
            Binding(key, f"sort('{column}')", f"sort by {column}", id=f"table.sort-{column}", show=False,
                    tooltip=f"Sort the pods by {column}; again: turned round; again: as it was")
            for key, column in (
                ("N", "name"), ("S", "state"), ("T", "restarts"), ("A", "age"), ("R", "ready"),
                ("C", "cpu"), ("M", "memory"), ("O", "node"), ("I", "image"),
            )
        ),
    ]  # fmt: skip
    DEFAULT_CSS = """
    PodTable {
        height: 1fr;
        overflow-y: auto;
    }
    """

    @dataclass
    class Highlighted(Message):
        """The cursor is on another row."""

        row: Row | None

    @dataclass
    class Moved(Message):
        """The user moved the cursor, as opposed to the rows moving under it."""

    @dataclass
    class Opened(Message):
        """Enter, or a double click."""

        row: Row

    @dataclass
    class SortRequested(Message):
        column: str

    @dataclass
    class FoldRequested(Message):
        key: str
        folded: bool

    def __init__(self, *, clock: Clock = wall_clock, id: str | None = None) -> None:
        super().__init__(id=id)
        self._clock = clock
        self._rows: Sequence[Row] = ()
        self._places: dict[str, int] = {}
        self._cursor = 0
        self._cursor_key = ""
        self._marked: set[str] = set()
        self._grouped = True
        self._sort: tuple[str, bool] = ("", False)
        self._notice: Sequence[Line] = ()
        self._columns: tuple[Column, ...] = ()
        self._painted: dict[int, tuple[Row, tuple[str, ...]]] = {}
        self._strips: LRUCache[tuple[str, Style, bool], tuple[Row, tuple[str, ...], Strip]] = LRUCache(512)

    # What it is given

    def set_rows(
        self, rows: Sequence[Row], *, grouped: bool = True, sort: tuple[str, bool] = ("", False)
    ) -> None:
        """Show these rows; the cursor stays on its row, or on the nearest place when the row is gone."""
        if (grouped, sort) != (self._grouped, self._sort):
            self._grouped, self._sort = grouped, sort
            self._lay_out()
        before, screen_line = len(self._rows), self._cursor - self.scroll_offset.y
        self._rows = rows
        self._places = {row.key: place for place, row in enumerate(rows)}
        if self._marked:
            self._marked &= self._places.keys()
        if before != len(rows) or not rows:
            self.virtual_size = Size(self.size.width, len(rows) + _HEAD)
            self.refresh()
        place = self._places.get(self._cursor_key)
        if place is None:
            self._put_cursor(min(self._cursor, len(rows) - 1))
        elif place != self._cursor:
            self._cursor = place
            if self.scroll_offset.y and 0 <= screen_line < self._page:
                self.scroll_to(y=place - screen_line, animate=False)
        self._repaint_changed()

    def set_notice(self, lines: Sequence[Line]) -> None:
        """What to say while there are no rows."""
        if lines != self._notice:
            self._notice = lines
            self.refresh()

    def move_to(self, key: str) -> None:
        """Put the cursor on that row, when it is there."""
        if (place := self._places.get(key)) is not None:
            self._put_cursor(place)

    # What it tells

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self._rows[self._cursor] if 0 <= self._cursor < len(self._rows) else None

    @property
    def chosen(self) -> list[PodRow]:
        """The marked pods, or else the pod under the cursor."""
        if self._marked:
            return [row.pod for row in self._rows if row.key in self._marked and row.pod is not None]
        row = self.row
        return [row.pod] if row is not None and row.pod is not None else []

    # Painting

    @property
    def _page(self) -> int:
        return max(1, self.size.height - _HEAD)

    def _lay_out(self) -> None:
        self._columns = ()
        self._strips.clear()
        self._painted.clear()
        self.refresh()

    def on_resize(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._rows) + _HEAD)
        self._lay_out()
        self._reveal()

    def on_mount(self) -> None:
        self.set_interval(1, self._repaint_changed)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()

    def _repaint_changed(self) -> None:
        """Repaint the visible rows whose content or ages are not what was painted."""
        if not self._painted:
            return
        now = self._clock()
        top = self.scroll_offset.y
        for y, (painted, told) in list(self._painted.items()):
            place = top + y - _HEAD
            row = self._rows[place] if place < len(self._rows) else None
            if row is None or row.content != painted.content or ages(row, now) != told:
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if not self._columns:
            self._columns = columns_for(width, grouped=self._grouped)
        if y < _HEAD:
            return self.paint(self._titles(), width)
        place = self.scroll_offset.y + y - _HEAD
        if place >= len(self._rows):
            self._painted.pop(y, None)
            notice = self._notice if not self._rows else ()
            return self.paint(notice[y - _HEAD] if y - _HEAD < len(notice) else (), width)
        return self._row_strip(y, place, width)

    def _row_strip(self, y: int, place: int, width: int) -> Strip:
        row, now = self._rows[place], self._clock()
        told = ages(row, now)
        self._painted[y] = (row, told)
        ground = Style.null()
        if place == self._cursor:
            ground = self.tone("cursor" if self.has_focus else "cursor-blurred")
        marked = row.key in self._marked
        key = (row.key, ground, marked)
        cached = self._strips.get(key)
        if cached is not None and cached[1] == told and cached[0].content == row.content:
            strip = cached[2]
            if strip.cell_length == width:
                return strip
        line = cells(row, self._columns, now, grouped=self._grouped, marked=marked)
        strip = self.paint(line, width, ground)
        self._strips[key] = (row, told, strip)
        return strip

    def _titles(self) -> Line:
        spans: list[Span] = [(" " * MARGIN, "")]
        sort, descending = self._sort
        for index, column in enumerate(self._columns):
            if index:
                spans.append((" " * GAP, ""))
            title = [(column.title, "quiet")]
            if column.key == sort:
                title = [(column.title, "accent"), ("↑" if descending else "↓", "accent")]
            spans += fit(title, column.width, right=column.key == "age")
        return spans

    # Moving

    def _put_cursor(self, place: int) -> None:
        place = max(0, min(place, len(self._rows) - 1)) if self._rows else 0
        before = self._cursor
        row = self._rows[place] if self._rows else None
        changed = (row.key if row else "") != self._cursor_key
        self._cursor, self._cursor_key = place, row.key if row else ""
        top = self.scroll_offset.y
        for line in {before - top, place - top}:
            if 0 <= line < self._page:
                self.refresh(Region(0, line + _HEAD, self.size.width, 1))
        self._reveal()
        if changed:
            self.post_message(self.Highlighted(row))

    def _reveal(self) -> None:
        """Scroll as little as needed to show the cursor."""
        top = self.scroll_offset.y
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False)
        elif self._cursor >= top + self._page:
            self.scroll_to(y=self._cursor - self._page + 1, animate=False)

    def action_move(self, rows: int) -> None:
        self.post_message(self.Moved())
        self._put_cursor(self._cursor + rows)

    def action_page(self, pages: int) -> None:
        self.action_move(pages * self._page)

    def action_mark(self) -> None:
        row = self.row
        if row is None:
            return
        if row.pod is not None:
            self._marked ^= {row.key}
            self.refresh_line(self._cursor + _HEAD)
            self.action_move(1)
        elif row.folded:
            self.action_fold(False)
        else:
            self._mark(proc_key(row.proc))

    def action_mark_all(self) -> None:
        self._mark()

    def clear_marks(self) -> bool:
        """Take all marks away; False when there was none."""
        cleared = bool(self._marked)
        self._marked.clear()
        self.refresh()
        return cleared

    def _mark(self, proc: str = "") -> None:
        """Mark the pods of one proc, or all; take the marks away when all have one."""
        keys = {row.key for row in self._rows if row.pod is not None and proc in ("", proc_key(row.proc))}
        self._marked = self._marked - keys if keys <= self._marked else self._marked | keys
        self.refresh()

    def action_open(self) -> None:
        if self.row is not None:
            self.post_message(self.Opened(self.row))

    def action_sort(self, column: str) -> None:
        self.post_message(self.SortRequested(column))

    def action_fold(self, folded: bool) -> None:
        row = self.row
        if row is None or not self._grouped:
            return
        key = proc_key(row.proc)
        if row.pod is not None and folded:
            self.move_to(key)
        elif row.pod is None and row.folded is not folded and row.proc.pods:
            self.post_message(self.FoldRequested(key, folded))

    def on_click(self, event: events.Click) -> None:
        place = self.scroll_offset.y + event.y - _HEAD
        if event.y < _HEAD:
            if column := self._column_at(event.x):
                self.action_sort(column)
        elif place < len(self._rows):
            self.action_move(place - self._cursor)
            if event.chain == 2:
                self.action_open()

    def _column_at(self, x: int) -> str:
        left = MARGIN
        for column in self._columns:
            if left <= x < left + column.width:
                return column.key
            left += column.width + GAP
        return ""
