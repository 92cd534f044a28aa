"""An object as lines of YAML in one order, each with the path of what it belongs to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_FIRST = ("apiVersion", "kind", "metadata", "name")
_NAMES = ("name", "mountPath", "host", "path", "containerPort", "port", "key")
"""What a list's item is called by, in this order."""
_PLAIN = re.compile(r"[A-Za-z0-9_/$][A-Za-z0-9_./:@%+$=-]*(?: [A-Za-z0-9_./@%+$=-]+)*")
_NOT_TEXT = re.compile(
    r"(?:true|false|null|yes|no|on|off|y|n|~|[-+]?[\d.][\d._]*(?:e[-+]?\d+)?|0[xo][\da-f]+|\d[\d:.-]*)", re.I
)
"""What YAML reads as something else than text."""


def written(body: dict[str, Any]) -> list[tuple[str, str]]:
    """The lines; two equal objects are written alike, whatever the order of their keys."""
    return list(_map(body, "", ""))


def _map(body: dict[str, Any], indent: str, path: str) -> Iterator[tuple[str, str]]:
    for key in sorted(body, key=_order):
        inner = f"{path}.{key}" if path else key
        yield from _entry(f"{indent}{_scalar(key)}:", body[key], f"{indent}  ", path, inner)


def _list(items: list[Any], indent: str, path: str) -> Iterator[tuple[str, str]]:
    for place, item in enumerate(items):
        inner = f"{path}[{_called(item, place)}]"
        if isinstance(item, dict) and item:
            lines = list(_map(item, f"{indent}  ", inner))
            yield f"{indent}- {lines[0][0][len(indent) + 2 :]}", lines[0][1]
            yield from lines[1:]
        else:
            yield from _entry(f"{indent}-", item, f"{indent}  ", path, inner)


def _entry(head: str, value: Any, indent: str, path: str, inner: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        yield head, path
        yield from _map(value, indent, inner)
    elif isinstance(value, list) and value:
        yield head, path
        yield from _list(value, indent, inner)
    elif isinstance(value, str) and "\n" in value.strip("\n"):
        yield f"{head} |", path
        for line in value.split("\n"):
            yield f"{indent}{line}", inner
    else:
        yield f"{head} {_scalar(value)}", path


def _order(key: str) -> tuple[int, str]:
    return (_FIRST.index(key), "") if key in _FIRST else (len(_FIRST), str(key))


def _called(item: Any, place: int) -> str:
    if isinstance(item, dict):
        for name in _NAMES:
            if name in item:
                return str(item[name])
    return str(place)


def _scalar(value: Any) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and not _NOT_TEXT.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
