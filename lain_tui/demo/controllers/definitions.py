"""Custom kinds: accepted, served from then on, and emptied before they go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import apply
from ..clock import stamp
from ..custom.definition import kinds_of
from ..finalize import CLEANUP, DeleteOptions, delete, settle
from ..kinds import CUSTOM_KIND
from ..storage import Change, Key, Obj, copy
from .base import merge_conditions

if TYPE_CHECKING:
    from ..cluster import Cluster


class Definitions:
    """Serves what CustomResourceDefinitions define."""

    def __init__(self, cluster: Cluster) -> None:
        self._storage = cluster.storage
        self._clock = cluster.clock
        self._engine = cluster.engine
        self._engine.add("definitions", self._settle)
        self._storage.listen(self._changed)

    def _changed(self, change: Change) -> None:
        if change.kind is CUSTOM_KIND:
            self._engine.soon("definitions", change.stored.key)

    def _settle(self, key: Key) -> float | None:
        definition = self._storage.get(CUSTOM_KIND, *key)
        if definition is None:
            self._storage.kinds.forget(key[1])
        elif definition["metadata"].get("deletionTimestamp"):
            return self._empty(definition)
        else:
            self._storage.kinds.define(key[1], kinds_of(definition))
            self._accept(definition)
        return None

    def _accept(self, definition: Obj) -> None:
        now, status = stamp(self._clock.now()), definition["status"]
        said = (
            ("NamesAccepted", "NoConflicts", "no conflicts found"),
            ("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        )
        conditions = [
            {"type": name, "status": "True", "lastTransitionTime": now, "reason": reason, "message": message}
            for name, reason, message in said
        ]
        merged = merge_conditions(status.get("conditions") or [], conditions)
        accepted = {**status, "conditions": merged, "acceptedNames": definition["spec"]["names"]}
        if accepted != status:
            fresh = {**definition, "metadata": dict(definition["metadata"]), "status": accepted}
            apply.track(CUSTOM_KIND, definition, fresh, "kube-apiserver", now, "status")
            self._storage.put(CUSTOM_KIND, fresh)

    def _empty(self, definition: Obj) -> float | None:
        """Delete every object of the kind; once there is none, let the definition go."""
        for kind in kinds_of(definition)[:1]:
            table = self._storage.table(kind)
            for stored in table.listed():
                if not stored.obj["metadata"].get("deletionTimestamp"):
                    delete(self._storage, self._clock, kind, stored, DeleteOptions())
            if table.items:
                return 1.0
        fresh = copy(definition)
        meta = fresh["metadata"]
        meta["finalizers"] = [name for name in meta.get("finalizers") or [] if name != CLEANUP]
        settle(self._storage, CUSTOM_KIND, fresh)
        return None
