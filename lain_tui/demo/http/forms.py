"""The forms objects are given in: as they are, as table rows, as metadata only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from .. import errors, views
from ..kinds import Kind
from ..storage import Obj, Stored, encode
from ..tables import cells, columns

_INCLUDES = ("", "Metadata", "Object", "None")
_TABLE = {"kind": "Table", "apiVersion": "meta.k8s.io/v1"}


def partial(obj: Obj) -> Obj:
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": obj["metadata"]}


def one(kind: Kind, stored: Stored, form: str, now: float, include: str = "Metadata") -> bytes:
    """Give one object in the form asked for."""
    if form == "Table":
        return encode(table(kind, [stored.obj], now, include, {"resourceVersion": str(stored.version)}))
    if form.startswith("PartialObjectMetadata"):
        return encode(partial(stored.obj))
    return views.seen(kind, stored).full(kind)


def many(
    kind: Kind, items: Sequence[Stored], meta: Obj, form: str, now: float, include: str = "Metadata"
) -> bytes:
    """Give a list in the form asked for."""
    if form == "Table":
        return encode(table(kind, (item.obj for item in items), now, include, meta))
    if form.startswith("PartialObjectMetadata"):
        head = '{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":'
        bodies = [encode({"metadata": item.obj["metadata"]}) for item in items]
    else:
        head = f'{{"kind":"{kind.kind}List","apiVersion":"{kind.api_version}","metadata":'
        # Of kinds that somebody has defined each item says what it is.
        bodies = [views.seen(kind, item).raw if kind.custom is None else item.full(kind) for item in items]
    return b"".join((head.encode(), encode(meta), b',"items":[', b",".join(bodies), b"]}"))


def table(
    kind: Kind, objects: Iterable[Obj], now: float, include: str, meta: Obj, *, headed: bool = True
) -> Obj:
    """Make a Table; without its columns when they were told before, as in a watch. ApiError 400 for no such ``include``."""
    if include not in _INCLUDES:
        why = f"Invalid value: {json.dumps(include)}: must be 'Metadata', 'Object', 'None', or empty"
        raise errors.bad_request(f"Unable to convert to Table as requested: includeObject: {why}")
    return {
        **_TABLE,
        "metadata": meta,
        "columnDefinitions": columns(views.stored_as(kind)) if headed else None,
        "rows": [_row(kind, obj, now, include) for obj in objects],
    }


def _row(kind: Kind, obj: Obj, now: float, include: str) -> Obj:
    row: dict[str, Any] = {"cells": cells(views.stored_as(kind), obj, now)}
    phase = (obj.get("status") or {}).get("phase") if kind.kind == "Pod" else ""
    if phase in ("Succeeded", "Failed"):
        row["conditions"] = [
            {
                "type": "Completed",
                "status": "True",
                "reason": phase,
                "message": f"The pod has {_ENDS[phase]}.",
            }
        ]
    row["object"] = (
        {"Object": views.shown(kind, obj), "None": None}.get(include)
        if include in ("Object", "None")
        else partial(obj)
    )
    return row


_ENDS = {"Succeeded": "completed successfully", "Failed": "failed"}
