"""Reading one values file into a tree that knows the line of every key.

The tree is built from the events of libyaml, of which helm's parser (go-yaml v2) is a translation: what is a key, a
comment or an error is decided alike. PyYAML's binding to it reads 2,000 lines in 4 ms, its pure Python twin (used
where the binding is absent) in 90 ms; ruamel.yaml, which keeps comments for edits, takes 160 ms and more.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lain_tui.core.errors import LainError
from lain_tui.core.values.node import Node, Table
from lain_tui.core.values.scalars import BadScalar, Scalar, key_text, resolve

MAX_DEPTH = 200
"""Levels of nesting; no honest values file comes near."""

_HINTS = {
    "found character that cannot start any token": "YAML is indented by spaces: a tab will not do; text that begins "
    "with @, ` or % needs quotes.",
    "mapping values are not allowed in this context": "Text that holds ': ' needs quotes; otherwise check the "
    "indentation.",
    "could not find expected ':'": "A key is missing its colon, or a text its quotes.",
    "did not find expected key": "Check the indentation, and that quotes are closed.",
    "did not find expected '-' indicator": "Check the indentation of the list.",
    "found unexpected end of stream": "A quote or a bracket is never closed.",
    "did not find expected ',' or ']'": "A bracket is not closed, or a comma is missing.",
    "did not find expected ',' or '}'": "A brace is not closed, or a comma is missing.",
    "did not find expected alphabetic or numeric character": "Text that begins with & or * needs quotes.",
}


def read_text(path: Path) -> str:
    """A text file; raises LainError when it is absent, a directory, unreadable or not UTF-8."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise LainError("there is no such file", where=str(path)) from None
    except IsADirectoryError:
        raise LainError("this is a directory, a file is expected", where=str(path)) from None
    except OSError as error:
        raise LainError(f"it cannot be read: {error.strerror}", where=str(path)) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise LainError("this is not UTF-8 text", where=f"{path}:{line}", hint="Save it as UTF-8.") from None


def read_tree(path: Path) -> Node:
    """The file's one document; an empty file is an empty map.

    Raises LainError with file and line for whatever helm would refuse, and for a key given twice, where helm would
    silently take the last.
    """
    return parse_tree(read_text(path), path)


def read_table(path: Path) -> Table:
    """As `read_tree`, for a file whose top level must be a map (or nothing)."""
    tree = read_tree(path)
    if tree.value is None:
        tree.value = {}
    if not isinstance(tree.value, dict):
        kind = "a list" if isinstance(tree.value, list) else "a single value"
        raise LainError(f"it holds {kind}, but keys with values are expected", where=tree.where)
    return tree.value


def parse_tree(text: str, path: Path, *, repeats: bool = False) -> Node:
    """As `read_tree`, for text that was read already; `path` is what messages call it.

    With `repeats` a key that is given twice means its last value.
    """
    import yaml  # type: ignore[import-untyped]

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        return _Builder(loader, path, repeats).document()
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, path) from None
    except yaml.YAMLError as error:
        position = getattr(error, "position", 0)
        where = f"{path}:{text.count(chr(10), 0, position) + 1}"
        raise LainError("a control character is in the text", where=where) from None
    finally:
        loader.dispose()


def _syntax_error(error: Any, path: Path) -> LainError:
    mark = error.problem_mark or error.context_mark
    problem = str(error.problem or error.context or "it is no YAML")
    context = f" {error.context}" if error.problem and error.context else ""
    where = f"{path}:{mark.line + 1}" if mark is not None else str(path)
    key = next((known for known in _HINTS if problem.startswith(known)), "")
    return LainError(f"broken YAML{context}: {problem}", where=where, hint=_HINTS.get(key, ""))


class _Builder:
    """Turns events into nodes."""

    def __init__(self, loader: Any, path: Path, repeats: bool) -> None:
        from yaml import events

        self._next: Callable[[], Any] = loader.get_event
        self._scalar_event, self._alias_event = events.ScalarEvent, events.AliasEvent
        self._map_start, self._map_end = events.MappingStartEvent, events.MappingEndEvent
        self._list_end, self._stream_end = events.SequenceEndEvent, events.StreamEndEvent
        self._path = path
        self._repeats = repeats
        self._keys: list[str] = []
        """The keys above the node that is being built, for messages."""
        self._anchors: dict[str, Node | None] = {}
        self._sizes: dict[str, int] = {}
        """How many nodes stand below each anchor, those of aliases counted again."""
        self._nodes = 0
        self._borrowed = 0
        """How many nodes aliases repeat."""

    def document(self) -> Node:
        self._next()  # the stream's start
        event = self._next()
        if type(event) is self._stream_end:
            return Node({}, self._path, 1)
        root = self._node(self._next())
        self._next()  # the document's end
        event = self._next()
        if type(event) is not self._stream_end:
            raise self._fault(
                "a second document begins", event, hint="A values file holds one: no --- within."
            )
        return root

    def _node(self, event: Any) -> Node:
        kind = type(event)
        if kind is self._alias_event:
            return self._alias(event)
        self._nodes += 1
        node = Node(None, self._path, event.start_mark.line + 1)
        anchor = event.anchor
        if anchor is not None:
            self._anchors[anchor] = None  # an alias to it from within itself never ends
            before = self._nodes + self._borrowed
        if kind is self._scalar_event:
            node.value = self._scalar(event)
        else:
            if len(self._keys) > MAX_DEPTH:
                raise self._fault(f"it is nested more than {MAX_DEPTH} levels deep", event)
            node.value = self._table() if kind is self._map_start else self._items()
        if anchor is not None:
            self._anchors[anchor] = node
            self._sizes[anchor] = self._nodes + self._borrowed - before + 1
        return node

    def _alias(self, event: Any) -> Node:
        anchor = event.anchor
        target = self._anchors.get(anchor)
        if target is None and anchor in self._anchors:
            raise self._fault(f"the anchor &{anchor} contains itself", event)
        if target is None:
            raise self._fault(f"no anchor &{anchor} comes before the alias *{anchor}", event)
        self._borrowed += self._sizes[anchor]
        if self._borrowed > 1000 and self._borrowed > 99 * self._nodes:  # go-yaml's own limit for small files
            raise self._fault("its aliases repeat too much", event)
        return Node(target.value, self._path, event.start_mark.line + 1)

    def _scalar(self, event: Any) -> Scalar:
        tag = event.tag
        if tag is None or tag == "!":
            if event.style:  # quoted, or a block
                text: str = event.value
                return text
            tag = ""
        try:
            value = resolve(event.value, tag)
        except BadScalar as error:
            raise self._fault(str(error), event) from None
        if type(value) is float and not math.isfinite(value):
            raise self._fault(f"{event.value} is a number that helm cannot carry", event, hint="Quote it.")
        return value

    def _items(self) -> list[Node]:
        items: list[Node] = []
        while type(event := self._next()) is not self._list_end:
            self._keys.append(str(len(items)))
            items.append(self._node(event))
            self._keys.pop()
        return items

    def _table(self) -> Table:
        table: Table = {}
        own: dict[str, int] = {}
        while type(event := self._next()) is not self._map_end:
            if _is_merge(event):
                self._merge(table, self._next())
                continue
            key = self._key(event)
            line = event.start_mark.line + 1
            self._keys.append(key)
            if key in own and not self._repeats:
                raise self._fault(
                    f"the key is given twice, first on line {own[key]}", event, hint="Keep one."
                )
            own[key] = line
            node = table[key] = self._node(self._next())
            node.line = line
            self._keys.pop()
        return table

    def _key(self, event: Any) -> str:
        value = self._node(event).value
        if isinstance(value, dict | list):
            raise self._fault("a map or a list cannot be a key", event)
        key = key_text(value)
        if key is None:
            raise self._fault("null and numbers beyond 63 bits cannot be keys", event, hint="Quote it.")
        return key

    def _merge(self, table: Table, event: Any) -> None:
        """`<<`: as in go-yaml v2, it overrides the keys before it and yields to those after it."""
        merged = self._node(event)
        written_here = type(event) is not self._alias_event
        parts = merged.value if isinstance(merged.value, list) and written_here else [merged]
        for part in reversed(parts):
            if not isinstance(part.value, dict):
                raise self._fault("<< takes a map, or a list of maps", event)
            table.update(part.value)

    def _fault(self, what: str, event: Any, *, hint: str = "") -> LainError:
        where = f"{self._path}:{event.start_mark.line + 1}"
        return LainError(what, where=f"{where}: {'.'.join(self._keys)}" if self._keys else where, hint=hint)


def _is_merge(event: Any) -> bool:
    return getattr(event, "value", None) == "<<" and (
        event.implicit[0] or event.tag == "tag:yaml.org,2002:merge"
    )
