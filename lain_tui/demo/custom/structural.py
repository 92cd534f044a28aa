"""What a structural schema does to an object: unknown fields go, and defaults come."""

from __future__ import annotations

from typing import Any

from ..kinds import Kind
from ..storage import Obj, copy

TOP = ("apiVersion", "kind", "metadata")
"""What a schema does not speak of."""
_KEEP = "x-kubernetes-preserve-unknown-fields"


def schema_of(kind: Kind) -> Obj:
    """The schema of a kind that somebody has defined."""
    schema: Obj = (kind.custom or {}).get("schema", {}).get("openAPIV3Schema") or {}
    return schema


def pruned(value: Any, schema: Obj, unknown: list[str], path: str = "") -> Any:
    """Without the fields that the schema does not know, whose paths are added to `unknown`."""
    if isinstance(value, dict):
        known, rest = schema.get("properties") or {}, schema.get("additionalProperties")
        kept: Obj = {}
        for name, inner in value.items():
            where = f"{path}.{name}".lstrip(".")
            if name in known:
                kept[name] = pruned(inner, known[name], unknown, where)
            elif isinstance(rest, dict):
                kept[name] = pruned(inner, rest, unknown, where)
            elif rest or schema.get(_KEEP) or (not path and name in TOP):
                kept[name] = inner
            else:
                unknown.append(where)
        return kept
    if isinstance(value, list):
        items = schema.get("items") or {}
        return [pruned(item, items, unknown, f"{path}[{place}]") for place, item in enumerate(value)]
    return value


def fill(value: Any, schema: Obj) -> None:
    """Put in what the schema has for what is not there, in place."""
    if isinstance(value, dict):
        known, rest = schema.get("properties") or {}, schema.get("additionalProperties")
        for name, inner in known.items():
            if "default" in inner and (
                name not in value or (value[name] is None and not inner.get("nullable"))
            ):
                value[name] = copy({"is": inner["default"]})["is"]
        for name, one in value.items():
            below = known.get(name, rest)
            if isinstance(below, dict):
                fill(one, below)
    elif isinstance(value, list):
        for item in value:
            fill(item, schema.get("items") or {})
