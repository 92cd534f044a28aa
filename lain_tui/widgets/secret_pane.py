"""One value of a Secret: masked, told about, or in an editor; below it, who reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import TextArea

from lain_tui.widgets.canvas import Line, Page
from lain_tui.widgets.value_editor import ValueEditor

_HIGHLIGHTED = 1000
"""Lines up to which a value is highlighted and wrapped: beyond them every key would be felt."""


class Words(Page):
    """Lines to read."""

    DEFAULT_CSS = "Words { height: auto; }"

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._words: Sequence[Line] = ()

    def show(self, lines: Sequence[Line]) -> None:
        if lines != self._words:
            changed = len(lines) != len(self._words)
            self._words = lines
            if changed:
                self._lines = None
                self.refresh(layout=True)
            self.redraw()

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return max(1, len(self._words))

    def lines(self, width: int) -> list[Line]:
        return list(self._words)


class SecretPane(Vertical):
    """Head, value, facts. The editor is there only while the value may be seen."""

    DEFAULT_CSS = """
    SecretPane {
        padding: 0 0 0 1;
        #secret-head { height: 1; }
        #secret-body { height: 1fr; overflow-y: auto; margin: 1 0; }
        ValueEditor { display: none; margin: 1 0; }
        &.-open ValueEditor { display: block; }
        &.-open #secret-body { display: none; }
        #secret-facts { max-height: 50%; overflow-y: auto; }
    }
    """

    @dataclass
    class Typed(Message):
        """The text in the editor is another one."""

    def compose(self) -> ComposeResult:
        yield Words(id="secret-head")
        yield Words(id="secret-body")
        yield ValueEditor(compact=True, soft_wrap=True, tab_behavior="focus", show_line_numbers=False)
        yield Words(id="secret-facts")

    @property
    def editor(self) -> ValueEditor:
        return self.query_one(ValueEditor)

    @property
    def text(self) -> str:
        return self.editor.text

    @property
    def is_open(self) -> bool:
        """The value stands in the editor."""
        return self.has_class("-open")

    def show(self, head: Line, facts: Sequence[Line]) -> None:
        self.query_one("#secret-head", Words).show([head])
        self.query_one("#secret-facts", Words).show(facts)

    def show_words(self, lines: Sequence[Line]) -> None:
        """Words in the place of the value; the editor forgets what it had."""
        self.remove_class("-open")
        if self.editor.text:
            self.editor.load_text("")
        self.query_one("#secret-body", Words).show(lines)

    def show_text(self, text: str, language: str, *, editable: bool) -> None:
        """The value as text."""
        editor = self.editor
        lines = text.count("\n") + 1
        wanted = language if lines <= _HIGHLIGHTED and language in editor.available_languages else None
        if editor.language != wanted:
            editor.language = wanted
        if editor.text != text:
            with self.prevent(TextArea.Changed):
                editor.load_text(text)
        editor.soft_wrap = lines <= _HIGHLIGHTED
        editor.read_only = not editable
        editor.show_line_numbers = lines > 3
        self.query_one("#secret-body", Words).show([])
        self.add_class("-open")

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        if self.is_open:
            self.post_message(self.Typed())
