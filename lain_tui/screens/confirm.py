"""The question before a change: what will be called, and on a protected cluster the name to be typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from lain_tui.widgets.canvas import Line, Page
from lain_tui.widgets.wrap import wrap


class _Words(Page):
    """The question's text."""

    DEFAULT_CSS = "_Words { height: auto; max-height: 14; background: $surface; overflow-y: auto; }"

    def __init__(self, title: str, calls: Sequence[str], warning: str, answer: str) -> None:
        super().__init__()
        self._title, self._calls, self._warning, self._answer = title, calls, warning, answer

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return len(self.lines(width))

    def lines(self, width: int) -> list[Line]:
        lines: list[Line] = [[(part, "strong")] for part in wrap(self._title, width)]
        lines.append([])
        for call in self._calls:
            lines += [[("  ", ""), (part, "quiet")] for part in wrap(call, width - 2)]
        if self._warning:
            lines += [[], *([(part, "risk")] for part in wrap(self._warning, width))]
        lines.append([])
        if self._answer:
            lines.append([("Type ", ""), (self._answer, "strong"), (" and press ", ""), ("enter", "key")])
        else:
            lines.append(
                [
                    ("y", "key"),
                    (" do it    ", ""),
                    ("n", "key"),
                    (" or ", "quiet"),
                    ("esc", "key"),
                    (" leave", ""),
                ]
            )
        return lines


class ConfirmScreen(ModalScreen[bool]):
    """True when the user agrees; with `answer`, only after typing exactly that."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "answer(False)", "leave", id="confirm.no", tooltip="Change nothing"),
    ]
    AUTO_FOCUS = "Input"
    DEFAULT_CSS = """
    ConfirmScreen {
        align: center middle;
        background: $background 60%;
        & > Vertical {
            width: 72; max-width: 90%; height: auto;
            padding: 1 2;
            background: $surface;
            border: round $accent;
        }
        &.-protected > Vertical { border: round $error; }
        Input { background: $background; margin-top: 1; }
    }
    """

    def __init__(self, title: str, calls: Sequence[str], *, warning: str = "", answer: str = "") -> None:
        super().__init__(classes="-protected" if answer else "")
        self._words = _Words(title, calls, warning, answer)
        self._answer = answer

    def compose(self) -> ComposeResult:
        with Vertical():
            yield self._words
            if self._answer:
                yield Input(select_on_focus=False, compact=True)

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
