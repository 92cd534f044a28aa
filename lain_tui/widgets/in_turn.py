"""Lines and editors whose every key takes effect in its turn, however fast they come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.widgets import Input

if TYPE_CHECKING:
    from textual.widget import Widget as _Widget
else:
    _Widget = object


class InTurn(_Widget):
    """Mixed into a widget that is typed into.

    A letter takes effect where it arrives; a key that is a binding, as backspace is, goes up to the app first and comes
    back as an action, so that letters typed close behind it would overtake it: `ax`, backspace, `b` became `ax`.
    """

    async def _on_key(self, event: events.Key) -> None:
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            event.stop()
            event.prevent_default()
            await self.run_action(binding.action)


class TypedLine(InTurn, Input):
    """A line that is typed."""
