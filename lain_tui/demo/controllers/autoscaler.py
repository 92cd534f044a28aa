"""Horizontal pod autoscalers: they watch the CPU of a workload's pods, and scale it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..kinds import DEPLOYMENT, HPA, POD, REPLICA_SET, STATEFUL_SET, Kind
from ..quantity import millis
from ..selectors import of_selector
from ..storage import Obj, copy
from .base import Controller, is_ready, merge_conditions
from .owners import Owners

if TYPE_CHECKING:
    from ..cluster import Cluster

PERIOD = 15.0
SIMULATED_PERIOD = 21_600.0
"""Seconds between looks while a seed's past is lived through."""
TOLERANCE = 0.1
_TARGETS: dict[str, Kind] = {"Deployment": DEPLOYMENT, "StatefulSet": STATEFUL_SET, "ReplicaSet": REPLICA_SET}


class Autoscalers(Controller):
    kind = HPA
    name = "autoscaler"
    component = "horizontal-pod-autoscaler"
    owns = ()

    def __init__(self, cluster: Cluster, owners: Owners) -> None:
        super().__init__(cluster, owners)
        self._cluster = cluster

    def reconcile(self, obj: Obj) -> float | None:
        spec = obj["spec"]
        namespace = obj["metadata"]["namespace"]
        reference = spec["scaleTargetRef"]
        kind = _TARGETS.get(reference["kind"])
        target = self.storage.get(kind, namespace, reference["name"]) if kind else None
        if kind is None or target is None:
            group = f".{kind.group}" if kind else ""
            message = f'the HPA controller was unable to get the target\'s current scale: {reference["kind"].lower()}s{group} "{reference["name"]}" not found'
            self._tell(obj, 0, 0, [], [self._condition("AbleToScale", False, "FailedGetScale", message)])
            return self._period()
        current = target["spec"]["replicas"]
        pods = [p for p in self.storage.objects(POD, namespace) if of_selector(target["spec"]["selector"])(p)]
        metrics, ratios = self._measure(spec.get("metrics") or [], [p for p in pods if is_ready(p)])
        wanted = current
        if ratios:
            highest = max(ratios)
            if abs(highest - 1) > TOLERANCE:
                wanted = -(-int(current * highest * 1000) // 1000)
        limited = min(max(wanted, spec.get("minReplicas", 1)), spec["maxReplicas"])
        if limited != current and current:
            self._scale(obj, kind, target, limited)
        self._tell(obj, current, limited, metrics, self._conditions(bool(ratios), wanted, limited))
        return self._period()

    def _period(self) -> float:
        return SIMULATED_PERIOD if self.clock.simulated else PERIOD

    def _measure(self, metrics: list[Obj], pods: list[Obj]) -> tuple[list[Obj], list[float]]:
        found: list[Obj] = []
        ratios: list[float] = []
        for metric in metrics:
            target = (metric.get("resource") or {}).get("target") or {}
            name = (metric.get("resource") or {}).get("name")
            if "averageUtilization" not in target or name != "cpu" or not pods:
                continue
            used = sum(self._cluster.metrics.cpu(pod) for pod in pods)
            asked = sum(
                millis(((c.get("resources") or {}).get("requests") or {}).get("cpu"))
                for pod in pods
                for c in pod["spec"]["containers"]
            )
            if not asked:
                continue
            utilisation = round(100 * used / asked)
            ratios.append(utilisation / target["averageUtilization"])
            average = {"averageUtilization": utilisation, "averageValue": f"{round(used / len(pods))}m"}
            found.append({"type": "Resource", "resource": {"name": name, "current": average}})
        return found, ratios

    def _scale(self, obj: Obj, kind: Kind, target: Obj, replicas: int) -> None:
        fresh = copy(target)
        fresh["spec"]["replicas"] = replicas
        fresh["metadata"]["generation"] = fresh["metadata"].get("generation", 1) + 1
        self.storage.put(kind, fresh)
        word = "above" if replicas > target["spec"]["replicas"] else "below"
        reason = f"cpu resource utilization (percentage of request) {word} target"
        if replicas < target["spec"]["replicas"]:
            reason = "All metrics below target"
        self.say(obj, "SuccessfulRescale", f"New size: {replicas}; reason: {reason}")

    def _condition(self, kind: str, holds: bool, reason: str, message: str) -> Obj:
        return {
            "type": kind,
            "status": "True" if holds else "False",
            "lastTransitionTime": self.now_stamp(),
            "reason": reason,
            "message": message,
        }

    def _conditions(self, measured: bool, wanted: int, limited: int) -> list[Obj]:
        able = self._condition(
            "AbleToScale", True, "ReadyForNewScale", "recommended size matches current size"
        )
        if measured:
            text = "the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)"
            active = self._condition("ScalingActive", True, "ValidMetricFound", text)
        else:
            text = "the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API"
            active = self._condition("ScalingActive", False, "FailedGetResourceMetric", text)
        if wanted > limited:
            bound = ("TooManyReplicas", "the desired replica count is more than the maximum replica count")
        elif wanted < limited:
            bound = ("TooFewReplicas", "the desired replica count is less than the minimum replica count")
        else:
            bound = ("DesiredWithinRange", "the desired count is within the acceptable range")
        return [able, active, self._condition("ScalingLimited", wanted != limited, *bound)]

    def _tell(self, obj: Obj, current: int, wanted: int, metrics: list[Obj], conditions: list[Obj]) -> None:
        old = obj.get("status") or {}
        status: Obj = {
            "currentReplicas": current,
            "desiredReplicas": wanted,
            "conditions": merge_conditions(old.get("conditions") or [], conditions),
        }
        if metrics:
            status["currentMetrics"] = metrics
        if current != wanted:
            status["lastScaleTime"] = self.now_stamp()
        elif "lastScaleTime" in old:
            status["lastScaleTime"] = old["lastScaleTime"]
        self.set_status(obj, status)
