"""The wire format, and how its messages become the JSON they stand for."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ..clock import stamp, stamp_micro

Obj = dict[str, Any]
MAGIC = b"k8s\x00"
"""What a protobuf body of the Kubernetes API begins with."""
_EMPTY: dict[str, Any] = {"s": "", "b": "", "i": 0, "t": False}


class MalformedError(Exception):
    """The bytes are not what they should be."""


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the table: where a field number goes."""

    name: str
    type: str
    shape: str
    pointer: bool
    inline: bool


@cache
def _table() -> dict[str, dict[int, Field]]:
    text = files(__package__).joinpath("fields.txt").read_text(encoding="ascii")
    table = {}
    for line in text.splitlines():
        message, *parts = line.split()
        table[message] = dict(_field(part) for part in parts)
    return table


def _field(part: str) -> tuple[int, Field]:
    number, _, rest = part.partition("=")
    name, _, kind = rest.partition(":")
    mark = kind[0] if kind[0] in "*~" else ""
    kind = kind.removeprefix(mark)
    shape = kind[:2] if kind[:2] in ("[]", "{}") else ""
    return int(number), Field(name, kind.removeprefix(shape), shape, mark == "*", mark == "~")


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data):
            raise MalformedError("the body ends in the middle of a number")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Give field numbers with what they hold."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        wire = tag & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield tag >> 3, value
        elif wire in (1, 2, 5):
            size = {1: 8, 5: 4}.get(wire, 0)
            if wire == 2:
                size, at = _varint(data, at)
            if at + size > len(data):
                raise MalformedError("the body ends in the middle of a field")
            yield tag >> 3, data[at : at + size]
            at += size
        else:
            raise MalformedError(f"wire type {wire} is not used by the API")


def _text(data: int | memoryview) -> str:
    return bytes(data).decode("utf-8", "replace") if isinstance(data, memoryview) else str(data)


def _number(value: int | memoryview) -> int:
    if isinstance(value, memoryview):
        raise MalformedError("a number was expected")
    return value - (1 << 64) if value >> 63 else value


def _time(data: memoryview, *, micro: bool) -> str | None:
    parts = {number: _number(value) for number, value in _fields(data)}
    if not parts.get(1) and not parts.get(2):
        return None
    when = parts.get(1, 0) + parts.get(2, 0) / 1e9
    return stamp_micro(when) if micro else stamp(when)


def _value(kind: str, data: int | memoryview) -> Any:
    if kind == "i":
        return _number(data)
    if kind == "t":
        return bool(_number(data))
    if not isinstance(data, memoryview):
        raise MalformedError("bytes were expected")
    if kind == "s":
        return _text(data)
    if kind == "b":
        return base64.b64encode(data).decode()
    if kind in ("T", "M"):
        return _time(data, micro=kind == "M")
    if kind == "Q":
        return next((_text(value) for number, value in _fields(data) if number == 1), "0")
    if kind == "I":
        parts = dict(_fields(data))
        return _text(parts.get(3, memoryview(b""))) if parts.get(1) else _number(parts.get(2, 0))
    if kind in ("F", "R"):
        raw = next((bytes(v) for n, v in _fields(data) if n == 1 and isinstance(v, memoryview)), b"null")
        return json.loads(raw or b"null")
    return _message(kind, data)


def _message(kind: str, data: memoryview) -> Obj:
    known = _table().get(kind)
    if known is None:
        raise MalformedError(f"there is no message {kind}")
    obj: Obj = {}
    for number, raw in _fields(data):
        field = known.get(number)
        if field is None:
            continue
        if field.inline:
            obj.update(_value(field.type, raw))
        elif field.shape == "[]":
            obj.setdefault(field.name, []).append(_value(field.type, raw))
        elif field.shape == "{}":
            key, value = _pair(field.type, raw)
            obj.setdefault(field.name, {})[key] = value
        else:
            value = _value(field.type, raw)
            if field.pointer or (value != _EMPTY.get(field.type, {}) and value is not None):
                obj[field.name] = value
    return obj


def _pair(kind: str, raw: int | memoryview) -> tuple[str, Any]:
    if not isinstance(raw, memoryview):
        raise MalformedError("a map entry was expected")
    parts = dict(_fields(raw))
    value = _value(kind, parts[2]) if 2 in parts else _EMPTY.get(kind, {})
    return _text(parts.get(1, memoryview(b""))), value


_ROOMS = {"": "core", "rbac.authorization.k8s.io": "rbac"}


def decode(body: bytes) -> Obj:
    """Read one body: the envelope with apiVersion and kind, and the message within. MalformedError when it is not one."""
    if not body.startswith(MAGIC):
        raise MalformedError("the body does not begin as protobuf bodies of this API do")
    envelope = dict(_fields(memoryview(body)[len(MAGIC) :]))
    head, raw = envelope.get(1, memoryview(b"")), envelope.get(2, memoryview(b""))
    if not isinstance(head, memoryview) or not isinstance(raw, memoryview):
        raise MalformedError("the envelope is broken")
    names = {number: _text(value) for number, value in _fields(head)}
    version, kind = names.get(1, ""), names.get(2, "")
    group, _, short = version.rpartition("/")
    room = f"{_ROOMS.get(group, group.partition('.')[0])}/{short}"
    if kind == "DeleteOptions":
        room = "meta/v1"
    return {"apiVersion": version, "kind": kind, **_message(f"{room}.{kind}", raw)}
