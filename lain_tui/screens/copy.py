"""Copying from a screen: what and where to first, then the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label

from lain_tui.core.errors import LainError
from lain_tui.core.model.text import plain
from lain_tui.screens.dialog import Dialog
from lain_tui.screens.operation import OperationScreen
from lain_tui.widgets.in_turn import TypedLine

if TYPE_CHECKING:
    from lain_tui.core.operations.operation import Operation
    from lain_tui.core.target import Target
    from lain_tui.screens.session import Session

_FOLDER = ":/lain/app/"
"""Where an app's files are."""


class Wish(NamedTuple):
    """What to copy; a path in the pod begins with a colon."""

    source: str
    destination: str
    force: bool


class CopyScreen(Dialog[Wish | None]):
    """From where to where; None when nothing is to be copied."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", id="copy.leave", tooltip="Copy nothing"),
        Binding("ctrl+o", "replace", "replace", id="copy.replace", tooltip="Replace what is there, or do not"),
        Binding("ctrl+t", "turn", "turn round", id="copy.turn", tooltip="From there to here, or from here to there"),
    ]  # fmt: skip
    AUTO_FOCUS = "#source"
    DEFAULT_CSS = """
    CopyScreen {
        Horizontal { height: 1; }
        Horizontal > Label { width: 6; }
        Input { width: 1fr; background: $background; }
        #force { margin-top: 1; width: 100%; &.-on { color: $warning; } }
        .-hint { color: $foreground 60%; margin-top: 1; width: 100%; }
        .-hint.-error { color: $warning; }
    }
    """
    _HINT = "A path in the pod begins with a colon. ctrl+t turns round, enter plans it."

    def __init__(self, pod: str) -> None:
        super().__init__()
        self._pod = pod
        self._force = False

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = f"Copy: {self._pod}"
            with Horizontal():
                yield Label("from")
                yield TypedLine(_FOLDER, id="source", compact=True, select_on_focus=False)
            with Horizontal():
                yield Label("to")
                yield TypedLine("./", id="destination", compact=True, select_on_focus=False)
            yield Label(self._forced(), id="force", markup=False)
            yield Label(self._HINT, classes="-hint", markup=False)

    def on_mount(self) -> None:
        source = self.query_one("#source", Input)
        source.cursor_position = len(source.value)

    def action_leave(self) -> None:
        self.dismiss(None)

    def _forced(self) -> str:
        return f"ctrl+o  what is there already is {'replaced' if self._force else 'kept'}"

    def action_replace(self) -> None:
        self._force = not self._force
        label = self.query_one("#force", Label)
        label.update(self._forced())
        label.set_class(self._force, "-on")

    def action_turn(self) -> None:
        source, destination = self.query_one("#source", Input), self.query_one("#destination", Input)
        source.value, destination.value = destination.value, source.value
        for field in (source, destination):
            field.cursor_position = len(field.value)
        source.focus()

    @on(Input.Submitted, "#source")
    def _on_to_the_other(self) -> None:
        self.query_one("#destination", Input).focus()

    @on(Input.Submitted, "#destination")
    def _agreed(self) -> None:
        source = self.query_one("#source", Input).value.strip()
        destination = self.query_one("#destination", Input).value.strip()
        wrong = _wrong(source, destination)
        if wrong:
            hint = self.query_one(".-hint", Label)
            hint.add_class("-error")
            hint.update(plain(wrong))
            return
        self.dismiss(Wish(source, destination, self._force))


def _wrong(source: str, destination: str) -> str:
    from lain_tui.core.copy.address import parse_address

    if not source or not destination:
        return "Both need a path."
    try:
        there, too = parse_address(source), parse_address(destination)
    except LainError as error:
        return str(error)
    if (there is None) == (too is None):
        return "One of the two is in the pod, and begins with a colon; the other one is here."
    return ""


async def ask_to_copy(app: App[Any], session: Session, target: Target, name: str) -> None:
    """Ask what to copy into or out of that pod, or the proc's best one, and open the screen that plans and does it.

    Raises LainError when nothing runs there.
    """
    from lain_tui.core.shell.place import find_place
    from lain_tui.screens.choose import ChooseScreen

    kube, _ = await session.opened()
    place = await find_place(kube, target, name)
    container = place.container
    if place.others:
        names = (container, *place.others)
        container = await app.push_screen_wait(ChooseScreen(f"Copy: {place.pod}", names))
        if not container:
            return
    wish = await app.push_screen_wait(CopyScreen(place.pod))
    if wish is None:
        return

    async def prepare() -> Operation:
        from lain_tui.core.copy.prepare import prepare_copy

        return await prepare_copy(
            kube, target, wish.source, wish.destination, pod=place.pod, container=container, force=wish.force
        )

    app.push_screen(OperationScreen(session.operations, "copy", prepare))
