"""Garbage collection: what has no owner left goes; foreground and orphan deletion; emptied namespaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..finalize import FOREGROUND, ORPHAN, DeleteOptions, delete, settle
from ..kinds import NAMESPACE, Kind
from ..storage import Change, Key, Obj, copy
from .owners import Owners

if TYPE_CHECKING:
    from ..cluster import Cluster


class Garbage:
    """Follows deletions down to the dependents."""

    def __init__(self, cluster: Cluster, owners: Owners) -> None:
        self._storage = cluster.storage
        self._clock = cluster.clock
        self._engine = cluster.engine
        self._owners = owners
        self._engine.add("garbage", self._collect)
        self._engine.add("foreground", self._foreground)
        self._engine.add("namespace", self._namespace)
        self._engine.add("ghosts", self._ghosts)
        self._storage.listen(self._changed)

    def _changed(self, change: Change) -> None:
        obj = change.stored.obj
        if change.type == "DELETED":
            self._engine.soon("garbage", (obj["metadata"]["uid"], ""))
            for owner in obj["metadata"].get("ownerReferences") or []:
                self._look_at_owner(owner, change.stored.key[0])
            if change.kind is not NAMESPACE and change.stored.key[0]:
                self._engine.soon("namespace", ("", change.stored.key[0]), 0.2)
        elif change.type == "ADDED" and obj["metadata"].get("ownerReferences"):
            self._engine.soon("ghosts", (change.kind.resource, "/".join(change.stored.key)), 0.5)
        elif obj["metadata"].get("deletionTimestamp"):
            if set(obj["metadata"].get("finalizers") or ()) & {FOREGROUND, ORPHAN}:
                self._engine.soon("foreground", (change.kind.resource, "/".join(change.stored.key)))
            if change.kind is NAMESPACE:
                self._engine.soon("namespace", change.stored.key, 0.2)

    def _look_at_owner(self, owner: Obj, namespace: str) -> None:
        kind = next(
            (
                k
                for k in self._storage.kinds.stored()
                if k.kind == owner["kind"] and k.api_version == owner["apiVersion"]
            ),
            None,
        )
        if kind is not None:
            place = f"{namespace if kind.namespaced else ''}/{owner['name']}"
            self._engine.soon("foreground", (kind.resource, place))

    def _kind(self, resource: str) -> Kind | None:
        """None for one whose definition is gone by now."""
        return next((kind for kind in self._storage.kinds.stored() if kind.resource == resource), None)

    def _delete(self, kind: Kind, key: Key, propagation: str = "Background") -> None:
        stored = self._storage.stored(kind, *key)
        if stored is not None and not stored.obj["metadata"].get("deletionTimestamp"):
            delete(self._storage, self._clock, kind, stored, DeleteOptions(propagation=propagation))

    def _collect(self, key: Key) -> None:
        """Delete the dependents of an owner that is gone, unless another owner is left."""
        uid = key[0]
        for kind, place in self._owners.of(uid):
            obj = self._storage.get(kind, *place)
            if obj is None:
                continue
            left = [
                o for o in obj["metadata"]["ownerReferences"] if o["uid"] != uid and self._lives(o, place[0])
            ]
            if left:
                self._storage.put(kind, {**obj, "metadata": {**obj["metadata"], "ownerReferences": left}})
            else:
                self._delete(kind, place)

    def _ghosts(self, key: Key) -> None:
        """Delete what says that it belongs to nothing but what never was, or is no more."""
        kind = self._kind(key[0])
        namespace, _, name = key[1].partition("/")
        obj = self._storage.get(kind, namespace, name) if kind is not None else None
        if kind is not None and obj is not None:
            owners = obj["metadata"].get("ownerReferences") or []
            if owners and not any(self._lives(owner, namespace) for owner in owners):
                self._delete(kind, (namespace, name))

    def _lives(self, owner: Obj, namespace: str) -> bool:
        for kind in self._storage.kinds.stored():
            if kind.kind == owner["kind"] and kind.api_version == owner["apiVersion"]:
                found = self._storage.get(kind, namespace if kind.namespaced else "", owner["name"])
                return found is not None and found["metadata"]["uid"] == owner["uid"]
        return False

    def _foreground(self, key: Key) -> None:
        kind = self._kind(key[0])
        namespace, _, name = key[1].partition("/")
        obj = self._storage.get(kind, namespace, name) if kind is not None else None
        if kind is None or obj is None or not obj["metadata"].get("deletionTimestamp"):
            return
        finalizers = obj["metadata"].get("finalizers") or []
        uid = obj["metadata"]["uid"]
        if ORPHAN in finalizers:
            for each, place in self._owners.of(uid):
                dependent = self._storage.get(each, *place)
                if dependent is not None:
                    kept = [o for o in dependent["metadata"]["ownerReferences"] if o["uid"] != uid]
                    self._storage.put(each, _with_owners(dependent, kept))
            self._release(kind, obj, ORPHAN)
        elif FOREGROUND in finalizers:
            dependents = self._owners.of(uid)
            for each, place in dependents:
                self._delete(each, place, "Foreground")
            if not self._owners.of(uid):
                self._release(kind, obj, FOREGROUND)

    def _release(self, kind: Kind, obj: Obj, finalizer: str) -> None:
        fresh = copy(obj)
        fresh["metadata"]["finalizers"] = [f for f in fresh["metadata"]["finalizers"] if f != finalizer]
        settle(self._storage, kind, fresh)

    def _namespace(self, key: Key) -> float | None:
        """Empty a namespace that is being deleted, then let it go."""
        obj = self._storage.get(NAMESPACE, "", key[1])
        if obj is None or not obj["metadata"].get("deletionTimestamp"):
            return None
        left = False
        for kind in self._storage.kinds.stored():
            if not kind.namespaced:
                continue
            for stored in self._storage.table(kind).listed(key[1]):
                self._delete(kind, stored.key)
                left = left or self._storage.stored(kind, *stored.key) is not None
        if left:
            return 1.0
        fresh = copy(obj)
        fresh["spec"]["finalizers"] = []
        settle(self._storage, NAMESPACE, fresh)
        return None


def _with_owners(obj: Obj, owners: list[Obj]) -> Obj:
    meta = {k: v for k, v in obj["metadata"].items() if k != "ownerReferences"}
    if owners:
        meta["ownerReferences"] = owners
    return {**obj, "metadata": meta}
