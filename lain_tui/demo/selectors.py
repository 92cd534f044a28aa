"""Label selectors as specs hold them, made into tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Obj = dict[str, Any]
Predicate = Callable[[Obj], bool]


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
    return key in found and bool(values) and compared(key, ">" if op == "Gt" else "<", int(values[0]))(found)


def compared(key: str, op: str, bound: int) -> Callable[[dict[str, str]], bool]:
    """A test on labels: whether the one of this key is a number above, or below, the bound."""

    def test(found: dict[str, str]) -> bool:
        try:
            number = int(found[key])
        except (KeyError, ValueError):
            return False
        return number > bound if op == ">" else number < bound

    return test
