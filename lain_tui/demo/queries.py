"""Label and field selectors as a query holds them, made into tests, and refused as the real server does."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from . import errors, requirements
from .kinds import (
    EVENT,
    EVENT_V1,
    JOB,
    NAMESPACE,
    NODE,
    POD,
    REPLICATION_CONTROLLER,
    SECRET,
    SERVICE,
    Kind,
)
from .requirements import Requirement
from .selectors import Obj, Predicate, compared


def labels(text: str) -> Predicate:
    """Parse ``a=b,c!=d,e in (f,g),h,!i`` into a test on an object's labels. ApiError 400 when it is none."""
    tests = [_requirement(each) for each in requirements.parse(text)]
    if not tests:
        return lambda obj: True

    def matches(obj: Obj) -> bool:
        found = obj["metadata"].get("labels") or {}
        return all(test(found) for test in tests)

    return matches


def _requirement(term: Requirement) -> Callable[[dict[str, str]], bool]:
    key, values = term.key, term.values
    if term.operator == "!":
        return lambda found: key not in found
    if term.operator == "exists":
        return lambda found: key in found
    if term.operator in ("=", "in"):
        return lambda found: found.get(key) in values
    if term.operator in ("!=", "notin"):
        return lambda found: found.get(key) not in values
    (bound,) = values
    return compared(key, term.operator, int(bound))


def _path(obj: Obj, path: str) -> str:
    value: Any = obj
    for part in path.split("."):
        if not isinstance(value, dict):
            return ""
        value = value.get(part)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


_EVERYWHERE = ("metadata.name", "metadata.namespace")
_FIELDS: dict[Kind, tuple[str, ...]] = {
    POD: (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.podIPs",
        "status.nominatedNodeName",
    ),
    EVENT: (
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
    SECRET: ("type",),
    NAMESPACE: ("status.phase",),
    NODE: ("spec.unschedulable",),
    SERVICE: ("spec.clusterIP", "spec.type"),
    REPLICATION_CONTROLLER: ("status.replicas",),
    JOB: ("status.successful",),
}


def fields(kind: Kind, text: str) -> Predicate:
    """Parse ``metadata.name=x,status.phase!=Running`` for one kind. ApiError 400 for a field it can't select by."""
    tests: list[tuple[str, bool, str]] = []
    for term in filter(None, re.split(r"(?<!\\),", text)):
        match = re.fullmatch(r"(.*?)(!=|==|=)(.*)", term)
        if match is None:
            raise errors.bad_request(f"invalid selector: '{text}'; can't understand '{term}'")
        name, op, value = match.groups()
        tests.append((name, op != "!=", _unescaped(value)))
    if kind is EVENT_V1:
        renamed = {"reportingController": "reportingComponent"}
        tests = [(renamed.get(n, n.replace("regarding.", "involvedObject.")), w, v) for n, w, v in tests]
        kind = EVENT
    for name, _, _ in tests:
        if name not in _EVERYWHERE and name not in _FIELDS.get(kind, ()):
            raise errors.bad_request(_unknown_field(kind, name))

    def matches(obj: Obj) -> bool:
        return all((_field(kind, obj, name) == value) is wanted for name, wanted, value in tests)

    return matches


def _unescaped(value: str) -> str:
    wrong = re.search(r"\\(?:[^,=\\]|$)|(?<!\\)[,=]", value)
    if wrong is None:
        return re.sub(r"\\([,=\\])", r"\1", value)
    if wrong[0].startswith("\\"):
        raise errors.bad_request(f"invalid field selector: invalid escape sequence: {wrong[0]}")
    raise errors.bad_request(f"invalid field selector: unescaped character in value: {ord(wrong[0])}")


def _unknown_field(kind: Kind, name: str) -> str:
    """Kinds with fields of their own refuse in other words than the rest."""
    if kind is JOB:
        return f'field label "{name}" not supported for Job'
    if kind in _FIELDS:
        return f"field label not supported: {name}"
    return f'"{name}" is not a known field selector: only "metadata.name", "metadata.namespace"'


def _field(kind: Kind, obj: Obj, name: str) -> str:
    if kind is EVENT and name == "source":
        return _path(obj, "source.component") or _path(obj, "reportingComponent")
    value = _path(obj, {"status.successful": "status.succeeded"}.get(name, name))
    if not value and name in ("spec.unschedulable", "spec.hostNetwork"):
        return "false"
    if not value and name in ("status.successful", "status.replicas"):
        return "0"
    return value
