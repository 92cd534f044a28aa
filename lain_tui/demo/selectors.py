"""Label and field selectors, parsed and refused as the real server does."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from . import errors
from .kinds import EVENT, NAMESPACE, NODE, POD, REPLICA_SET, SECRET, Kind

Obj = dict[str, Any]
Predicate = Callable[[Obj], bool]

_REQUIREMENT = re.compile(
    r"""\s*(?:
        (?P<missing>!)\s*(?P<missing_key>[^\s!=<>(),]+)
      | (?P<set_key>[^\s!=<>(),]+)\s+(?P<set_op>in|notin)\s*\((?P<set_values>[^)]*)\)
      | (?P<key>[^\s!=<>(),]+)\s*(?:(?P<op>==|=|!=|<|>)\s*(?P<value>[^\s!=<>(),]*))?
    )\s*(?:,|$)""",
    re.VERBOSE,
)


def labels(text: str) -> Predicate:
    """Parse ``a=b,c!=d,e in (f,g),h,!i`` into a test on an object's labels. ApiError 400 when it is none."""
    tests: list[Callable[[dict[str, str]], bool]] = []
    position = 0
    while position < len(text):
        match = _REQUIREMENT.match(text, position)
        if match is None or match.end() == position:
            rest = text[position:].strip()
            raise errors.bad_request(
                f"unable to parse requirement: found '{rest[:1]}', expected: !, identifier, or 'end of string'"
            )
        position = match.end()
        tests.append(_requirement(match))
    if not tests:
        return lambda obj: True

    def matches(obj: Obj) -> bool:
        found = obj["metadata"].get("labels") or {}
        return all(test(found) for test in tests)

    return matches


def _requirement(match: re.Match[str]) -> Callable[[dict[str, str]], bool]:
    if match["missing"]:
        absent = match["missing_key"]
        return lambda found: absent not in found
    if match["set_op"]:
        key = match["set_key"]
        values = {value.strip() for value in match["set_values"].split(",")}
        if match["set_op"] == "in":
            return lambda found: found.get(key) in values
        return lambda found: found.get(key) not in values
    key, op, value = match["key"], match["op"], match["value"]
    if op is None:
        return lambda found: key in found
    if op in ("=", "=="):
        return lambda found: found.get(key) == value
    if op == "!=":
        return lambda found: found.get(key) != value
    return _compared(key, op, value)


def _compared(key: str, op: str, value: str) -> Callable[[dict[str, str]], bool]:
    try:
        bound = int(value)
    except ValueError:
        raise errors.bad_request(
            f"values[0][{key}]: Invalid value: \"{value}\": for 'Gt', 'Lt' operators, the value must be an integer"
        ) from None

    def test(found: dict[str, str]) -> bool:
        try:
            number = int(found[key])
        except (KeyError, ValueError):
            return False
        return number > bound if op == ">" else number < bound

    return test


def of_selector(selector: Obj | None) -> Predicate:
    """Turn a LabelSelector of a spec into a test. None matches nothing, {} matches all, as in the API."""
    if selector is None:
        return lambda obj: False
    wanted = selector.get("matchLabels") or {}
    expressions = selector.get("matchExpressions") or []

    def matches(obj: Obj) -> bool:
        found = obj["metadata"].get("labels") or {}
        return all(found.get(k) == v for k, v in wanted.items()) and all(
            expression_holds(e, found) for e in expressions
        )

    return matches


def expression_holds(expression: Obj, found: dict[str, str]) -> bool:
    """Tell whether one matchExpression (of a label selector or of node affinity) holds for these labels."""
    key, op, values = expression["key"], expression["operator"], expression.get("values") or []
    if op == "Exists":
        return key in found
    if op == "DoesNotExist":
        return key not in found
    if op == "In":
        return found.get(key) in values
    if op == "NotIn":
        return found.get(key) not in values
    return key in found and bool(values) and _compared(key, ">" if op == "Gt" else "<", values[0])(found)


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
    REPLICA_SET: ("status.replicas",),
}


def fields(kind: Kind, text: str) -> Predicate:
    """Parse ``metadata.name=x,status.phase!=Running`` for one kind. ApiError 400 for a field it can't select by."""
    tests: list[tuple[str, bool, str]] = []
    for term in filter(None, re.split(r"(?<!\\),", text)):
        match = re.fullmatch(r"([^=!]+)(!=|==|=)(.*)", term)
        if match is None:
            raise errors.bad_request(f"invalid field selector: '{text}'; can't understand '{term}'")
        name, op, value = match.groups()
        if name not in _EVERYWHERE and name not in _FIELDS.get(kind, ()):
            raise errors.bad_request(
                f'Unable to find "{kind.group}/{kind.version}, Resource={kind.plural}" that match label selector "", '
                f'field selector "{text}": {_unknown_field(kind, name)}'
            )
        tests.append((name, op != "!=", re.sub(r"\\([,=\\])", r"\1", value)))

    def matches(obj: Obj) -> bool:
        return all((_field(kind, obj, name) == value) is wanted for name, wanted, value in tests)

    return matches


def _unknown_field(kind: Kind, name: str) -> str:
    """Kinds with fields of their own refuse in other words than the rest."""
    if kind in _FIELDS:
        return f"field label not supported: {name}"
    return f'"{name}" is not a known field selector: only "metadata.name", "metadata.namespace"'


def _field(kind: Kind, obj: Obj, name: str) -> str:
    if kind is EVENT and name == "source":
        return _path(obj, "source.component") or _path(obj, "reportingComponent")
    value = _path(obj, name)
    if not value and name in ("spec.unschedulable", "spec.hostNetwork"):
        return "false"
    return value
