"""The registry of what can be done: every verb has a name, a key that can be remapped, and says what it does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from textual.binding import Binding


class Verb(NamedTuple):
    """Something a screen does for the user.

    The screen's method `verb_<last part of the id>` does it; footer, help, palette and key map all read this.
    """

    id: str
    """`<area>.<name>`; what a key map in the settings refers to."""
    key: str
    """Its keys, comma-separated, as Textual names them."""
    label: str
    """One or two words for the footer."""
    tooltip: str
    """A sentence without a full stop for help and palette."""
    worth: int = 0
    """How long it stays in the footer of a narrow terminal; 0: never there."""
    changes: bool = False
    """Changes the cluster: refused in read-only mode."""

    @property
    def name(self) -> str:
        return self.id.rpartition(".")[2].replace("-", "_")


def bindings(verbs: Iterable[Verb]) -> list[Binding]:
    """The verbs as Textual's bindings; all of them run through the screen's one gate (`LainScreen.action_do`)."""
    return [
        Binding(
            verb.key, f"do('{verb.id}')", verb.label, show=verb.worth > 0, tooltip=verb.tooltip, id=verb.id
        )
        for verb in verbs
    ]
