"""From a request's body to an object of a kind that somebody has defined."""

from __future__ import annotations

from typing import Any

from .. import errors, schema
from ..kinds import Kind
from ..storage import Obj, encode
from ..validate.causes import invalid
from .structural import pruned, schema_of


def decode(kind: Kind, body: Any, field_validation: str) -> tuple[Obj, list[str]]:
    """Read a body as one object of `kind`; give it without unknown fields, and the warnings to send along.

    ApiError 400 for a body that names no kind, 422 for one of another.
    """
    for name in ("kind", "apiVersion"):
        if not body.get(name):
            shown = encode(body).decode()
            why = f"Object '{name[0].upper()}{name[1:]}' is missing in '{shown}'"
            start = shown[:30] + (" ..." if len(shown) > 30 else "")
            raise errors.bad_request(
                f"the object provided is unrecognized (must be of type {kind.kind}): {why} ({start})"
            )
    wanted = {"kind": kind.kind, "apiVersion": kind.api_version}
    causes = [
        invalid(name, body[name], f"must be {is_so}") for name, is_so in wanted.items() if body[name] != is_so
    ]
    if causes:
        other = Kind(body["kind"], "", kind.group)
        raise errors.invalid(other, (body.get("metadata") or {}).get("name", ""), causes)
    unknown: list[str] = []
    known = pruned(body, schema_of(kind), unknown)
    meta = known.get("metadata")
    meta = meta if isinstance(meta, dict) else {}
    fields = schema.fields("V1ObjectMeta")
    unknown += [f"metadata.{name}" for name in meta if name not in fields]
    known["metadata"] = {name: value for name, value in meta.items() if name in fields and value is not None}
    found = [f'unknown field "{path}"' for path in unknown]
    if found and field_validation == "Strict":
        name = f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}'
        raise errors.bad_request(f"{name}: strict decoding error: {', '.join(found)}")
    return known, found if field_validation == "Warn" else []
