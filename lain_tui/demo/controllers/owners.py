"""Who owns whom: an index kept by listening to the storage."""

from __future__ import annotations

from collections import defaultdict

from ..kinds import Kind
from ..storage import Change, Key, Obj, Storage


def controller_of(obj: Obj) -> Obj | None:
    """Give the owner reference of an object's controller."""
    return next((o for o in obj["metadata"].get("ownerReferences") or [] if o.get("controller")), None)


def reference(owner: Obj) -> Obj:
    """Make the owner reference a controller puts on what it creates."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


class Owners:
    """Dependents by the uid of their owner."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._dependents: defaultdict[str, dict[tuple[Kind, Key], None]] = defaultdict(dict)
        storage.listen(self._changed)

    def _changed(self, change: Change) -> None:
        before = _owners(change.previous.obj) if change.previous else set()
        after = _owners(change.stored.obj) if change.type != "DELETED" else set()
        item = (change.kind, change.stored.key)
        for uid in before - after:
            self._dependents[uid].pop(item, None)
            if not self._dependents[uid]:
                del self._dependents[uid]
        for uid in after - before:
            self._dependents[uid][item] = None

    def of(self, uid: str) -> list[tuple[Kind, Key]]:
        return list(self._dependents.get(uid, ()))

    def objects(self, uid: str, kind: Kind) -> list[Obj]:
        """Give the objects of one kind that this owner has, as they are now."""
        found = (self._storage.get(kind, *key) for each, key in self.of(uid) if each is kind)
        return [obj for obj in found if obj is not None]


def _owners(obj: Obj) -> set[str]:
    return {owner["uid"] for owner in obj["metadata"].get("ownerReferences") or []}
