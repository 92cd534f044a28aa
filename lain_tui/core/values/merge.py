"""The arithmetic of layers: lain's and helm's merge, each value keeping where it came from.

Both merge files alike: maps key by key, everything else replaces, null too. Helm then puts the chart's own
values.yaml beneath the files given by `-f`, and there a null removes the key. What becomes of nulls in the chart's
own file changed between versions of helm, so the version is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any

from lain_tui.core.values.node import Node, Table

HelmVersion = tuple[int, int, int]

NEWEST: HelmVersion = (4, 2, 0)
"""The newest version of helm whose rules are known to differ from the one before."""


class Nulls(Enum):
    """Nulls below the top level, by helm's version (its `coalesceTablesFullKey` and `cleanNilValues`)."""

    REMOVED = "a given null removes the key, whatever the chart has"
    KEPT = "a given null stays where the chart has null, too"
    CLEANED = "as KEPT, and nulls of the chart's own file count as absent"

    @classmethod
    def of(cls, version: HelmVersion) -> Nulls:
        if version >= (4, 2, 0):
            return cls.CLEANED
        return cls.KEPT if version >= (4, 1, 3) or (3, 20, 1) <= version < (4,) else cls.REMOVED


def merge(layers: Iterable[Table]) -> Table:
    """Later layers over earlier ones; `overrode` of each node tells what it replaced."""
    merged: Table = {}
    for layer in layers:
        merged = _merge(merged, layer)
    return merged


def coalesce(chart: Table, given: Table, version: HelmVersion = NEWEST) -> Table:
    """Helm's second step: the chart's values.yaml beneath what was given by `-f`."""
    nulls = Nulls.of(version)
    removed = {key for key, node in given.items() if node.value is None and key in chart}
    if nulls is Nulls.CLEANED:
        chart = _without_nulls(chart)
    merged = _coalesce(chart, given, nulls)
    return {key: node for key, node in merged.items() if key not in removed}


def to_json(table: Table) -> dict[str, Any]:
    """The values as a template sees them: they came by way of JSON, so every number is a 64-bit float."""
    return {key: _json(node) for key, node in table.items()}


def _merge(below: Table, above: Table) -> Table:
    merged = dict(below)
    for key, node in above.items():
        under = merged.get(key)
        if under is None:
            merged[key] = node
        elif isinstance(under.value, dict) and isinstance(node.value, dict):
            merged[key] = _joined(under, _merge(under.value, node.value))
        else:
            merged[key] = _placed(node, under)
    return merged


def _coalesce(chart: Table, given: Table, nulls: Nulls) -> Table:
    # In the chart's order: its file is the one that people know.
    merged: Table = {}
    for key, default in chart.items():
        node = given.get(key)
        if node is None:
            merged[key] = default
        elif node.value is None and (default.value is not None or nulls is Nulls.REMOVED):
            continue
        elif isinstance(node.value, dict) and isinstance(default.value, dict):
            merged[key] = _joined(default, _coalesce(default.value, node.value, nulls))
        else:
            merged[key] = _placed(node, default)
    return {**merged, **{key: node for key, node in given.items() if key not in chart}}


def _joined(below: Node, value: Table) -> Node:
    node = Node(value, below.path, below.line)
    node.overrode = below.overrode
    return node


def _placed(above: Node, below: Node) -> Node:
    """`above` in the place of `below`, at the end of the chain of what was overridden."""
    node = Node(above.value, above.path, above.line)
    node.overrode = below if above.overrode is None else _placed(above.overrode, below)
    return node


def _without_nulls(table: Table) -> Table:
    cleaned: Table = {}
    for key, node in table.items():
        if isinstance(node.value, dict):
            cleaned[key] = Node(_without_nulls(node.value), node.path, node.line)
        elif node.value is not None:
            cleaned[key] = node
    return cleaned


def _json(node: Node) -> Any:
    value = node.value
    if isinstance(value, dict):
        return to_json(value)
    if isinstance(value, list):
        return [_json(item) for item in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    number = float(value)
    # As Go writes it in toJson and toYaml: without a point when it is whole, until exponents begin at 1e21.
    return int(number) if number.is_integer() and abs(number) < 1e21 else number
