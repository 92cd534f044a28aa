"""Daemon sets: one pod on every node that lets it."""

from __future__ import annotations

from ..kinds import DAEMON_SET, NODE
from ..names import safe_hash
from ..storage import Change, Obj
from . import revisions
from .base import Controller, is_active, is_ready
from .scheduler import tolerates

_REVISION = "controller-revision-hash"
_TOLERATED = (
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
)


class DaemonSets(Controller):
    kind = DAEMON_SET
    name = "daemonset"
    component = "daemonset-controller"

    def _changed(self, change: Change) -> None:
        super()._changed(change)
        if change.kind is NODE and change.type != "MODIFIED":
            for obj in self.storage.objects(DAEMON_SET):
                self.engine.soon(self.name, (obj["metadata"]["namespace"], obj["metadata"]["name"]))

    def reconcile(self, obj: Obj) -> float | None:
        template = obj["spec"]["template"]
        revision = safe_hash(template)
        revisions.record(self.api, obj, f"{obj['metadata']['name']}-{revision}", template)
        template = self._tolerant(template)
        nodes = [n for n in self.storage.objects(NODE) if _may_run(template, n)]
        by_node = {_node_of(pod): pod for pod in self.pods(obj) if is_active(pod)}
        for node in nodes:
            name = node["metadata"]["name"]
            if name not in by_node:
                pod = self.create_pod(obj, template, {_REVISION: revision}, affinity=_on(name))
                if pod is not None:
                    by_node[name] = pod
        wanted = {node["metadata"]["name"] for node in nodes}
        for name, pod in by_node.items():
            if name not in wanted:
                self.delete_pod(obj, pod)
        self._roll(obj, by_node, revision)
        self._tell(obj, len(nodes), revision)
        return None

    def _tolerant(self, template: Obj) -> Obj:
        spec = dict(template["spec"])
        added = [{"key": key, "operator": "Exists", "effect": effect} for key, effect in _TOLERATED]
        spec["tolerations"] = [*(spec.get("tolerations") or []), *added]
        return {**template, "spec": spec}

    def _roll(self, obj: Obj, by_node: dict[str, Obj], revision: str) -> None:
        if obj["spec"]["updateStrategy"]["type"] != "RollingUpdate":
            return
        if any(not is_ready(pod) and _hash(pod) == revision for pod in by_node.values()):
            return
        outdated = next((pod for pod in by_node.values() if _hash(pod) != revision), None)
        if outdated is not None:
            self.delete_pod(obj, outdated)

    def _tell(self, obj: Obj, wanted: int, revision: str) -> None:
        pods = [pod for pod in self.pods(obj) if is_active(pod)]
        ready = sum(map(is_ready, pods))
        status = {
            "observedGeneration": obj["metadata"].get("generation", 1),
            "desiredNumberScheduled": wanted,
            "currentNumberScheduled": len(pods),
            "updatedNumberScheduled": sum(_hash(pod) == revision for pod in pods),
            "numberReady": ready,
            "numberAvailable": ready,
            "numberMisscheduled": 0,
        }
        if wanted > ready:
            status["numberUnavailable"] = wanted - ready
        self.set_status(obj, status)


def _hash(pod: Obj) -> str:
    return str((pod["metadata"].get("labels") or {}).get(_REVISION, ""))


def _on(node: str) -> Obj:
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}
    required = {"nodeSelectorTerms": [term]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}


def _node_of(pod: Obj) -> str:
    """Give the node a daemon's pod is for, whether or not it is there yet."""
    affinity = pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    return str(affinity["nodeSelectorTerms"][0]["matchFields"][0]["values"][0])


def _may_run(template: Obj, node: Obj) -> bool:
    labels = node["metadata"].get("labels") or {}
    if not (template["spec"].get("nodeSelector") or {}).items() <= labels.items():
        return False
    taints = node["spec"].get("taints") or []
    return all(tolerates(template, t) for t in taints if t["effect"] != "PreferNoSchedule")
