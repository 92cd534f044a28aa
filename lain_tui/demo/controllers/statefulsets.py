"""Stateful sets: numbered pods, made and replaced one after the other."""

from __future__ import annotations

from ..kinds import CLAIM, STATEFUL_SET
from ..names import safe_hash
from ..storage import Obj, copy
from . import revisions
from .base import Controller, is_active, is_ready

_REVISION = "controller-revision-hash"


class StatefulSets(Controller):
    kind = STATEFUL_SET
    name = "statefulset"
    component = "statefulset-controller"

    def reconcile(self, obj: Obj) -> float | None:
        spec = obj["spec"]
        name, wanted = obj["metadata"]["name"], spec["replicas"]
        revision = f"{name}-{safe_hash(spec['template'])}"
        pods = {_ordinal(pod): pod for pod in self.pods(obj)}
        parallel = spec.get("podManagementPolicy") == "Parallel"
        revisions.record(self.api, obj, revision, spec["template"])
        self._fill(obj, pods, revision, parallel)
        self._shrink(obj, pods, wanted)
        if spec["updateStrategy"]["type"] == "RollingUpdate":
            self._roll(obj, pods, revision)
        self._tell(obj, revision)
        return None

    def words(self, verb: str, owner: Obj, pod: str) -> str:
        return f"{verb} Pod {pod} in StatefulSet {owner['metadata']['name']} successful"

    def _fill(self, obj: Obj, pods: dict[int, Obj], revision: str, parallel: bool) -> None:
        for ordinal in range(obj["spec"]["replicas"]):
            pod = pods.get(ordinal)
            if pod is None:
                self._make(obj, ordinal, revision)
                if not parallel:
                    return
            elif (pod.get("status") or {}).get("phase") in ("Failed", "Succeeded"):
                self.delete_pod(obj, pod)
                return
            elif not parallel and not is_ready(pod):
                return

    def _make(self, obj: Obj, ordinal: int, revision: str) -> None:
        name = f"{obj['metadata']['name']}-{ordinal}"
        labels = {
            "apps.kubernetes.io/pod-index": str(ordinal),
            _REVISION: revision,
            "statefulset.kubernetes.io/pod-name": name,
        }
        volumes = list(obj["spec"]["template"]["spec"].get("volumes") or [])
        for template in obj["spec"].get("volumeClaimTemplates") or []:
            claim = f"{template['metadata']['name']}-{name}"
            self._claim(obj, template, claim)
            volumes = [v for v in volumes if v["name"] != template["metadata"]["name"]]
            volumes.append(
                {"name": template["metadata"]["name"], "persistentVolumeClaim": {"claimName": claim}}
            )
        more = {"volumes": volumes} if volumes else {}
        service = obj["spec"].get("serviceName")
        if service:
            more |= {"subdomain": service}
        self.create_pod(obj, obj["spec"]["template"], labels, name, hostname=name, **more)

    def _claim(self, obj: Obj, template: Obj, name: str) -> None:
        namespace = obj["metadata"]["namespace"]
        if self.storage.get(CLAIM, namespace, name) is None:
            labels = (obj["spec"]["selector"].get("matchLabels")) or {}
            body = {"metadata": {"name": name, "labels": labels}, "spec": copy(template["spec"])}
            self.api.create(CLAIM, namespace, body)

    def _shrink(self, obj: Obj, pods: dict[int, Obj], wanted: int) -> None:
        extra = [n for n in sorted(pods, reverse=True) if n >= wanted and is_active(pods[n])]
        if extra and not any(p["metadata"].get("deletionTimestamp") for p in pods.values()):
            self.delete_pod(obj, pods[extra[0]])

    def _roll(self, obj: Obj, pods: dict[int, Obj], revision: str) -> None:
        """Replace the highest outdated pod, once all above it are ready."""
        partition = (obj["spec"]["updateStrategy"].get("rollingUpdate") or {}).get("partition", 0)
        for ordinal in sorted(pods, reverse=True):
            pod = pods[ordinal]
            if ordinal < partition or ordinal >= obj["spec"]["replicas"]:
                continue
            if pod["metadata"].get("deletionTimestamp"):
                return
            if (pod["metadata"].get("labels") or {}).get(_REVISION) != revision:
                self.delete_pod(obj, pod)
                return
            if not is_ready(pod):
                return

    def _tell(self, obj: Obj, revision: str) -> None:
        pods = [p for p in self.pods(obj) if is_active(p)]
        updated = [p for p in pods if (p["metadata"].get("labels") or {}).get(_REVISION) == revision]
        ready = sum(map(is_ready, pods))
        old = obj.get("status") or {}
        current = old.get("currentRevision", revision)
        if len(updated) == len(pods) == obj["spec"]["replicas"] == ready:
            current = revision
        status = {
            "observedGeneration": obj["metadata"].get("generation", 1),
            "replicas": len(pods),
            "readyReplicas": ready,
            "availableReplicas": ready,
            "currentReplicas": sum(
                (p["metadata"].get("labels") or {}).get(_REVISION) == current for p in pods
            ),
            "updatedReplicas": len(updated),
            "currentRevision": current,
            "updateRevision": revision,
            "collisionCount": 0,
        }
        self.set_status(obj, status)


def _ordinal(pod: Obj) -> int:
    return int(pod["metadata"]["name"].rpartition("-")[2])
