"""A value and the place that it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lain_tui.core.values.scalars import Scalar

Table = dict[str, "Node"]
KeyPath = tuple[str, ...]


class Node:
    """One value in a values file, or in the merge of several."""

    __slots__ = ("line", "overrode", "path", "value")

    def __init__(self, value: Scalar | list[Node] | Table, path: Path, line: int) -> None:
        self.value = value
        self.path = path
        """The file."""
        self.line = line
        """The line of the value's key, or of the value where it has none (an item of a list)."""
        self.overrode: Node | None = None
        """What stood here in the layers below; None when nothing did."""

    @property
    def where(self) -> str:
        return f"{self.path}:{self.line}"

    def plain(self) -> Any:
        """The value as Python's own dicts, lists and scalars."""
        value = self.value
        if isinstance(value, dict):
            return {key: node.plain() for key, node in value.items()}
        if isinstance(value, list):
            return [node.plain() for node in value]
        return value

    def find(self, path: KeyPath) -> Node | None:
        """The node at a path of keys and list indices below this one."""
        node: Node | None = self
        for key in path:
            if node is None:
                return None
            if isinstance(node.value, dict):
                node = node.value.get(key)
            elif isinstance(node.value, list) and key.isdigit() and int(key) < len(node.value):
                node = node.value[int(key)]
            else:
                return None
        return node

    def leaves(self, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Node]]:
        """Everything that is set as one: scalars, lists (a list is replaced whole) and empty maps."""
        if isinstance(self.value, dict) and self.value:
            for key, node in self.value.items():
                yield from node.leaves((*path, key))
        else:
            yield path, self
