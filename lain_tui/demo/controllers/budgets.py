"""Disruption budgets: how many pods may be evicted now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..kinds import PDB, POD
from ..selectors import of_selector
from ..storage import Change, Key
from .base import is_active, is_ready, portion

if TYPE_CHECKING:
    from ..cluster import Cluster

_NAME = "budget"


class Budgets:
    """Keeps the status of disruption budgets."""

    def __init__(self, cluster: Cluster) -> None:
        self._storage = cluster.storage
        self._engine = cluster.engine
        self._engine.add(_NAME, self._reconcile)
        self._storage.listen(self._changed)

    def _changed(self, change: Change) -> None:
        if change.kind is PDB:
            self._engine.soon(_NAME, change.stored.key)
        elif change.kind is POD:
            for budget in self._storage.objects(PDB, change.stored.key[0]):
                self._engine.soon(_NAME, (change.stored.key[0], budget["metadata"]["name"]), 0.05)

    def _reconcile(self, key: Key) -> None:
        budget = self._storage.get(PDB, *key)
        if budget is None:
            return
        spec = budget["spec"]
        chosen = of_selector(spec.get("selector"))
        pods = [p for p in self._storage.objects(POD, key[0]) if chosen(p) and is_active(p)]
        healthy, expected = sum(map(is_ready, pods)), len(pods)
        if "minAvailable" in spec:
            desired = portion(spec["minAvailable"], expected, up=True)
        else:
            desired = expected - portion(spec.get("maxUnavailable", 0), expected, up=True)
        status = {
            "observedGeneration": budget["metadata"].get("generation", 1),
            "currentHealthy": healthy,
            "desiredHealthy": max(0, desired),
            "expectedPods": expected,
            "disruptionsAllowed": max(0, healthy - desired),
        }
        if budget.get("status") != status:
            self._storage.put(PDB, {**budget, "metadata": dict(budget["metadata"]), "status": status})
