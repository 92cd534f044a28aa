"""Replica sets: as many pods as asked for."""

from __future__ import annotations

from ..kinds import POD, REPLICA_SET
from ..storage import Obj
from .base import Controller, is_active, is_available, is_ready, merge_conditions


def _worth(pod: Obj) -> tuple[bool, bool, str]:
    """Order pods by how much would be lost with them: those without a node first, then the unready, then the young."""
    return (
        bool(pod["spec"].get("nodeName")),
        is_ready(pod),
        "".join(chr(255 - ord(c) % 255) for c in pod["metadata"]["creationTimestamp"]),
    )


class ReplicaSets(Controller):
    kind = REPLICA_SET
    name = "replicaset"
    component = "replicaset-controller"

    def reconcile(self, obj: Obj) -> float | None:
        spec = obj["spec"]
        pods = self.pods(obj)
        active = [pod for pod in pods if is_active(pod)]
        wanted = spec["replicas"]
        failed = ""
        again: float | None = None
        if len(active) < wanted:
            for _ in range(wanted - len(active)):
                pod = self.create_pod(obj, spec["template"])
                if pod is None:
                    failed, again = self.refused, 20.0
                    break
                active.append(pod)
        elif len(active) > wanted:
            for pod in sorted(active, key=_worth)[: len(active) - wanted]:
                self.delete_pod(obj, pod)
                active.remove(pod)
        self._tell(obj, failed)
        return again

    def _tell(self, obj: Obj, failed: str) -> None:
        current = self.storage.get(REPLICA_SET, obj["metadata"]["namespace"], obj["metadata"]["name"])
        if current is None:
            return
        spec, old = current["spec"], current.get("status") or {}
        active = [pod for pod in self.owners.objects(obj["metadata"]["uid"], POD) if is_active(pod)]
        labels = (spec["template"].get("metadata") or {}).get("labels") or {}
        full = sum(1 for p in active if labels.items() <= (p["metadata"].get("labels") or {}).items())
        now, least = self.clock.now(), spec.get("minReadySeconds", 0)
        counts = {
            "fullyLabeledReplicas": full,
            "readyReplicas": sum(map(is_ready, active)),
            "availableReplicas": sum(is_available(p, least, now) for p in active),
        }
        status: Obj = {"replicas": len(active), **{name: n for name, n in counts.items() if n}}
        status["observedGeneration"] = current["metadata"].get("generation", 1)
        conditions = [c for c in old.get("conditions") or [] if c["type"] != "ReplicaFailure"]
        if failed:
            failure = {
                "type": "ReplicaFailure",
                "status": "True",
                "lastTransitionTime": self.now_stamp(),
                "reason": "FailedCreate",
                "message": failed,
            }
            conditions = merge_conditions(old.get("conditions") or [], [failure])
        if conditions:
            status["conditions"] = conditions
        self.set_status(current, status)
