"""The list of the Env & secrets screen: every object that is open with its keys, each line made when it is painted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from lain_tui.core.model.holder import Change, Ref, Usage
from lain_tui.core.model.text import counted
from lain_tui.core.secrets.desk import Desk
from lain_tui.core.secrets.draft import Draft
from lain_tui.core.secrets.values import summary
from lain_tui.widgets.canvas import Line, Span, clip

MASK = "••••••••"
_MARKS: dict[Change, Span] = {
    Change.ADDED: ("+", "accent"),
    Change.CHANGED: ("~", "accent"),
    Change.REMOVED: ("-", "quiet"),
}


class Entry(NamedTuple):
    """A row of the list: a key, a key that a crash asks for, or (key empty) the object itself."""

    ref: Ref
    key: str = ""
    asked_by: str = ""

    @property
    def id(self) -> str:
        return f"{self.ref.kind}/{self.ref.name}/{self.key}"


class Rows:
    """What is listed as of now."""

    def __init__(self, desk: Desk, asked: Mapping[tuple[str, str], str], words: str = "") -> None:
        """`asked` is which proc asks for a key of a Secret; `words` are what the names must contain."""
        wanted = words.lower().split()
        self._desk = desk
        self.entries: dict[str, Entry] = {}
        self._changes: dict[Ref, Mapping[str, Change]] = {}
        self._usages: dict[Ref, Usage] = {}
        self._hidden: dict[Ref, Mapping[str, str]] = {}
        for ref in desk.refs:
            self._list(Entry(ref))
            draft = desk.draft(ref)
            if draft is None:
                continue
            self._changes[ref] = draft.changes
            self._usages[ref] = usage = desk.usage(ref)
            self._hidden[ref] = {shadow.key: shadow.by for shadow in usage.shadows}
            keys = draft.keys
            for key in keys:
                if all(word in key.lower() for word in wanted):
                    self._list(Entry(ref, key))
            for (name, key), proc in asked.items():
                if name == ref.name and ref.kind == "Secret" and key not in keys:
                    self._list(Entry(ref, key, proc))

    def _list(self, entry: Entry) -> None:
        self.entries[entry.id] = entry

    @property
    def first_key(self) -> Entry | None:
        """The first that is a key."""
        return next((entry for entry in self.entries.values() if entry.key), None)

    def usage(self, ref: Ref) -> Usage:
        """Who reads it."""
        return self._usages.get(ref) or self._desk.usage(ref)

    def line(self, id: str, width: int) -> Line:
        entry = self.entries[id]
        draft = self._desk.draft(entry.ref)
        if draft is None or not entry.key:
            return _heading(entry.ref, draft, self._desk)
        if entry.asked_by:
            return _asked_row(entry.key, entry.asked_by, width)
        change = self._changes.get(entry.ref, {}).get(entry.key)
        return _key_row(draft, entry.key, change, self._hidden.get(entry.ref, {}), width)


def _heading(ref: Ref, draft: Draft | None, desk: Desk) -> Line:
    fault = desk.fault(ref)
    if draft is None:
        words = fault.what if fault is not None else "reading"
        return [("▾ ", "quiet"), (ref.name, "strong"), (f"  {words}", "risk" if fault else "quiet")]
    kind = "" if ref.kind == "Secret" else f"{ref.kind}, "
    noun = "file" if ref.name.endswith("-secret") else "key"
    count = f"{kind}{counted(len(draft.values), noun)}" if draft.base.exists else "does not exist yet"
    line: list[Span] = [("▾ ", "quiet"), (ref.name, "strong"), (f"  {count}", "quiet")]
    if draft.base.immutable:
        line.append((" immutable", "risk"))
    return line


def _key_row(draft: Draft, key: str, change: Change | None, hidden: Mapping[str, str], width: int) -> Line:
    mark: Span = _MARKS[change] if change else (" ", "")
    tone, note = "", _note(draft, key)
    if any(conflict.key == key for conflict in draft.conflicts):
        mark, note = ("!", "broken"), ("conflict", "broken")
    elif change:
        note = (change.value, "quiet" if change is Change.REMOVED else "accent")
        tone = "quiet" if change is Change.REMOVED else ""
    elif key in hidden:
        mark, note = ("!", "risk"), (f"hidden by {hidden[key]}", "risk")
    room = max(8, width - 6 - min(len(note[0]), max(10, width // 2)))
    name = clip(key, room)
    return [(" ", ""), mark, (" ", ""), (name.ljust(room), tone), ("  ", ""), note]


def _note(draft: Draft, key: str) -> Span:
    value = draft.get(key)
    if value is None:
        return ("", "")
    if words := summary(value):
        return (words, "quiet")
    return (MASK, "faint") if draft.base.masked else ("", "")


def _asked_row(key: str, proc: str, width: int) -> Line:
    return [
        (" ", ""),
        ("?", "risk"),
        (" ", ""),
        (clip(key, width - 20), "quiet"),
        ("  ", ""),
        (f"{proc} asks for it", "risk"),
    ]
