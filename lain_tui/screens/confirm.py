"""The question before a change: what will be called, and on a protected cluster the name to be typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from lain_tui.screens.dialog import Dialog
from lain_tui.widgets.canvas import Line, Page
from lain_tui.widgets.in_turn import TypedLine
from lain_tui.widgets.wrap import wrap


class _Words(Page):
    """The question's text; what does not fit is scrolled."""

    DEFAULT_CSS = "_Words { height: auto; max-height: 14; background: $surface; overflow-y: auto; }"

    def __init__(self, title: str, calls: Sequence[str], warning: str) -> None:
        super().__init__()
        self._title, self._calls, self._warning = title, calls, warning

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return len(self.lines(width))

    def lines(self, width: int) -> list[Line]:
        lines: list[Line] = [[(part, "strong")] for part in wrap(self._title, width)]
        lines.append([])
        for call in self._calls:
            lines += [[("  ", ""), (part, "quiet")] for part in wrap(call, width - 2)]
        for sentence in self._warning.splitlines():
            lines += [[], *([(part, "risk")] for part in wrap(sentence, width))]
        return lines


class _Answers(Page):
    """What can be answered: always in sight, however long the question is."""

    DEFAULT_CSS = "_Answers { height: 1; margin-top: 1; background: $surface; }"

    def __init__(self, answer: str) -> None:
        super().__init__()
        self._answer = answer

    def lines(self, width: int) -> list[Line]:
        if self._answer:
            return [[("Type ", ""), (self._answer, "strong"), (" and press ", ""), ("enter", "key")]]
        return [
            [
                ("y", "key"),
                (" do it    ", ""),
                ("n", "key"),
                (" or ", "quiet"),
                ("esc", "key"),
                (" leave", ""),
            ]
        ]


class ConfirmScreen(Dialog[bool]):
    """True when the user agrees; with `answer`, only after typing exactly that."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "answer(False)", "leave", id="confirm.no", tooltip="Change nothing"),
    ]
    AUTO_FOCUS = "Input"
    DEFAULT_CSS = """
    ConfirmScreen {
        & > Vertical { border: round $accent; }
        &.-protected > Vertical { border: round $error; }
        Input { background: $background; margin-top: 1; }
    }
    """

    def __init__(self, title: str, calls: Sequence[str], *, warning: str = "", answer: str = "") -> None:
        """Each line of `warning` is a sentence of its own."""
        super().__init__(classes="-protected" if answer else "")
        self._words = _Words(title, calls, warning)
        self._answer = answer

    def compose(self) -> ComposeResult:
        with Vertical():
            yield self._words
            yield _Answers(self._answer)
            if self._answer:
                yield TypedLine(select_on_focus=False, compact=True)

    def on_key(self, event: events.Key) -> None:
        if not self._answer and event.key in {"y", "n", "q"}:
            # Else the screen beneath, which comes back at once, would take it for a key of its own.
            event.stop()
            self.dismiss(event.key == "y")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.value.strip() == self._answer:
            self.dismiss(True)
        else:
            self.notify(f"That is not {self._answer}: nothing was done", severity="warning", markup=False)

    def action_answer(self, agreed: bool) -> None:
        self.dismiss(agreed)
