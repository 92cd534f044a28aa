"""Between the API's JSON and values byte for byte."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.model.holder import Holder, HolderKind, Ref
from lain_tui.core.model.managed import ManagedFields, data_written
from lain_tui.core.model.meta import KubeStruct, OwnerReference

_HELM = "app.kubernetes.io/managed-by"


class _Meta(KubeStruct, frozen=True, kw_only=True):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    creation_timestamp: datetime | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owner_references: tuple[OwnerReference, ...] | None = None
    managed_fields: tuple[ManagedFields, ...] | None = None


class _Object(KubeStruct, frozen=True, kw_only=True):
    metadata: _Meta = _Meta()
    data: dict[str, str | None] | None = None
    binary_data: dict[str, str | None] | None = None
    type: str = ""
    immutable: bool = False


_decoder = msgspec.json.Decoder(_Object)


def decode(body: bytes, kind: HolderKind) -> Holder:
    """A Secret or ConfigMap from the API's JSON; raises LainError for what is none, naming the key, never the value."""
    try:
        found = _decoder.decode(body)
    except msgspec.DecodeError:
        raise LainError(f"the API's answer is no {kind}") from None
    meta = found.metadata
    ref = Ref(kind=kind, name=meta.name, namespace=meta.namespace)
    data: dict[str, bytes] = {}
    for key, text in (found.data or {}).items():
        data[key] = _bytes(text or "", key, ref) if kind == "Secret" else (text or "").encode()
    for key, text in (found.binary_data or {}).items():
        data[key] = _bytes(text or "", key, ref)
    return Holder(
        ref=ref,
        data=dict(sorted(data.items())),
        type=found.type or "Opaque",
        immutable=found.immutable,
        uid=meta.uid,
        version=meta.resource_version,
        labels=meta.labels or {},
        annotations=meta.annotations or {},
        owner=_owner(meta),
        changed=data_written(meta.managed_fields or (), meta.creation_timestamp),
    )


def _bytes(text: str, key: str, ref: Ref) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise LainError("it holds something that is no base64", where=f"{ref.title}: {key}") from None


def _owner(meta: _Meta) -> str:
    for reference in meta.owner_references or ():
        if reference.controller:
            return f"{reference.kind} {reference.name}"
    return "helm" if (meta.labels or {}).get(_HELM) == "Helm" else ""


def encode_edits(kind: HolderKind, edits: Mapping[str, bytes | None]) -> dict[str, Any]:
    """The part of a merge patch (RFC 7386) that sets these values and removes those that are None."""
    if kind == "Secret":
        return {"data": {key: None if value is None else encode(value) for key, value in edits.items()}}
    data: dict[str, str | None] = {}
    binary: dict[str, str | None] = {}
    for key, value in edits.items():
        text = None if value is None else _text(value)
        data[key] = text
        binary[key] = None if value is None or text is not None else encode(value)
    return {"data": data, "binaryData": binary}


def encode_whole(kind: HolderKind, data: Mapping[str, bytes]) -> dict[str, Any]:
    """The fields of a new object that holds these values."""
    fields = encode_edits(kind, data)
    return {
        name: {key: value for key, value in part.items() if value is not None}
        for name, part in fields.items()
    }


def encode(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _text(value: bytes) -> str | None:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return None
