"""The line in which a filter or a search is typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label

from lain_tui.widgets.in_turn import AskedLine


class FilterBar(Horizontal):
    """Takes effect while it is typed; enter keeps it, esc takes it away."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear", "clear", id="filter.clear", tooltip="Take it away"),
    ]
    BINDING_GROUP_TITLE = "Filter"
    DEFAULT_CSS = """
    FilterBar {
        height: 1;
        background: $surface;
        Label { width: auto; padding: 0 0 0 1; color: $accent; text-style: bold; }
        Label.-hint {
            color: $foreground 50%; text-style: none; padding: 0 1;
            max-width: 50%; text-overflow: ellipsis; text-wrap: nowrap;
        }
        Label.-hint.-error { color: $warning; max-width: 100%; }
        Input { width: 1fr; background: $surface; }
    }
    """

    @dataclass
    class Changed(Message):
        bar: FilterBar
        text: str

    @dataclass
    class Closed(Message):
        """The user is done typing; `text` is empty when the filter was taken away."""

        text: str
        cleared: bool = False
        """It was taken away with esc, not emptied and kept with enter."""

    def __init__(self, text: str = "", *, hint: str = "", label: str = "/") -> None:
        super().__init__()
        self._label = label
        self._text = text
        self._hint = hint

    def compose(self) -> ComposeResult:
        # A sign stands right before what is typed, a word apart from it.
        sign = not (self._label.isalpha() or " " in self._label)
        yield Label(self._label if sign else f"{self._label} ", markup=False)
        yield AskedLine(self._text)
        yield Label(self._hint, classes="-hint", markup=False)

    def on_mount(self) -> None:
        # At once, not when the queue comes to it: the letters typed behind the `/` are on their way already.
        self.screen.set_focus(self.query_one(Input))

    def explain(self, error: str) -> None:
        """Say what is wrong with the filter as typed, in place of the hint."""
        label = self.query_one(".-hint", Label)
        label.set_class(bool(error), "-error")
        label.update(error or self._hint)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Closed(event.value))

    def action_clear(self) -> None:
        self.post_message(self.Closed("", cleared=True))
