"""Objects that go under one name and come under another, with much the same in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from lain_tui.core.diff.keys import ObjectKey, hook_events
from lain_tui.core.diff.written import written

Body = dict[str, Any]

MOST = 0.5
"""The part of the lines that may differ: where it is half of them, it is another object."""
_BASE = "helm-diff/base-name"
"""The annotation by which charts tell helm-diff what an object with a changing name is called."""


def renames(removed: Mapping[ObjectKey, Body], added: Mapping[ObjectKey, Body]) -> dict[ObjectKey, ObjectKey]:
    """The old key of each added object that is a removed one under another name; both are normalised.

    The likest are paired first, and each only once.
    """
    was = [(key, _sort(key, body), _lines(body), _base(body)) for key, body in removed.items()]
    will = [(key, _sort(key, body), _lines(body), _base(body)) for key, body in added.items()]
    likely = sorted(
        (0.0 if base and base == own else share, new, old)
        for old, sort, before, base in was
        for new, same, after, own in will
        if sort == same
        and old.name != new.name
        and ((share := _differing(before, after)) < MOST or (base and base == own))
    )
    found: dict[ObjectKey, ObjectKey] = {}
    for _, new, old in likely:
        if new not in found and old not in found.values():
            found[new] = old
    return found


def _sort(key: ObjectKey, body: Body) -> tuple[str, str, str, bool]:
    """Only what agrees in this is looked at together."""
    return key.group, key.kind, key.namespace, bool(hook_events(body))


def _base(body: Body) -> str:
    annotations = (body.get("metadata") or {}).get("annotations") or {}
    return str(annotations.get(_BASE, ""))


def _lines(body: Body) -> Counter[str]:
    return Counter(text for text, _ in written(body))


def _differing(before: Counter[str], after: Counter[str]) -> float:
    """The part of a diff's lines that differ, wherever they stand: no diff is made for each pair."""
    same = (before & after).total()
    whole = before.total() + after.total() - same
    return 1 - same / whole if whole else 0.0
