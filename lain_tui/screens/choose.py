"""One of a few names, in a small box over the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from lain_tui.screens.dialog import Dialog
from lain_tui.widgets.canvas import Span
from lain_tui.widgets.choice_list import ChoiceList
from lain_tui.widgets.tones import linked


class ChooseScreen(Dialog[str]):
    """The name that was chosen; empty when none was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "leave", id="choose.leave", tooltip="Choose none"),
    ]
    AUTO_FOCUS = "ChoiceList"
    DEFAULT_CSS = """
    ChooseScreen {
        & > Vertical { width: 48; max-height: 70%; padding: 0 1; }
        &.-wide > Vertical { width: 76; }
        ChoiceList { height: auto; background: $surface; }
    }
    """

    def __init__(self, title: str, names: Sequence[str], *, about: Mapping[str, str] | None = None) -> None:
        """`about` says a few words of each name."""
        super().__init__(classes="-wide" if about else "")
        self._title, self._names, self._about = title, names, about or {}
        self._list = ChoiceList()

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = self._title
            yield self._list

    def on_mount(self) -> None:
        self._list.styles.height = min(len(self._names), 16)
        column = max(map(len, self._names), default=0) + 3
        self._list.show(
            [
                (name, [(" ", ""), (name.ljust(column), linked(name)), self._remark(name)])
                for name in self._names
            ]
        )

    def _remark(self, name: str) -> Span:
        about = self._about.get(name, "")
        return about, f"quiet {linked(about)}".strip()

    @on(ChoiceList.Chosen)
    def _chosen(self, message: ChoiceList.Chosen) -> None:
        self.dismiss(message.key)

    def action_leave(self) -> None:
        self.dismiss("")
