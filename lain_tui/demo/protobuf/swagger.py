"""OpenAPI v2 in the protobuf form that clients ask for, as far as they look: which kinds take which query parameters.

Field numbers are those of the openapi.v2.Document message (google/gnostic-models, OpenAPIv2.proto).
"""

from __future__ import annotations

from functools import cache

from ..kinds import STORED, Kind

MEDIA = tuple(f"application/com.github.proto-openapi.spec.v2{sign}v1.0+protobuf" for sign in ".@")
"""Its name, and the older one that clients still ask by."""
_PARAMETERS = ("dryRun", "fieldManager", "fieldValidation", "force")


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*out, number))


def _bytes(number: int, data: bytes | str) -> bytes:
    raw = data.encode() if isinstance(data, str) else data
    return _varint(number << 3 | 2) + _varint(len(raw)) + raw


def _parameter(name: str) -> bytes:
    query = _bytes(2, "query") + _bytes(4, name) + _bytes(6, "string")
    return _bytes(8, _bytes(1, _bytes(2, _bytes(3, query))))


def _patch(kind: Kind) -> bytes:
    named = f'{{"group":"{kind.group}","kind":"{kind.kind}","version":"{kind.version}"}}'
    extension = _bytes(1, "x-kubernetes-group-version-kind") + _bytes(2, _bytes(2, named))
    return b"".join(_parameter(name) for name in _PARAMETERS) + _bytes(13, extension)


def _path(kind: Kind) -> bytes:
    inner = "/namespaces/{namespace}" if kind.namespaced else ""
    name = f"{kind.base_path}{inner}/{kind.plural}/{{name}}"
    return _bytes(2, _bytes(1, name) + _bytes(2, _bytes(8, _patch(kind))))


@cache
def document() -> bytes:
    """Give the document."""
    paths = b"".join(_path(kind) for kind in STORED)
    info = _bytes(1, "Kubernetes") + _bytes(2, "v1")
    return _bytes(1, "2.0") + _bytes(2, info) + _bytes(8, paths)
