"""The tree of an app's values as rows: folded, filtered, compared with another cluster's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from lain_tui.core.model.values import MASK, KeyPath, ValueKind, ValueLeaf, ValueOrigin, ValueRow
from lain_tui.core.values.layers import Values
from lain_tui.core.values.node import Node
from lain_tui.core.values.writer import one_line

_SECRET = re.compile(
    r"(?i)(?:^|[._-])(?:password|passwd|pass|pwd|token|secret|credentials?|(?:private|access|api|secret)[._-]?key)$"
    r"|(?:Password|Token|ApiKey|PrivateKey)$|(?:^|_)access_key_secret$"
)
_LONGEST = 2000


class TreeView(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of the tree is shown."""

    folded: frozenset[KeyPath] = frozenset()
    filter: str = ""
    """Words that the key's path, its value or its file's name must contain, each of them."""
    differences_only: bool = False
    """With a comparison: leave out what is the same on both."""


def looks_secret(key: str) -> bool:
    """Whether a key's name says that its value should not be shown unasked."""
    return _SECRET.search(key) is not None


def leaves_of(values: Values) -> list[ValueLeaf]:
    """Every leaf, nulls too, with who set it, in file order."""
    names = short_names([layer.path for layer in values.layers])
    return [_leaf(path, node, names) for path, node in values.leaves()]


def short_names(files: Sequence[Path]) -> dict[Path, str]:
    """What to call each file: its own name, with its folder's where two have the same."""
    count = Counter(file.name for file in dict.fromkeys(files))
    return {file: file.name if count[file.name] == 1 else f"{file.parent.name}/{file.name}" for file in files}


def rows_of(
    leaves: Sequence[ValueLeaf], view: TreeView | None = None, other: Sequence[ValueLeaf] | None = None
) -> list[ValueRow]:
    """The tree's visible rows; with `other` each beside what that cluster has."""
    view = view or TreeView()
    root = _Branch(())
    for side, given in enumerate((leaves, other or ())):
        for leaf in given:
            root.put(leaf, side)
    words = view.filter.casefold().split()
    compared = other is not None
    root.settle(words, compared, view.differences_only and compared)
    # What is searched for is never hidden in a folded map.
    return list(_rows(root, frozenset() if words else view.folded))


class _Branch:
    """A key while the tree is made: a leaf on either side, and keys below."""

    __slots__ = ("below", "count", "differs", "path", "shown", "sides")

    def __init__(self, path: KeyPath) -> None:
        self.path = path
        self.sides: list[ValueLeaf | None] = [None, None]
        self.below: dict[str, _Branch] = {}
        self.count = 0
        self.differs = False
        self.shown = False

    def put(self, leaf: ValueLeaf, side: int) -> None:
        branch = self
        for key in leaf.path:
            found = branch.below.get(key)
            if found is None:
                found = branch.below[key] = _Branch((*branch.path, key))
            branch = found
        branch.sides[side] = leaf

    def settle(self, words: list[str], compared: bool, differences_only: bool) -> None:
        """Find out, from the leaves up, what differs and what is shown."""
        for branch in self.below.values():
            branch.settle(words, compared, differences_only)
        mine, other = self.sides
        self.differs = compared and _text(mine) != _text(other)
        own = any(self.sides) and (self.differs or not differences_only) and self._matches(words)
        shown = [branch for branch in self.below.values() if branch.shown]
        self.shown = own or bool(shown)
        self.differs = self.differs or any(branch.differs for branch in self.below.values())
        self.count = int(any(self.sides)) + sum(branch.count for branch in shown)

    def _matches(self, words: list[str]) -> bool:
        if not words:
            return True
        told = [".".join(self.path)]
        for leaf in self.sides:
            if leaf is not None:
                told += [leaf.origin.name] if leaf.secret else [leaf.origin.text, leaf.origin.name]
        text = " ".join(told).casefold()
        return all(word in text for word in words)


def _rows(branch: _Branch, folded: frozenset[KeyPath]) -> Iterator[ValueRow]:
    for child in branch.below.values():
        if not child.shown:
            continue
        mine, other = child.sides
        is_folded = child.path in folded
        yield ValueRow(
            path=child.path,
            leaf=mine,
            other=other,
            is_map=bool(child.below),
            folded=is_folded,
            leaves=child.count,
            differs=child.differs,
        )
        if not is_folded:
            yield from _rows(child, folded)


def _text(leaf: ValueLeaf | None) -> tuple[ValueKind, str] | None:
    return None if leaf is None else (leaf.origin.kind, leaf.origin.text)


def _leaf(path: KeyPath, node: Node, names: Mapping[Path, str]) -> ValueLeaf:
    below = []
    secret = _hides(path[-1], node)
    under = node.overrode
    while under is not None:
        below.append(_origin(under, names))
        secret = secret or _hides(path[-1], under)
        under = under.overrode
    return ValueLeaf(path=path, origin=_origin(node, names), overrode=tuple(below), secret=secret)


def _hides(key: str, node: Node) -> bool:
    """Whether the value, or anything in it, should not be shown unasked."""
    plain = node.plain()
    return bool(hidden(plain, key) != plain)


def _is_secret(key: str, value: Any) -> bool:
    return isinstance(value, str) and bool(value) and looks_secret(key)


def _origin(node: Node, names: Mapping[Path, str]) -> ValueOrigin:
    plain = node.plain()
    return ValueOrigin(
        text=one_line(plain, limit=_LONGEST),
        kind=_kind(plain),
        file=str(node.path),
        name=names.get(node.path, node.path.name),
        line=node.line,
    )


def _kind(value: Any) -> ValueKind:
    if value is None:
        return ValueKind.NOTHING
    if isinstance(value, bool):
        return ValueKind.TRUTH
    if isinstance(value, dict):
        return ValueKind.MAP
    if isinstance(value, list):
        return ValueKind.LIST
    return ValueKind.NUMBER if isinstance(value, int | float) else ValueKind.TEXT


def hidden(value: Any, key: str = "") -> Any:
    """Values with each text masked whose key says that it is secret."""
    if isinstance(value, dict):
        return {name: hidden(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [hidden(item) for item in value]
    return MASK if _is_secret(key, value) else value


_ENTRY = re.compile(r"(\s*(?:#+ *)?(?:- )?)([\"']?)([^\s\"':#{][^\"':#{]*)\2:(\s+)(\S.*)?$")
_INLINE = re.compile(r"(?<=[{,])(\s*)([\"']?)([\w.-]+)\2:(\s+)(\"[^\"]*\"|'[^']*'|[^,}]*)")


def masked(text: str) -> list[str]:
    """A file's lines with the values hidden whose names say so, in comments too; all the lines of a block text."""
    lines: list[str] = []
    hiding = -1
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        if hiding >= 0 and (indent > hiding or not line.strip()):
            lines.append(f"{line[:indent]}{MASK}" if line.strip() else line)
            continue
        hiding = -1
        match = _ENTRY.match(f"{line} ")
        value = (match[5] or "").strip() if match is not None else ""
        if match is None or not looks_secret(match[3].strip()):
            lines.append(_INLINE.sub(_inline, line) if "{" in line else line)
        elif not value or value.startswith(("|", ">")):
            hiding = indent
            lines.append(line)
        else:
            lines.append(f"{match[1]}{match[2]}{match[3]}{match[2]}:{match[4]}{MASK}")
    return lines


def _inline(match: re.Match[str]) -> str:
    """An entry of a map on one line."""
    space, quote, key, gap, _ = match.groups()
    return f"{space}{quote}{key}{quote}:{gap}{MASK}" if looks_secret(key) else match[0]
