"""Lines and editors whose every key takes effect in its turn, however fast they come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.widget import Widget
from textual.widgets import Input

from lain_tui.widgets.keys import pass_on

if TYPE_CHECKING:
    _Widget = Widget
else:
    _Widget = object


class InTurn(_Widget):
    """Mixed into a widget that is typed into.

    A letter takes effect where it arrives; a key that is a binding, as backspace is, goes up to the app first and comes
    back as an action, so that letters typed close behind it would overtake it: `ax`, backspace, `b` became `ax`.
    """

    def leaves(self, key: str) -> bool:
        """Whether a key that is not the widget's own has just given the focus to another."""
        return False

    async def _on_key(self, event: events.Key) -> None:
        focused = self.screen.focused if self.is_attached else self
        bindings = self._bindings.key_to_bindings.get(event.key, ())
        if focused is not self:
            # A key before it left the widget: it is meant for what has focus now.
            pass_on(event, focused or self.screen)
        elif event.key.startswith("alt+") and event.character and self.leaves("escape"):
            # Esc and a letter behind it that came in one packet, as they do from afar.
            letter = event.key.removeprefix("alt+")
            pass_on(events.Key(letter, event.character), self.screen.focused or self.screen)
        elif not bindings and (event.is_printable or not self.leaves(event.key)):
            return
        event.stop()
        event.prevent_default()
        if focused is self:
            for binding in bindings:
                await self.run_action(binding.action)


class TypedLine(InTurn, Input):
    """A line that is typed."""


class AskedLine(TypedLine):
    """A line that asks for something: enter and the keys of the bar around it end it, each in its turn.

    What is typed behind them is not this line's any more. Whoever asked is to have dealt with the answer first, so it waits:
    until it is passed on, or else until the line is gone.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text, select_on_focus=False, compact=True)
        self._ahead: list[events.Key] | None = None
        """What came behind the key that ended it; None before that."""
        self._next: Widget | None = None

    async def _on_key(self, event: events.Key) -> None:
        bar = self.parent
        assert isinstance(bar, Widget)
        bindings = bar._bindings.key_to_bindings.get(event.key, ())
        if self._ahead is None and event.key != "enter" and not bindings:
            return
        event.stop()
        event.prevent_default()
        if self._ahead is None:
            self._ahead = []
            if event.key == "enter":
                await self.action_submit()
            for binding in bindings:
                await bar.run_action(binding.action)
        elif self._next is not None:
            pass_on(event, self._next)
        else:
            self._ahead.append(event)

    def pass_on(self, to: Widget | None) -> None:
        """Let that have what was typed behind enter, and what still comes here; None: this line goes on."""
        ahead, self._ahead = self._ahead or [], [] if to is not None else None
        self._next = to
        for event in ahead:
            pass_on(event, to or self)

    def on_unmount(self) -> None:
        screen = self.screen
        # Later, when whoever took the line away has set the focus.
        screen.call_later(lambda: self.pass_on(screen.focused or screen))
