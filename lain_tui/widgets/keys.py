"""Keys on their way. Over a slow connection many come at once, and what has focus changes under those behind the first."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from textual import events
from textual.widget import Widget

_AIMED: WeakKeyDictionary[events.Key, Widget | None] = WeakKeyDictionary()


def aim(event: events.Key, at: Widget | None) -> None:
    """Remember what had focus when a key set out."""
    _AIMED[event] = at


def missed(event: events.Key, focused: Widget) -> bool:
    """Whether the key set out for another than what has focus now, and nobody there wanted it."""
    return _AIMED.pop(event, focused) is not focused


def pass_on(event: events.Key, to: Widget) -> None:
    """Let another widget have a key, as if it had been pressed there."""
    key = events.Key(event.key, event.character)
    key.set_sender(to.app)  # as a driver does: a key that a screen sends goes no further than that screen
    aim(key, to)
    to._forward_event(key)
