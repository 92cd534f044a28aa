"""All keys of a screen, grouped and searchable."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Input

from lain_tui.screens.base import key_name
from lain_tui.screens.dialog import Dialog
from lain_tui.widgets.canvas import Line, Page
from lain_tui.widgets.in_turn import TypedLine
from lain_tui.widgets.wrap import wrap


class KeyEntry(NamedTuple):
    group: str
    keys: str
    label: str
    text: str


def key_entries(screen: Screen[Any]) -> list[KeyEntry]:
    """What each key does on that screen, the screen's own verbs first; several keys of one verb together."""
    keys: dict[tuple[str, str], list[str]] = {}
    texts: dict[tuple[str, str], tuple[str, str]] = {}
    for key, active in screen.active_bindings.items():
        binding = active.binding
        if binding.system or not binding.tooltip:
            continue
        title = active.node.BINDING_GROUP_TITLE or ("This screen" if active.node is screen else "Everywhere")
        place = (title, binding.id or binding.action)
        keys.setdefault(place, []).append(key_name(key, active))
        texts[place] = (binding.description, binding.tooltip)
    entries = [KeyEntry(place[0], " ".join(names), *texts[place]) for place, names in keys.items()]
    order = {"This screen": 0, "Everywhere": 2}
    return sorted(entries, key=lambda entry: order.get(entry.group, 1))


class _Keys(Page):
    """The list of keys, narrowed by a search."""

    DEFAULT_CSS = "_Keys { height: 1fr; background: $surface; overflow-y: auto; margin-top: 1; }"

    def __init__(self, entries: list[KeyEntry]) -> None:
        super().__init__()
        self._entries = entries
        self._sought = ""

    def seek(self, text: str) -> None:
        self._sought = text.casefold().strip()
        self.redraw()

    def lines(self, width: int) -> list[Line]:
        lines: list[Line] = []
        group = ""
        found = [entry for entry in self._entries if self._sought in " ".join(entry).casefold()]
        column = min(22, max((len(entry.keys) for entry in found), default=0))
        for entry in found:
            if entry.group != group:
                group = entry.group
                lines += [[], [(group, "title")]] if lines else [[(group, "title")]]
            first, *rest = wrap(entry.text, width - column - 5)  # the last cell is the scrollbar's
            lines.append([("  ", ""), (entry.keys.ljust(column), "key"), ("  ", ""), (first, "")])
            lines += [[(" " * (column + 4), ""), (part, "")] for part in rest]
        return lines or [[("No key does that.", "quiet")]]


class HelpScreen(Dialog[None]):
    """Type to search; esc closes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "close", id="help.close", tooltip="Back to the screen"),
        Binding("down", "scroll(1)", "down", id="help.down", tooltip="Scroll down", show=False),
        Binding("up", "scroll(-1)", "up", id="help.up", tooltip="Scroll up", show=False),
        Binding(
            "pagedown", "scroll(10)", "page down", id="help.page-down", tooltip="Scroll down", show=False
        ),
        Binding("pageup", "scroll(-10)", "page up", id="help.page-up", tooltip="Scroll up", show=False),
    ]
    AUTO_FOCUS = "Input"
    DEFAULT_CSS = """
    HelpScreen {
        & > Vertical { width: 84; max-width: 94%; height: 34; }
        Input { background: $surface; }
    }
    """

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__()
        self._keys = _Keys(key_entries(screen))

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "Keys"
            yield TypedLine(placeholder="type to search, esc to close", compact=True)
            yield self._keys

    def on_input_changed(self, event: Input.Changed) -> None:
        self._keys.seek(event.value)

    def action_scroll(self, lines: int) -> None:
        self._keys.scroll_relative(y=lines, animate=False)

    def action_close(self) -> None:
        self.dismiss()
