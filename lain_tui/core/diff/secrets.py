"""Secrets in a diff: which keys there are and whether they changed; what they hold only for who asks."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from lain_tui.core.model.text import counted

Body = dict[str, Any]


def masked(old: Body | None, new: Body | None) -> tuple[Body | None, Body | None]:
    """Both sides of one Secret with each value as its length; a changed one says so."""
    was, will = _values(old), _values(new)
    return _hidden(old, was, {}), _hidden(new, will, was)


def revealed(body: Body) -> Body:
    """One Secret with its values as they are; what is no text says how long it is."""
    data = {key: _text(value) for key, value in _values(body).items()}
    return _with(body, data)


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return f"no text ({counted(len(value), 'byte')})"


def _values(body: Body | None) -> dict[str, bytes]:
    if body is None:
        return {}
    values: dict[str, bytes] = {}
    for key, text in (body.get("data") or {}).items():
        try:
            values[key] = base64.b64decode(str(text), validate=True)
        except (binascii.Error, ValueError):
            values[key] = str(text).encode()
    for key, text in (body.get("stringData") or {}).items():
        values[key] = str(text).encode()
    return values


def _hidden(body: Body | None, values: dict[str, bytes], before: dict[str, bytes]) -> Body | None:
    if body is None:
        return None
    data = {}
    for key, value in values.items():
        changed = ", changed" if key in before and before[key] != value else ""
        data[key] = f"hidden ({counted(len(value), 'byte')}{changed})"
    return _with(body, data)


def _with(body: Body, data: dict[str, str]) -> Body:
    rest = {key: value for key, value in body.items() if key not in ("data", "stringData")}
    return {**rest, "data": data} if data else rest
