"""What definitions of kinds may say, and what their schemas let through.

Wordings are those of k8s.io/apiextensions-apiserver and k8s.io/kube-openapi/pkg/validation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..custom.structural import TOP
from .causes import Cause, Obj, duplicate, go, invalid, one_of, required, unsupported


def definition(given: Obj) -> Iterator[Cause]:
    """Why there can be no such definition."""
    spec = given.get("spec") or {}
    names, versions = spec.get("names") or {}, spec.get("versions") or []
    name = given["metadata"].get("name", "")
    if name != f"{names.get('plural', '')}.{spec.get('group', '')}":
        yield invalid("metadata.name", name, 'must be spec.names.plural+"."+spec.group')
    if not spec.get("group"):
        yield required("spec.group")
    if not spec.get("scope"):
        yield required("spec.scope")
    else:
        yield from one_of("spec.scope", spec["scope"], ["Cluster", "Namespaced"])
    for place, version in enumerate(versions):
        where = f"spec.versions[{place}].schema.openAPIV3Schema"
        schema = (version.get("schema") or {}).get("openAPIV3Schema")
        # With one version only, its schema stands where it stood before there were several.
        shown = "spec.validation.openAPIV3Schema" if len(versions) == 1 else where
        if schema is None:
            yield required(where)
        else:
            yield from _untyped(schema, shown)
            if not schema.get("type"):
                yield required(f"{shown}.type", "must not be empty at the root")
    stored = [version for version in versions if version.get("storage")]
    if len(stored) != 1:
        yield invalid(
            "spec.versions", versions or None, "must have exactly one version marked as storage version"
        )
    for field in ("plural", "singular", "kind", "listKind"):
        if not names.get(field):
            yield required(f"spec.names.{field}")
    if not stored:
        yield invalid("status.storedVersions", None, "must have at least one stored version")


def _untyped(schema: Obj, where: str) -> Iterator[Cause]:
    """Fields that say nothing of their type, which each has to."""
    for name, inner in (schema.get("properties") or {}).items():
        place = f"{where}.properties[{name}]"
        if not any(inner.get(key) for key in ("type", *_ANY)):
            yield required(f"{place}.type", "must not be empty for specified object fields")
        yield from _untyped(inner, place)
    if isinstance(items := schema.get("items"), dict):
        if not any(items.get(key) for key in ("type", *_ANY)):
            yield required(f"{where}.items.type", "must not be empty for specified array items")
        yield from _untyped(items, f"{where}.items")


_ANY = ("x-kubernetes-preserve-unknown-fields", "x-kubernetes-int-or-string")


def fits(value: Any, schema: Obj, path: str = "") -> Iterator[Cause]:
    """Why a value does not fit."""
    if value is None and schema.get("nullable"):
        return
    if unfit := _type(value, schema, path):
        yield unfit
        return
    if (allowed := schema.get("enum")) and value not in allowed:
        yield unsupported(path, value, allowed)
    if isinstance(value, dict):
        yield from _object(value, schema, path)
    elif isinstance(value, list):
        yield from _list(value, schema, path)
    elif isinstance(value, str):
        yield from _text(value, schema, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number(value, schema, path)


def _type(value: Any, schema: Obj, path: str) -> Cause | None:
    wanted = schema.get("type", "")
    if schema.get("x-kubernetes-int-or-string"):
        wanted = "" if isinstance(value, int | str) and not isinstance(value, bool) else "integer,string"
    found = _called(value)
    if not wanted or found == wanted or (wanted == "number" and found == "integer"):
        return None
    why = f"{path} in body must be of type {wanted}: {go(found)}"
    return "FieldValueTypeInvalid", f"Invalid value: {go(found)}: {why}", path


def _called(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, float) and value.is_integer():
        return "integer"
    kinds = ((int, "integer"), (float, "number"), (str, "string"), (list, "array"), (dict, "object"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")


def _object(value: Obj, schema: Obj, path: str) -> Iterator[Cause]:
    known, rest = schema.get("properties") or {}, schema.get("additionalProperties")
    for name in schema.get("required") or []:
        if name not in value:
            yield required(f"{path}.{name}".lstrip("."))
    for name in sorted(value):
        below = known.get(name, rest)
        if isinstance(below, dict) and (path or name not in TOP):
            yield from fits(value[name], below, f"{path}.{name}".lstrip("."))


def _list(value: list[Any], schema: Obj, path: str) -> Iterator[Cause]:
    items = schema.get("items") or {}
    least, most = schema.get("minItems"), schema.get("maxItems")
    if least is not None and len(value) < least:
        yield invalid(path, len(value), f"{path} in body should have at least {least} items")
    if most is not None and len(value) > most:
        yield "FieldValueTooMany", f"Too many: {len(value)}: must have at most {most} items", path
    how = schema.get("x-kubernetes-list-type")
    keys = schema.get("x-kubernetes-list-map-keys") or []
    seen: list[Any] = []
    for place, item in enumerate(value):
        where = f"{path}[{place}]"
        yield from fits(item, items, where)
        if how == "map" and isinstance(item, dict):
            item = {key: item.get(key) for key in keys}
        if how in ("set", "map") and item in seen:
            yield duplicate(where, item)
        seen.append(item)


def _text(value: str, schema: Obj, path: str) -> Iterator[Cause]:
    least, most, pattern = schema.get("minLength"), schema.get("maxLength"), schema.get("pattern")
    if most is not None and len(value) > most:
        yield "FieldValueTooLong", f"Too long: may not be more than {most} bytes", path
    if least is not None and len(value) < least:
        yield invalid(path, value, f"{path} in body should be at least {least} chars long")
    if pattern and not re.search(pattern, value):
        yield invalid(path, value, f"{path} in body should match '{pattern}'")


def _number(value: float, schema: Obj, path: str) -> Iterator[Cause]:
    least, most = schema.get("minimum"), schema.get("maximum")
    if most is not None and value > most:
        yield invalid(path, value, f"{path} in body should be less than or equal to {most}")
    if least is not None and value < least:
        yield invalid(path, value, f"{path} in body should be greater than or equal to {least}")
