"""What Secrets and ConfigMaps may not hold."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

from ..kinds import SECRET, Kind
from .causes import IMMUTABLE, Cause, Obj, config_key, forbidden, invalid, required, too_long

LARGEST = 1 << 20
"""Bytes that the values of one of them may have together."""

_KEYS = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
}
"""What a Secret of a type must hold."""


def secret(obj: Obj) -> Iterator[Cause]:
    data = obj.get("data") or {}
    for key in data:
        yield from config_key(f"data[{key}]", key)
    values = {key: base64.b64decode(value) for key, value in data.items()}
    if sum(map(len, values.values())) > LARGEST:
        yield too_long("data", LARGEST)
    kind = obj.get("type", "Opaque")
    for key in _KEYS.get(kind, ()):
        if key not in data:
            yield required(f"data[{key}]")
        elif key.startswith(".docker"):
            try:
                json.loads(values[key])
            except ValueError as error:
                yield invalid(f"data[{key}]", "<secret contents redacted>", _go_words(error, values[key]))
    if kind == "kubernetes.io/basic-auth" and not data.keys() & {"username", "password"}:
        yield required("data[username]")
        yield required("data[password]")
    if kind == "kubernetes.io/service-account-token":
        named = "kubernetes.io/service-account.name"
        if not (obj["metadata"].get("annotations") or {}).get(named):
            yield required(f"metadata.annotations[{named}]")


def _go_words(error: ValueError, text: bytes) -> str:
    """The complaint of Go's decoder in the case people meet: text that is no JSON from its first character on."""
    first = text.decode(errors="replace").strip()[:1]
    return (
        f"invalid character '{first}' looking for beginning of value"
        if first
        else "unexpected end of JSON input"
    )


def config_map(obj: Obj) -> Iterator[Cause]:
    data, binary = obj.get("data") or {}, obj.get("binaryData") or {}
    for key in data:
        yield from config_key(f"data[{key}]", key)
        if key in binary:
            yield invalid(f"data[{key}]", key, "duplicate of key present in binaryData")
    for key in binary:
        yield from config_key(f"binaryData[{key}]", key)
    size = sum(len(value.encode()) for value in data.values())
    size += sum(len(base64.b64decode(value)) for value in binary.values())
    if size > LARGEST:
        yield too_long("[]", LARGEST)


def sealed(kind: Kind, obj: Obj, old: Obj) -> Iterator[Cause]:
    """What an update may not change."""
    if kind is SECRET and obj.get("type") != old.get("type"):
        yield invalid("type", obj.get("type"), IMMUTABLE)
    if old.get("immutable"):
        if not obj.get("immutable"):
            yield forbidden("immutable", "field is immutable when `immutable` is set")
        if obj.get("data") != old.get("data"):
            yield forbidden("data", "field is immutable when `immutable` is set")
