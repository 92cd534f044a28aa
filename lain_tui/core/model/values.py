"""An app's values as a screen shows them: a tree of keys, who set each, and how two clusters differ."""

from __future__ import annotations

from enum import StrEnum

import msgspec

KeyPath = tuple[str, ...]
MASK = "••••••••"
"""Stands for a value that is not to be shown."""


class ValueKind(StrEnum):
    """What a value is to helm."""

    TEXT = "text"
    NUMBER = "number"
    TRUTH = "yes or no"
    NOTHING = "null"
    LIST = "list"
    MAP = "map"


class ValueOrigin(msgspec.Struct, frozen=True, kw_only=True):
    """A value in one file."""

    text: str
    """On one line, as YAML has it."""
    kind: ValueKind
    file: str
    """The file's whole path."""
    name: str
    """The file's short name: `values-prod.yaml`."""
    line: int
    """Of the key, from 1."""


class ValueLeaf(msgspec.Struct, frozen=True, kw_only=True):
    """A key that is set as one: a single value, a list, or an empty map."""

    path: KeyPath
    origin: ValueOrigin
    overrode: tuple[ValueOrigin, ...] = ()
    """What stands beneath, the nearest layer first."""
    secret: bool = False
    """Its name says that the value should not be shown unasked."""


class ValueRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the tree; in a comparison with the other cluster's value beside it."""

    path: KeyPath
    leaf: ValueLeaf | None = None
    """None for a map, and for what only the other cluster sets."""
    other: ValueLeaf | None = None
    """Of the cluster that is compared with."""
    is_map: bool = False
    folded: bool = False
    leaves: int = 0
    """How many are below a map."""
    differs: bool = False
    """Whether the two clusters have different values here, or below."""

    @property
    def depth(self) -> int:
        return len(self.path) - 1

    @property
    def name(self) -> str:
        return self.path[-1]
