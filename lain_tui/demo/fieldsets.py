"""Sets of fields, as managedFields writes them (FieldsV1), and the values found at them.

A path is a tuple of FieldsV1 elements: ``f:name`` a field, ``k:{"name":"web"}`` an item of a keyed list, ``v:"x"``
one of a set. Following structured-merge-diff: a scalar, an atomic list or map, and the item of a keyed list each
count as one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from . import schema
from .kinds import Kind

Obj = dict[str, Any]
Path = tuple[str, ...]
Flat = dict[Path, Any]

ITEM = object()
"""The value of a path that stands for an item, or a map, being there at all."""

_SERVER_OWNED = {
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generateName",
    "generation",
    "managedFields",
    "name",
    "namespace",
    "resourceVersion",
    "selfLink",
    "uid",
}


def flatten(kind: Kind, obj: Obj, subresource: str = "", *, maps: bool = False) -> Flat:
    """Give every ownable path of an object with its value; a subresource's writer owns only what it may write.

    With ``maps`` a map itself is a path too, as it is for whoever updates (but not for whoever applies).
    """
    flat: Flat = {}
    known = schema.fields(kind.model_name)
    for name, value in obj.items():
        if name in ("apiVersion", "kind"):
            continue
        if name == "metadata":
            value = {k: v for k, v in value.items() if k not in _SERVER_OWNED}
            if not value:
                continue
        elif subresource == "status":
            if name != "status":
                continue
        elif name == "status" and kind.status:
            continue
        flat.update(_walk(value, known.get(name), kind.model_name, (f"f:{name}",), maps))
    return flat


def item_key(item: Obj, keys: tuple[str, ...]) -> str:
    """Name an item of a keyed list: ``k:{"containerPort":80,"protocol":"TCP"}``."""
    chosen = {key: item.get(key, schema.DEFAULT_KEYS.get(key)) for key in sorted(keys)}
    present = {key: value for key, value in chosen.items() if value is not None}
    return "k:" + json.dumps(present, separators=(",", ":"), ensure_ascii=False)


def is_atomic(field: schema.Field | None, model: str) -> bool:
    """Tell whether a map or struct is owned as a whole."""
    return field is not None and (
        field.model in schema.ATOMIC_MODELS or (model, field.name) in schema.ATOMIC_MAPS
    )


def _walk(
    value: Any, field: schema.Field | None, model: str, path: Path, maps: bool
) -> Iterator[tuple[Path, Any]]:
    if (
        isinstance(value, dict)
        and value
        and not (is_atomic(field, model) and field and field.shape != "list")
    ):
        inner_model = field.model if field is not None and field.shape == "object" else ""
        known = schema.fields(inner_model) if inner_model else {}
        if maps and field is not None and field.shape == "map":
            yield path, ITEM
        for name, inner in value.items():
            yield from _walk(inner, known.get(name), inner_model, (*path, f"f:{name}"), maps)
    elif isinstance(value, list) and field is not None:
        yield from _walk_list(value, field, model, path, maps)
    elif value == {} and path[-1] == "f:metadata":
        return  # a struct that is never left out, and is nobody's while it is empty
    else:
        yield path, value


def _walk_list(
    items: list[Any], field: schema.Field, model: str, path: Path, maps: bool
) -> Iterator[tuple[Path, Any]]:
    keys = schema.list_keys(model, field.name)
    if keys:
        known = schema.fields(field.model)
        atomic = field.model in schema.ATOMIC_MODELS
        for item in items:
            place = (*path, item_key(item, keys))
            yield place, item if atomic else ITEM
            if not atomic:
                for name, inner in item.items():
                    yield from _walk(inner, known.get(name), field.model, (*place, f"f:{name}"), maps)
    elif (model, field.name) in schema.LIST_SETS:
        for item in items:
            yield (*path, "v:" + json.dumps(item)), item
    else:
        yield path, items


def to_fields(paths: Iterable[Path]) -> Obj:
    """Write paths as FieldsV1; one that has others beneath it is marked by a dot."""
    root: Obj = {}
    before: Path = ()
    for path in sorted(paths):
        node = root
        for depth, element in enumerate(path):
            if before and depth == len(before) and path[:depth] == before:
                node["."] = {}
            node = node.setdefault(element, {})
        if path[-1].startswith("k:"):
            node["."] = {}
        before = path
    return root


def from_fields(fields: Obj, prefix: Path = ()) -> set[Path]:
    """Read FieldsV1 back into paths."""
    paths: set[Path] = set()
    for element, inner in fields.items():
        if element == ".":
            paths.add(prefix)
        elif inner:
            paths |= from_fields(inner, (*prefix, element))
        else:
            paths.add((*prefix, element))
    return paths


def dotted(path: Path) -> str:
    """Show a path as conflict messages do: ``.spec.template.spec.containers[name="web"].image``."""
    text = ""
    for element in path:
        kind, _, body = element.partition(":")
        if kind == "f":
            text += f".{body}"
        elif kind == "k":
            pairs = json.loads(body).items()
            text += "[" + ",".join(f"{key}={json.dumps(value)}" for key, value in pairs) + "]"
        else:
            text += f"[={body}]"
    return text
