"""The line in which a value is typed, with what helm will make of it beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label

from lain_tui.core.model.text import plain
from lain_tui.widgets.in_turn import AskedLine


class ValueBar(Horizontal):
    """Enter takes the value, esc leaves everything as it is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "leave", id="value.cancel", tooltip="Change nothing"),
    ]
    BINDING_GROUP_TITLE = "Value"
    DEFAULT_CSS = """
    ValueBar {
        height: 1;
        background: $surface;
        Label { width: auto; max-width: 40%; padding: 0 1; color: $accent; text-style: bold; }
        Label.-hint { max-width: 50%; color: $foreground 50%; text-style: none; }
        Label.-hint.-error { color: $warning; }
        Input { width: 1fr; background: $surface; }
    }
    """

    @dataclass
    class Changed(Message):
        bar: ValueBar
        text: str

    @dataclass
    class Submitted(Message):
        text: str

    @dataclass
    class Cancelled(Message):
        """Nothing is to be changed."""

    def __init__(self, label: str, text: str = "", *, hint: str = "") -> None:
        super().__init__()
        self.label, self._text, self._hint = plain(label), text, plain(hint)

    def compose(self) -> ComposeResult:
        yield Label(self.label, markup=False)
        yield AskedLine(self._text)
        yield Label(self._hint, classes="-hint", markup=False)

    def on_mount(self) -> None:
        # At once, not when the queue comes to it: what is typed behind the key that opened this is on its way already.
        self.screen.set_focus(self.query_one(Input))

    def explain(self, words: str, *, error: bool = False) -> None:
        """Say what the text stands for, or what is wrong with it."""
        label = self.query_one(".-hint", Label)
        label.set_class(error, "-error")
        label.update(plain(words) or self._hint)

    def reopen(self, reason: str) -> None:
        """What was entered cannot be taken: say why, and let it be typed again."""
        self.explain(reason, error=True)
        self.query_one(AskedLine).pass_on(None)

    def pass_on(self, to: Widget) -> None:
        """It was taken: what was typed behind enter is for what has focus now."""
        self.query_one(AskedLine).pass_on(to)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted(event.value))

    def action_cancel(self) -> None:
        self.post_message(self.Cancelled())
