"""The last line: the keys of what has focus, as many as fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from textual import events
from textual.message import Message

from lain_tui.widgets.canvas import Line, Page, Span


class Hint(NamedTuple):
    """A key, and what it does."""

    key: str
    label: str
    action: str = ""
    """What a click on it asks for."""
    enabled: bool = True
    worth: int = 0
    """Hints of the least worth are left out first."""


class KeyFooter(Page):
    """Shows hints; a click on one is the same as its key."""

    DEFAULT_CSS = "KeyFooter { background: $surface; }"

    @dataclass
    class Pressed(Message):
        action: str

    def __init__(self, hints: Sequence[Hint] = ()) -> None:
        super().__init__()
        self._hints = tuple(hints)
        self._places: list[tuple[int, int, str]] = []

    def show(self, hints: Sequence[Hint]) -> None:
        if self._hints != tuple(hints):
            self._hints = tuple(hints)
            self.redraw()

    def lines(self, width: int) -> list[Line]:
        shown = list(self._hints)
        while shown and sum(len(hint.key) + len(hint.label) + 3 for hint in shown) > width:
            # The rightmost of the least worth goes.
            least = min(hint.worth for hint in shown)
            shown.pop(max(index for index, hint in enumerate(shown) if hint.worth == least))
        spans: list[Span] = [(" ", "")]
        self._places = []
        left = 1
        for hint in shown:
            key, label = ("key", "") if hint.enabled else ("faint", "faint")
            spans += [(hint.key, key), (f" {hint.label}  ", label or "quiet")]
            self._places.append((left, left := left + len(hint.key) + len(hint.label) + 3, hint.action))
        return [spans]

    def on_click(self, event: events.Click) -> None:
        for start, end, action in self._places:
            if start <= event.x < end - 2 and action:
                self.post_message(self.Pressed(action))
