"""An object of the cluster as YAML for reading."""

from __future__ import annotations

import io
from typing import Any

import msgspec

_NOISE = ("kubectl.kubernetes.io/last-applied-configuration",)


def as_yaml(body: bytes) -> str:
    """JSON of one object as YAML; managed fields are left out, values of Secrets are masked with their size."""
    return to_yaml(for_reading(msgspec.json.decode(body)))


def for_reading(item: dict[str, Any]) -> dict[str, Any]:
    """The object without what only machines read, and without a Secret's values."""
    meta = item.get("metadata") or {}
    meta.pop("managedFields", None)
    annotations = meta.get("annotations") or {}
    for name in _NOISE:
        annotations.pop(name, None)
    if not annotations:
        meta.pop("annotations", None)
    if item.get("kind") == "Secret":
        for field in ("data", "stringData"):
            if isinstance(item.get(field), dict):
                item[field] = {key: _masked(value, field) for key, value in item[field].items()}
    head = {key: item[key] for key in ("apiVersion", "kind", "metadata") if key in item}
    return head | item


def _masked(value: object, field: str) -> str:
    text = str(value or "")
    size = len(text) * 3 // 4 - text.count("=") if field == "data" else len(text.encode())
    return f"•••••••• ({size} bytes)"


def to_yaml(value: Any) -> str:
    """Plain data as YAML: strings of several lines as literal blocks, everything else in block style."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 100_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(_with_literals(value), out)
    return out.getvalue()


def _with_literals(value: Any) -> Any:
    from ruamel.yaml.scalarstring import LiteralScalarString

    if isinstance(value, dict):
        return {key: _with_literals(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_with_literals(part) for part in value]
    if isinstance(value, str) and "\n" in value and value.isprintable() is False and "\t" not in value:
        return LiteralScalarString(value) if value.replace("\n", "").isprintable() else value
    return value
