"""Whether a body is of the kind that its path says, and how a server words that it is not."""

from __future__ import annotations

import json
from typing import Any

from .kinds import BY_KIND, Kind

IN_SCHEME = 'in scheme "pkg/runtime/scheme.go:111"'
_LEGACY: dict[str, frozenset[str]] = {
    "Deployment": frozenset({"extensions/v1beta1", "apps/v1beta1", "apps/v1beta2"}),
    "ReplicaSet": frozenset({"extensions/v1beta1", "apps/v1beta2"}),
    "DaemonSet": frozenset({"extensions/v1beta1", "apps/v1beta2"}),
    "StatefulSet": frozenset({"apps/v1beta1", "apps/v1beta2"}),
    "Ingress": frozenset({"extensions/v1beta1", "networking.k8s.io/v1beta1"}),
    "CronJob": frozenset({"batch/v1beta1"}),
    "PodDisruptionBudget": frozenset({"policy/v1beta1"}),
    "Event": frozenset({"v1", "events.k8s.io/v1"}),
    "HorizontalPodAutoscaler": frozenset({"autoscaling/v1", "autoscaling/v2"}),
}
"""Versions that are no longer served and still known, or served at paths of their own."""
_SHOWN = 30
_TYPE_META = (
    'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
)


def unreadable(body: Any) -> str:
    """Why nothing can be told of a body's kind, in the words of Go's decoder; "" when it can."""
    if body is not None and not isinstance(body, dict):
        why = f"json: cannot unmarshal {go_type(body)} into Go value of type {_TYPE_META}"
        return f"couldn't get version/kind; json parse error: {why}"
    said = body or {}
    for name in ("apiVersion", "kind"):
        value = said.get(name)
        if value is not None and not isinstance(value, str):
            why = f"json: cannot unmarshal {go_type(value)} into Go struct field .{name} of type string"
            return f"couldn't get version/kind; json parse error: {why}"
    if (said.get("apiVersion") or "").count("/") > 1:
        return f"unexpected GroupVersion string: {said['apiVersion']}"
    return ""


def unrecognized(kind: Kind, why: str, raw: bytes) -> str:
    """The whole sentence, which ends with the beginning of what was sent."""
    shown, more = raw[:_SHOWN], " ..." if len(raw) > _SHOWN else ""
    text = shown.decode(errors="replace") if raw.startswith(b"{") else shown.hex()
    return f"the object provided is unrecognized (must be of type {kind.kind}): {why} ({text or '<empty>'}{more})"


def other(kind: Kind, body: dict[str, Any]) -> Kind | None:
    """The kind that a body says it is, when that is another one and served here; None otherwise."""
    found = BY_KIND.get(named(kind, body))
    return None if found is kind else found


def named(kind: Kind, body: dict[str, Any]) -> tuple[str, str]:
    """The version and the kind of a body: what it says, else what its path says."""
    return body.get("apiVersion") or kind.api_version, body.get("kind") or kind.kind


def misfit(kind: Kind, body: dict[str, Any]) -> str:
    """Why a body is not of this kind; "" when it is."""
    version, name = named(kind, body)
    if (version, name) == (kind.api_version, kind.kind):
        return ""
    if name == kind.kind and version in _LEGACY.get(name, ()):
        return f"the API version in the data ({version}) does not match the expected API version ({kind.api_version})"
    of_list = name.endswith("List") and (version, name.removesuffix("List")) in BY_KIND
    if (version, name) in BY_KIND or of_list or (version, name) in {("v1", "List"), ("v1", "Status")}:
        into = kind.group.partition(".")[0] or "core"
        why = f"converting ({_short(version)}.{name}) to ({into}.{kind.kind}): unknown conversion"
    else:
        why = f'no kind "{name}" is registered for version "{version}" {IN_SCHEME}'
    return f'{name} in version "{_short(version)}" cannot be handled as a {kind.kind}: {why}'


def go_type(value: Any) -> str:
    """What Go's decoder calls a JSON value."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    for kind, name in ((str, "string"), (list, "array"), (dict, "object")):
        if isinstance(value, kind):
            return name
    return "null"


def read_json(raw: bytes) -> Any:
    """ValueError in the words of Go's decoder for what is no JSON."""
    try:
        return json.loads(raw.decode(errors="replace"))
    except json.JSONDecodeError as error:
        raise ValueError(_go_syntax(error)) from None


def _go_syntax(error: json.JSONDecodeError) -> str:
    if error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated string"):
        return "unexpected end of JSON input"
    wanted = next((after for words, after in _AFTER.items() if error.msg.startswith(words)), "")
    return f"invalid character {_quoted(error.doc[error.pos])} {wanted or 'looking for beginning of value'}"


_AFTER = {
    "Extra data": "after top-level value",
    "Expecting ':'": "after object key",
    "Expecting ',' delimiter": "after object key:value pair",
    "Expecting property name": "looking for beginning of object key string",
    "Illegal trailing comma": "looking for beginning of object key string",
}


def _quoted(character: str) -> str:
    if character == "'":
        return "'\\''"
    if character.isprintable():
        return f"'{character}'"
    return f"'\\x{ord(character):02x}'"


def _short(version: str) -> str:
    return version.rpartition("/")[2]
