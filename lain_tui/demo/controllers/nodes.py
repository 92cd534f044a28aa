"""Nodes: taints by condition, pods of a node that has gone quiet, and the kubelets' leases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..clock import parse, stamp
from ..finalize import DeleteOptions, delete
from ..kinds import NODE, POD
from ..storage import Change, Key, Obj, copy
from .base import condition, is_ready
from .scheduler import tolerates

if TYPE_CHECKING:
    from ..cluster import Cluster

_NAME = "node"
EVICT_AFTER = 300.0
"""Seconds a pod tolerates an unreachable node, unless it says otherwise."""
_PRESSURES = {
    "MemoryPressure": "node.kubernetes.io/memory-pressure",
    "DiskPressure": "node.kubernetes.io/disk-pressure",
    "PIDPressure": "node.kubernetes.io/pid-pressure",
}


class Nodes:
    """Follows the conditions of nodes."""

    def __init__(self, cluster: Cluster) -> None:
        self._storage = cluster.storage
        self._engine = cluster.engine
        self._clock = cluster.clock
        self._events = cluster.events
        self._kubelet = cluster.kubelet
        self._engine.add(_NAME, self._reconcile)
        self._storage.listen(self._changed)

    def _changed(self, change: Change) -> None:
        if change.kind is NODE:
            self._engine.soon(_NAME, change.stored.key)

    def _reconcile(self, key: Key) -> float | None:
        node = self._storage.get(NODE, *key)
        if node is None:
            return None
        node = self._taint(node)
        ready = condition(node, "Ready")
        if ready is None or ready["status"] == "True":
            return None
        return self._leave(node, ready)

    def _taint(self, node: Obj) -> Obj:
        """Give a node the taints its conditions call for."""
        wanted: dict[tuple[str, str], Obj] = {}
        for kind, taint in _PRESSURES.items():
            found = condition(node, kind)
            if found is not None and found["status"] == "True":
                wanted[taint, "NoSchedule"] = {"key": taint, "effect": "NoSchedule"}
        ready = condition(node, "Ready")
        if ready is not None and ready["status"] != "True":
            lost = "unreachable" if ready["status"] == "Unknown" else "not-ready"
            for effect in ("NoSchedule", "NoExecute"):
                taint = f"node.kubernetes.io/{lost}"
                wanted[taint, effect] = {
                    "key": taint,
                    "effect": effect,
                    "timeAdded": ready["lastTransitionTime"],
                }
        if node["spec"].get("unschedulable"):
            taint = "node.kubernetes.io/unschedulable"
            wanted[taint, "NoSchedule"] = {"key": taint, "effect": "NoSchedule"}
        own = [t for t in node["spec"].get("taints") or [] if not t["key"].startswith("node.kubernetes.io/")]
        taints = own + list(wanted.values())
        if taints != (node["spec"].get("taints") or []):
            node = copy(node)
            node["spec"]["taints"] = taints
            if not taints:
                del node["spec"]["taints"]
            node = self._storage.put(NODE, node).obj
        return node

    def _leave(self, node: Obj, ready: Obj) -> float | None:
        """Mark the pods of a node that is not ready, and delete them when they have tolerated it long enough."""
        name, now = node["metadata"]["name"], self._clock.now()
        again: float | None = None
        for pod in self._storage.objects(POD):
            if pod["spec"].get("nodeName") != name:
                continue
            if is_ready(pod):
                self._mark(pod)
            if pod["metadata"].get("deletionTimestamp"):
                continue
            taint = {"key": "node.kubernetes.io/unreachable", "effect": "NoExecute"}
            patience = self._patience(pod, taint)
            if patience is None:
                continue
            left = parse(ready["lastTransitionTime"]) + patience - now
            if left > 0:
                again = left if again is None else min(left, again)
            else:
                meta = pod["metadata"]
                text = f"Marking for deletion Pod {meta['namespace']}/{meta['name']}"
                self._events.record(pod, "TaintManagerEviction", text, component="taint-eviction-controller")
                stored = self._storage.stored(POD, meta["namespace"], meta["name"])
                if stored is not None:
                    delete(self._storage, self._clock, POD, stored, DeleteOptions())
        return again

    @staticmethod
    def _patience(pod: Obj, taint: Obj) -> float | None:
        """Give the seconds a pod stays on a node with this taint; None for ever."""
        if not tolerates(pod, taint):
            return 0.0
        seconds = [
            t.get("tolerationSeconds")
            for t in pod["spec"].get("tolerations") or []
            if t.get("key") in (None, "", taint["key"]) and t.get("effect") in (None, "", "NoExecute")
        ]
        finite = [s for s in seconds if s is not None]
        return float(min(finite)) if finite else None

    def _mark(self, pod: Obj) -> None:
        fresh = copy(pod)
        for each in fresh["status"]["conditions"]:
            if each["type"] in ("Ready",):
                each |= {"status": "False", "lastTransitionTime": stamp(self._clock.now())}
        self._events.record(
            pod, "NodeNotReady", "Node is not ready", component="node-controller", warning=True
        )
        self._storage.put(POD, fresh)
