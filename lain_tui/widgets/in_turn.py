"""Lines and editors whose every key takes effect in its turn, however fast they come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.widget import Widget
from textual.widgets import Input

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


def pass_on(event: events.Key, to: Widget) -> None:
    """Let another widget have a key, as if it had been pressed there."""
    to._forward_event(events.Key(event.key, event.character))


class TypedLine(InTurn, Input):
    """A line that is typed."""
