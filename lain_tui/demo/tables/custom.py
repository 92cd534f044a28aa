"""Tables of kinds that somebody has defined, with the columns that the definition asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..duration import since
from ..kinds import Kind
from ..storage import Obj
from .columns import NAME

_STEP = re.compile(
    r"""\.(?P<name>[\w-]+(?:\\\.[\w/-]+)*)"""
    r"""|\[\?\(@\.(?P<key>[\w.]+)\s*==\s*['"](?P<value>[^'"]*)['"]\)\]"""
    r"""|\[(?P<place>\d+|\*)\]|\['(?P<quoted>[^']+)'\]"""
)
_AGE = {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}


def columns(kind: Kind) -> list[Obj]:
    """Give the column definitions."""
    return [NAME.definition(), *(_column(one) for one in _asked(kind))]


def cells(kind: Kind, obj: Obj, now: float) -> list[Any]:
    """Give one row's cells."""
    return [obj["metadata"]["name"], *(_cell(obj, one, now) for one in _asked(kind))]


def _asked(kind: Kind) -> list[Obj]:
    return (kind.custom or {}).get("additionalPrinterColumns") or [_AGE]


def _column(asked: Obj) -> Obj:
    return {
        "name": asked["name"],
        "type": asked["type"],
        "format": asked.get("format", ""),
        "description": asked.get("description")
        or f"Custom resource definition column (in JSONPath format): {asked['jsonPath']}",
        "priority": asked.get("priority", 0),
    }


def _cell(obj: Obj, asked: Obj, now: float) -> Any:
    found = list(_found([obj], asked["jsonPath"]))
    if not found:
        return None
    value = found[0]
    if asked["type"] == "date":
        return since(value, now)
    if asked["type"] == "string":
        return ",".join(map(str, found))
    return value if isinstance(value, int | float) else None


def _found(values: list[Any], path: str) -> Iterator[Any]:
    """What a JSONPath names: fields, places in lists, items by the value of a field."""
    for step in _STEP.finditer(path):
        values = [inner for value in values for inner in _below(value, step)]
    yield from (value for value in values if value is not None)


def _below(value: Any, step: re.Match[str]) -> Iterator[Any]:
    name = step["quoted"] or (step["name"] or "").replace("\\", "")
    if name:
        yield value.get(name) if isinstance(value, dict) else None
    elif not isinstance(value, list):
        return
    elif step["key"]:
        yield from (
            item for item in value if isinstance(item, dict) and item.get(step["key"]) == step["value"]
        )
    elif step["place"] == "*":
        yield from value
    else:
        yield from value[int(step["place"]) : int(step["place"]) + 1]
