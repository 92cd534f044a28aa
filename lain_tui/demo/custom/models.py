"""A structural schema told in the terms of built-in models: which fields there are, and how their lists merge."""

from __future__ import annotations

from .. import schema
from ..storage import Obj

_SCALARS = {"string": "string", "integer": "integer", "number": "number", "boolean": "boolean"}


def declare(model: str, described: Obj) -> str:
    """Make a model of what a schema describes, as the whole of an object; give the model's name."""
    fields = _fields(model, described)
    fields["metadata"] = schema.Field("metadata", "object", "V1ObjectMeta")
    for name in ("apiVersion", "kind"):
        fields[name] = schema.Field(name, "scalar")
    schema.DECLARED[model] = fields
    return model


def _fields(model: str, described: Obj) -> schema.Fields:
    inner = described.get("properties") or {}
    return {name: _field(model, name, one) for name, one in inner.items()}


def _field(model: str, name: str, described: Obj) -> schema.Field:
    below = f"{model}.{name}"
    kind = described.get("type", "")
    if kind == "array":
        items = described.get("items") or {}
        how = described.get("x-kubernetes-list-type", "atomic")
        if how == "set":
            schema.LIST_SETS.add((model, name))
        elif how == "map":
            schema.LIST_KEYS[model, name] = tuple(described.get("x-kubernetes-list-map-keys") or ())
        if items.get("properties"):
            return schema.Field(name, "list", _below(below, items))
        return schema.Field(name, "list", scalar=_SCALARS.get(items.get("type", ""), "any"))
    if kind == "object" and described.get("properties"):
        return schema.Field(name, "object", _below(below, described))
    if kind == "object":
        return schema.Field(name, "map", scalar="any")
    return schema.Field(name, "scalar" if kind in _SCALARS else "any", scalar=_SCALARS.get(kind, "any"))


def _below(model: str, described: Obj) -> str:
    schema.DECLARED[model] = _fields(model, described)
    if described.get("x-kubernetes-map-type") == "atomic":
        schema.ATOMIC_MODELS.add(model)
    return model
