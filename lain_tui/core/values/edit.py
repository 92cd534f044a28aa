"""Changing one value in a values file: only the lines that must change do.

An edit is planned first (`set_value`, `remove_value`), shown, and then applied or not. Every plan is read back and
compared with what was asked for before anybody sees it.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.files import write_whole
from lain_tui.core.values.node import KeyPath
from lain_tui.core.values.reader import parse_tree
from lain_tui.core.values.source import compose, find_entry
from lain_tui.core.values.splice import from_nothing, with_key, with_value, without

_BOM = "\ufeff"


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one file, planned."""

    path: Path
    before: str | None
    """The file's text; None when there is no file yet."""
    after: str | None
    """None when the file goes."""

    @property
    def changed_lines(self) -> list[str]:
        """The lines that go and come, as `-…` and `+…`."""
        before, after = (self.before or "").splitlines(), (self.after or "").splitlines()
        told = list(difflib.unified_diff(before, after, n=0, lineterm=""))
        return [line for line in told[2:] if not line.startswith("@@")]

    @property
    def undo(self) -> Edit:
        """The edit that brings the file back."""
        return Edit(path=self.path, before=self.after, after=self.before)


def written_value(path: Path, keys: KeyPath) -> str:
    """A value as its file writes it; empty when it stands over several lines, and when it is not there.

    Raises LainError when the file cannot be read, or the value is an alias.
    """
    text = _plain(_read(path) or "")
    entry = find_entry(text, compose(text), keys)
    return "" if entry is None or "\n" in entry.written else entry.written


def set_value(path: Path, keys: KeyPath, written: str) -> Edit:
    """Give the key at a path another value, written as YAML on one line; maps on the way are made.

    Raises LainError when that is no YAML, when something else than a map is on the way, and when the value is not
    this file's own (an alias, a merge key).
    """
    written = written.strip()
    value = parse_value(written)
    before = _read(path)
    text = _plain(before or "")
    root = compose(text)
    if root is None:
        after = from_nothing(text, keys, written)
    elif (entry := find_entry(text, root, keys)) is not None:
        after = with_value(text, entry, written, _value(path, text, keys), value)
    else:
        after = with_key(text, root, keys, written)
    _check(path, text, after, keys, value)
    return Edit(path=path, before=before, after=_as_before(after, before))


def remove_value(path: Path, keys: KeyPath) -> Edit:
    """Take a key away, and each map above it that would be left empty.

    Raises LainError when the file has no such key of its own.
    """
    before = _read(path)
    text = _plain(before or "")
    root = compose(text)
    entry = find_entry(text, root, keys)
    if entry is None:
        raise LainError(f"{'.'.join(keys)} is not set here", where=str(path))
    while len(keys) > 1 and len(entry.parent.value) == 1:
        keys = keys[:-1]
        above = find_entry(text, root, keys)
        assert above is not None, "the map that an entry stands in has an entry of its own"
        entry = above
    after = without(text, entry)
    _check(path, text, after, keys, _GONE)
    return Edit(path=path, before=before, after=_as_before(after, before))


def apply_edit(edit: Edit) -> None:
    """Write the file in one step, with the mode that it had; a link stays a link.

    Raises LainError, and changes nothing, when the file is not what it was when the edit was planned.
    """
    path = edit.path.resolve()
    if _read(path) != edit.before:
        raise LainError("the file has changed meanwhile, nothing was written", where=str(edit.path))
    try:
        if edit.after is None:
            path.unlink()
            return
        write_whole(path, edit.after, replace=True)
    except OSError as error:
        raise LainError(f"it cannot be written: {error.strerror}", where=str(edit.path)) from None


def parse_value(written: str) -> Any:
    """What a value in YAML on one line means to helm; raises LainError when it is none."""
    if "\n" in written:
        raise LainError("this is more than one line", hint="The editor is the place for those.")
    tree = parse_tree(f"value: {written}\n", Path("what was typed"))
    assert isinstance(tree.value, dict)
    return tree.value["value"].plain()


_GONE = object()
"""Stands for the value of a key that is not there."""


def _value(path: Path, text: str, keys: KeyPath) -> Any:
    node = parse_tree(text, path).find(keys)
    return _GONE if node is None else node.plain()


def _check(path: Path, before: str, after: str, keys: KeyPath, value: Any) -> None:
    """Whether the new text says what the old one does but for this key."""
    expected = parse_tree(before, path).plain() or {}
    place = expected
    for key in keys[:-1]:
        if not isinstance(place.get(key), dict):
            place[key] = {}
        place = place[key]
    if value is _GONE:
        place.pop(keys[-1], None)
    else:
        place[keys[-1]] = value
    try:
        seen = parse_tree(after, path).plain() or {}
    except LainError:
        seen = None
    if seen != expected:
        raise LainError(
            f"{'.'.join(keys)} is written in a way that only an editor can change", where=str(path)
        )


def _read(path: Path) -> str | None:
    """The text with its line ends and its byte order mark; None when there is no such file."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise LainError("this is not UTF-8 text", where=str(path), hint="Save it as UTF-8.") from None
    except OSError as error:
        raise LainError(f"it cannot be read: {error.strerror}", where=str(path)) from None


def _plain(text: str) -> str:
    text = text.removeprefix(_BOM)
    return text.replace("\r\n", "\n") if _is_dos(text) else text


def _as_before(text: str, before: str | None) -> str:
    """The line ends and the byte order mark that the file had."""
    before = before or ""
    text = text.replace("\n", "\r\n") if _is_dos(before) else text
    return _BOM + text if before.startswith(_BOM) else text


def _is_dos(text: str) -> bool:
    return "\r\n" in text and text.count("\n") == text.count("\r\n")
