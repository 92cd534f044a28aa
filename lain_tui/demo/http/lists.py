"""Lists: selected, paged over one consistent snapshot, and refused when the snapshot is gone."""

from __future__ import annotations

import base64
from collections import OrderedDict
from dataclasses import dataclass

import msgspec

from .. import errors, views
from ..kinds import Kind
from ..queries import fields, labels
from ..selectors import Predicate
from ..storage import Obj, Storage, Stored, TooOldError
from . import options

SNAPSHOTS = 64
"""Lists that can be going on at once; the oldest is forgotten, as compaction would."""


def selector(kind: Kind, query: dict[str, str]) -> Predicate | None:
    """Join the label and field selectors of a query; None when it selects all."""
    tests: list[Predicate] = []
    if query.get("labelSelector"):
        tests.append(labels(query["labelSelector"]))
    if query.get("fieldSelector"):
        tests.append(fields(kind, query["fieldSelector"]))
    if not tests:
        return None
    return lambda obj: all(test(obj) for test in tests)


@dataclass
class Page:
    """One page of a list, and the metadata that goes with it."""

    items: list[Stored]
    meta: Obj


class Lists:
    """Answers list requests, and remembers the snapshots that pages are cut from."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._snapshots: OrderedDict[tuple[Kind, str, int], list[Stored]] = OrderedDict()

    def forget(self) -> None:
        """Drop every snapshot, so that continuing a list is answered with 410."""
        self._snapshots.clear()

    def page(self, kind: Kind, namespace: str, query: dict[str, str]) -> Page:
        """Give one page. ApiError 410 when its list is too old to go on with, 400 for a broken query."""
        matches = selector(kind, query)
        kind = views.stored_as(kind)
        options.check_list(query, watching=False)
        limit = max(0, options.number(query, "limit") or 0)
        token = query.get("continue", "")
        version, after = self._storage.version, None
        if token:
            version, after = _read(token)
            items = self._continued(kind, namespace, version, after, query)
            if version < 0:
                version = self._storage.version
        else:
            exact = self._exact_version(query)
            table = self._storage.table(kind)
            try:
                items = table.listed(namespace) if exact is None else table.as_of(exact, namespace)
            except TooOldError:
                raise errors.expired("The resourceVersion for the provided list is too old.") from None
            version = version if exact is None else exact
        start = 0
        if after is not None:
            start = next((i for i, item in enumerate(items) if item.key > after), len(items))
        chosen: list[Stored] = []
        position = start
        while position < len(items) and not (limit and len(chosen) == limit):
            if matches is None or matches(items[position].obj):
                chosen.append(items[position])
            position += 1
        meta: Obj = {"resourceVersion": str(version)}
        if position < len(items) and chosen:
            self._keep(kind, namespace, version, items)
            meta["continue"] = _write(version, chosen[-1].key)
            if matches is None:
                meta["remainingItemCount"] = len(items) - position
        return Page(chosen, meta)

    def _exact_version(self, query: dict[str, str]) -> int | None:
        """Give the version that a query asks for exactly; None when anything as new will do."""
        wanted = int(query.get("resourceVersion") or 0)
        if wanted > self._storage.version:
            raise errors.too_new(wanted, self._storage.version)
        return wanted if query.get("resourceVersionMatch") == "Exact" else None

    def _keep(self, kind: Kind, namespace: str, version: int, items: list[Stored]) -> None:
        key = (kind, namespace, version)
        self._snapshots[key] = items
        self._snapshots.move_to_end(key)
        while len(self._snapshots) > SNAPSHOTS:
            self._snapshots.popitem(last=False)

    def _continued(
        self, kind: Kind, namespace: str, version: int, after: tuple[str, str], query: dict[str, str]
    ) -> list[Stored]:
        if version < 0:
            return self._storage.table(kind).listed(namespace)
        items = self._snapshots.get((kind, namespace, version))
        if items is None or version < self._storage.table(kind).compacted:
            error = errors.expired(
                "The provided continue parameter is too old to display a consistent list result. You can start a new "
                "list without the continue parameter, or use the continue token in this response to retrieve the "
                "remainder of the results. Continuing with the provided token results in an inconsistent list - "
                "objects that were created, modified, or deleted between the time the first chunk was returned and "
                "now may show up in the list."
            )
            error.meta = {"continue": _write(-1, after)}
            raise error
        return items


def _write(version: int, key: tuple[str, str]) -> str:
    raw = msgspec.json.encode({"v": "meta.k8s.io/v1", "rv": version, "start": list(key)})
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _read(token: str) -> tuple[int, tuple[str, str]]:
    why = "invalid continue token: continue key is not valid"
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError:
        place = len(token) - len(token) % 4
        raise errors.bad_request(f"{why}: illegal base64 data at input byte {place}") from None
    try:
        data = msgspec.json.decode(raw)
        namespace, name = data["start"]
        return int(data["rv"]), (namespace, name)
    except (ValueError, KeyError, TypeError, msgspec.DecodeError):
        raise errors.bad_request(f"{why}: server does not recognize this encoded version ") from None
