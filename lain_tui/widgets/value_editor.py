"""An editor for values of some thousand lines, in which every key is painted at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.document._document import Location
from textual.document._wrapped_document import WrappedDocument
from textual.geometry import Size
from textual.strip import Strip
from textual.widgets import TextArea

from lain_tui.widgets.in_turn import InTurn

_STEP = 40
"""Columns by which the room for the longest line grows: each growth is a layout of the whole screen."""


class _Counted(WrappedDocument):
    """Knows its height, where the original adds it up for every line that is painted."""

    def wrap(self, width: int, tab_width: int | None = None) -> None:
        super().wrap(width, tab_width)
        self._height = super().height

    def wrap_range(self, start: Location, old_end: Location, new_end: Location) -> None:
        super().wrap_range(start, old_end, new_end)
        self._height = super().height

    @property
    def height(self) -> int:
        return self._height


class ValueEditor(InTurn, TextArea):
    """The value as text. Tab goes on to the next part of the screen; esc is the screen's.

    The original makes every line in sight anew with every key. Here a line is made anew only when it shows something
    else.
    """

    BINDING_GROUP_TITLE = "Editor"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+z", "undo", "undo typing", id="editor.undo", tooltip="Take typing back", show=False),
    ]
    DEFAULT_CSS = """
    ValueEditor {
        height: 1fr;
        padding: 0 1;
        background: $surface;
        border: none;
        &:focus { border: none; background: $panel; }
    }
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._made: LRUCache[Hashable, Strip] = LRUCache(512)
        self.leave: Callable[[str], bool] | None = None
        """Asked of keys that are not the editor's own; True when it has been left with that key."""
        super().__init__(*arguments, **options)

    def leaves(self, key: str) -> bool:
        return self.leave is not None and self.leave(key)

    def notify_style_update(self) -> None:
        self._made.clear()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        shows = self._shows(y)
        if shows is None:
            return super().render_line(y)
        made = self._made.get(shows)
        if made is None:
            made = self._made[shows] = super().render_line(y)
        return made

    def _shows(self, y: int) -> Hashable:
        """All that a line's look comes from; None for one with a look of its own: the cursor's, colours, a selection."""
        start, end = self.selection
        lines = self.wrapped_document._offset_to_line_info
        across, down = self.scroll_offset
        if self.language or start != end or y + down >= len(lines):
            return None
        row, section = lines[y + down]
        bracket = self._matching_bracket_location
        if row == end[0] or (bracket is not None and row == bracket[0]):
            return None
        room = (self.size, self.virtual_size.width, across, self.gutter_width, self.soft_wrap)
        return (
            self.document.get_line(row),
            row,
            section,
            tuple(self.wrapped_document.get_offsets(row)),
            room,
        )

    @property
    def wrapped_document(self) -> WrappedDocument:
        return self._counted

    @wrapped_document.setter
    def wrapped_document(self, made: WrappedDocument) -> None:
        self._counted = _Counted(made.document, tab_width=self.indent_width)

    def validate_virtual_size(self, size: Size) -> Size:
        """Typing at the end of the longest line is no reason for a layout with every key."""
        seen = self.scrollable_content_region.width
        over = max(0, size.width - seen)
        return Size(seen + -(-over // _STEP) * _STEP, size.height) if size.width and seen else size
