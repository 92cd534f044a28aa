"""The scheduler: a node for each pod, or the reason there is none, counted by node as kube-scheduler words it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..clock import stamp
from ..kinds import CLAIM, NODE, POD
from ..quantity import millis, whole
from ..selectors import expression_holds
from ..storage import Change, Key, Obj, copy

if TYPE_CHECKING:
    from ..cluster import Cluster

_NAME = "scheduler"
_HELPS_NOT = ("node(s) had untolerated taint", "node(s) didn't match", "node(s) were unschedulable")
RETRY = 60.0
"""Seconds after which a pod that fits nowhere is tried again though nothing changed."""


def tolerates(pod: Obj, taint: Obj) -> bool:
    for each in pod["spec"].get("tolerations") or []:
        if each.get("effect") not in (None, "", taint["effect"]):
            continue
        if not each.get("key") and each.get("operator") == "Exists":
            return True
        if each.get("key") == taint["key"] and (
            each.get("operator") == "Exists" or each.get("value", "") == taint.get("value", "")
        ):
            return True
    return False


def requests(pod: Obj) -> tuple[int, int]:
    """Give what a pod asks for: CPU in thousandths, memory in bytes."""
    cpu = memory = 0
    for container in pod["spec"]["containers"]:
        asked = (container.get("resources") or {}).get("requests") or {}
        cpu += millis(asked.get("cpu"))
        memory += whole(asked.get("memory"))
    return cpu, memory


class Scheduler:
    """Binds pods to nodes."""

    def __init__(self, cluster: Cluster) -> None:
        self._storage = cluster.storage
        self._engine = cluster.engine
        self._events = cluster.events
        self._clock = cluster.clock
        self._waiting: set[Key] = set()
        self._used: dict[str, dict[Key, tuple[int, int]]] = {}
        self._engine.add(_NAME, self._schedule)
        self._storage.listen(self._changed)

    def _changed(self, change: Change) -> None:
        if change.kind is POD:
            self._count(change)
            if change.type == "ADDED" and not change.stored.obj["spec"].get("nodeName"):
                self._engine.soon(_NAME, change.stored.key)
            elif change.type == "DELETED":
                self._waiting.discard(change.stored.key)
                self._retry_all()
        elif change.kind in (NODE, CLAIM):
            self._retry_all()

    def _retry_all(self) -> None:
        for key in self._waiting:
            self._engine.soon(_NAME, key, 1.0)

    def _count(self, change: Change) -> None:
        """Keep the sums of what is asked for on each node."""
        obj, key = change.stored.obj, change.stored.key
        node = obj["spec"].get("nodeName")
        if not node:
            return
        finished = (obj.get("status") or {}).get("phase") in ("Succeeded", "Failed")
        if change.type == "DELETED" or finished:
            self._used.get(node, {}).pop(key, None)
        elif key not in self._used.setdefault(node, {}):
            self._used[node][key] = requests(obj)

    def asked_on(self, node: str) -> tuple[int, int]:
        used = self._used.get(node, {}).values()
        return sum(cpu for cpu, _ in used), sum(memory for _, memory in used)

    def _schedule(self, key: Key) -> float | None:
        pod = self._storage.get(POD, *key)
        if pod is None or pod["spec"].get("nodeName") or pod["metadata"].get("deletionTimestamp"):
            self._waiting.discard(key)
            return None
        nodes = self._storage.objects(NODE)
        unbound = self._unbound_claim(pod)
        fitting, reasons = [], Counter[str]()
        for node in nodes:
            why = self._reasons_against(pod, node)
            reasons.update(why)
            if not why:
                fitting.append(node)
        if unbound or not fitting:
            self._waiting.add(key)
            self._refuse(pod, self._message(len(nodes), reasons, unbound))
            return RETRY
        self._waiting.discard(key)
        self._bind(pod, min(fitting, key=lambda node: self._load(pod, node)))
        return None

    def _load(self, pod: Obj, node: Obj) -> tuple[int, float, str]:
        """Order nodes: fewest pods of the same labels, then least asked for."""
        name = node["metadata"]["name"]
        labels = pod["metadata"].get("labels") or {}
        mates = 0
        for key in self._used.get(name, {}):
            other = self._storage.get(POD, *key)
            mates += other is not None and bool(labels) and (other["metadata"].get("labels") or {}) == labels
        cpu, memory = self.asked_on(name)
        free = node["status"]["allocatable"]
        return mates, cpu / max(1, millis(free["cpu"])) + memory / max(1, whole(free["memory"])), name

    def _reasons_against(self, pod: Obj, node: Obj) -> list[str]:
        name = node["metadata"]["name"]
        for taint in node["spec"].get("taints") or []:
            if taint["effect"] != "PreferNoSchedule" and not tolerates(pod, taint):
                if taint["key"] == "node.kubernetes.io/unschedulable":
                    return ["node(s) were unschedulable"]
                return ["node(s) had untolerated taint(s)"]
        if not _matches(pod, node):
            return ["node(s) didn't match Pod's node affinity/selector"]
        asked_cpu, asked_memory = requests(pod)
        cpu, memory = self.asked_on(name)
        free = node["status"]["allocatable"]
        against = []
        if asked_cpu and cpu + asked_cpu > millis(free["cpu"]):
            against.append("Insufficient cpu")
        if asked_memory and memory + asked_memory > whole(free["memory"]):
            against.append("Insufficient memory")
        if len(self._used.get(name, {})) >= whole(free.get("pods", "110")):
            against.append("Too many pods")
        return against

    def _unbound_claim(self, pod: Obj) -> str:
        for volume in pod["spec"].get("volumes") or []:
            name = (volume.get("persistentVolumeClaim") or {}).get("claimName")
            if not name:
                continue
            claim = self._storage.get(CLAIM, pod["metadata"]["namespace"], name)
            if claim is None:
                return f'persistentvolumeclaim "{name}" not found'
            if (claim.get("status") or {}).get("phase") != "Bound":
                return "pod has unbound immediate PersistentVolumeClaims"
        return ""

    @staticmethod
    def _message(nodes: int, reasons: Counter[str], unbound: str) -> str:
        if not nodes:
            return "no nodes available to schedule pods"
        head = f"0/{nodes} nodes are available: "
        if unbound:
            return f"{head}{unbound}. not found" if unbound.endswith("not found.") else f"{head}{unbound}."
        listed = ", ".join(sorted(f"{count} {why}" for why, count in reasons.items()))
        futile = sum(count for why, count in reasons.items() if why.startswith(_HELPS_NOT))
        hopeful = nodes - futile
        parts = []
        if hopeful:
            parts.append(f"{hopeful} No preemption victims found for incoming pod")
        if futile:
            parts.append(f"{futile} Preemption is not helpful for scheduling")
        victims = f"preemption: 0/{nodes} nodes are available: {', '.join(sorted(parts))}."
        return f"{head}{listed}. no new claims to deallocate, {victims}"

    def _refuse(self, pod: Obj, message: str) -> None:
        self._events.record(pod, "FailedScheduling", message, component="default-scheduler", warning=True)
        old = (pod.get("status") or {}).get("conditions") or []
        if any(c["type"] == "PodScheduled" and c.get("message") == message for c in old):
            return
        since = next((c["lastTransitionTime"] for c in old if c["type"] == "PodScheduled"), None)
        refusal = {
            "type": "PodScheduled",
            "status": "False",
            "reason": "Unschedulable",
            "message": message,
            "lastProbeTime": None,
            "lastTransitionTime": since or stamp(self._clock.now()),
            "observedGeneration": pod["metadata"].get("generation", 1),
        }
        fresh = copy(pod)
        fresh["status"]["conditions"] = [c for c in old if c["type"] != "PodScheduled"] + [refusal]
        self._storage.put(POD, fresh)

    def _bind(self, pod: Obj, node: Obj) -> None:
        fresh = copy(pod)
        name = fresh["spec"]["nodeName"] = node["metadata"]["name"]
        fresh["status"]["conditions"] = [
            {
                "type": "PodScheduled",
                "status": "True",
                "lastProbeTime": None,
                "lastTransitionTime": stamp(self._clock.now()),
                "observedGeneration": pod["metadata"].get("generation", 1),
            }
        ]
        meta = pod["metadata"]
        text = f"Successfully assigned {meta['namespace']}/{meta['name']} to {name}"
        self._events.record(pod, "Scheduled", text, component="default-scheduler")
        self._storage.put(POD, fresh)


def _matches(pod: Obj, node: Obj) -> bool:
    """Tell whether a node's labels are what the pod's selector and required affinity ask for."""
    labels = node["metadata"].get("labels") or {}
    wanted = pod["spec"].get("nodeSelector") or {}
    if not wanted.items() <= labels.items():
        return False
    affinity = (pod["spec"].get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    if not required:
        return True
    fields = {"metadata.name": node["metadata"]["name"]}
    return any(
        all(expression_holds(e, labels) for e in term.get("matchExpressions") or [])
        and all(expression_holds(e, fields) for e in term.get("matchFields") or [])
        for term in required["nodeSelectorTerms"]
    )
