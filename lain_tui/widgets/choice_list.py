"""A list of lines to choose one from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from lain_tui.widgets.canvas import Canvas, Line


class ChoiceList(Canvas, can_focus=True):
    """One line each, with a key that the cursor stays on while the list changes."""

    BINDING_GROUP_TITLE = "List"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", id="list.up", tooltip="One line up", show=False),
        Binding("down,j", "move(1)", "down", id="list.down", tooltip="One line down", show=False),
        Binding(
            "pageup,ctrl+b", "move(-10)", "page up", id="list.page-up", tooltip="Ten lines up", show=False
        ),
        Binding(
            "pagedown,ctrl+f",
            "move(10)",
            "page down",
            id="list.page-down",
            tooltip="Ten lines down",
            show=False,
        ),
        Binding("home", "move(-1000000)", "first", id="list.first", tooltip="To the first line", show=False),
        Binding("end", "move(1000000)", "last", id="list.last", tooltip="To the last line", show=False),
        Binding(
            "enter", "choose", "open", id="list.choose", tooltip="Open what is under the cursor", show=False
        ),
    ]  # fmt: skip
    DEFAULT_CSS = "ChoiceList { height: 1fr; overflow-y: auto; }"

    @dataclass
    class Highlighted(Message):
        key: str

    @dataclass
    class Chosen(Message):
        key: str

    def __init__(self, *, id: str | None = None, enters: bool = True) -> None:
        """Without `enters`, enter is a verb of the screen's, told in its footer."""
        super().__init__(id=id)
        self._enters = enters
        self._keys: Sequence[str] = ()
        self._choices: Sequence[tuple[str, Line]] = ()
        self._notice: Sequence[Line] = ()
        self._cursor = 0

    def show(self, choices: Sequence[tuple[str, Line]], notice: Sequence[Line] = ()) -> None:
        """Show these; `notice` is what to say when there are none."""
        before, self._choices = self._choices, choices
        self._take([key for key, _ in choices], notice)
        if not choices or len(before) != len(choices):
            self.refresh()
            return
        # Of thousands of lines only a few change: the others need no painting, least of all between two keys.
        top = self.scroll_offset.y
        for place in range(top, min(top + self.size.height, len(choices))):
            if before[place] != choices[place]:
                self.refresh_line(place)

    def show_keys(self, keys: Sequence[str], notice: Sequence[Line] = ()) -> None:
        """As `show`, for a list that makes its lines when they are painted (see `line`)."""
        self._take(keys, notice)
        self.refresh()

    def _take(self, keys: Sequence[str], notice: Sequence[Line]) -> None:
        key = self.key
        self._keys, self._notice = keys, notice
        places = {choice: place for place, choice in enumerate(keys)}
        self._put_cursor(places.get(key, max(0, min(self._cursor, len(keys) - 1))))
        self.virtual_size = Size(self.size.width, len(keys))
        self._reveal()

    def _put_cursor(self, place: int) -> None:
        for line in {self._cursor, place}:
            self.refresh_line(line)
        self._cursor = place

    def line(self, place: int, width: int) -> Line:
        """What is painted at that place."""
        return self._choices[place][1]

    @property
    def key(self) -> str:
        """The key under the cursor; empty when there is nothing to choose."""
        return self._keys[self._cursor] if self._cursor < len(self._keys) else ""

    def move_to(self, key: str) -> None:
        """Put the cursor on that key, when it is there."""
        if key in self._keys:
            self.action_move(self._keys.index(key) - self._cursor)

    def render_line(self, y: int) -> Strip:
        width, place = self.size.width, y + self.scroll_offset.y
        if not self._keys:
            return self.paint(self._notice[y] if y < len(self._notice) else (), width)
        if place >= len(self._keys):
            return self.paint((), width)
        ground = None
        if place == self._cursor:
            ground = self.tone("cursor" if self.has_focus else "cursor-blurred")
        return self.paint(self.line(place, width), width, ground)

    def _reveal(self) -> None:
        """Scroll as little as needed to show the cursor."""
        top, height = self.scroll_offset.y, self.size.height
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False)
        elif height and self._cursor >= top + height:
            self.scroll_to(y=self._cursor - height + 1, animate=False)

    def on_resize(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._keys))
        self._reveal()

    def action_move(self, lines: int) -> None:
        if not self._keys:
            return
        self._put_cursor(max(0, min(self._cursor + lines, len(self._keys) - 1)))
        self._reveal()
        self.post_message(self.Highlighted(self.key))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._enters or action != "choose"

    def action_choose(self) -> None:
        if self.key:
            self.post_message(self.Chosen(self.key))

    def on_click(self, event: events.Click) -> None:
        place = event.y + self.scroll_offset.y
        if place < len(self._keys):
            self.action_move(place - self._cursor)
            if event.chain == 2:
                self.action_choose()
