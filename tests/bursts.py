"""Keys that come faster than they are looked at, as over a slow connection or in a paste without brackets."""

from __future__ import annotations

from textual import events
from textual.app import App
from textual.keys import _character_to_key


def type_at_once(app: App[object], *keys: str) -> None:
    """Press keys, all before the first has taken effect: a character, or a key's name such as `enter`."""
    for key in keys:
        letter = len(key) == 1
        app.post_message(events.Key(_character_to_key(key) if letter else key, key if letter else None))
