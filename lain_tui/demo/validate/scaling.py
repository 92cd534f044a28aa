"""What autoscalers, disruption budgets and volume claims may not say."""

from __future__ import annotations

from collections.abc import Iterator

from .causes import Cause, Obj, forbidden, invalid, required, share


def autoscaler(spec: Obj) -> Iterator[Cause]:
    least, most, target = spec.get("minReplicas", 1), spec.get("maxReplicas", 0), spec["scaleTargetRef"]
    if least < 1:
        yield invalid("spec.minReplicas", least, "must be greater than or equal to 1")
    if most < 1:
        yield required("spec.maxReplicas", "must be set and greater than 0")
    if most < least:
        yield invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")
    for name in ("kind", "name"):
        if not target.get(name):
            yield required(f"spec.scaleTargetRef.{name}")
    if not target.get("apiVersion"):
        yield invalid("spec.scaleTargetRef.apiVersion", "", "apiVersion must specify API group")
    metrics = spec.get("metrics") or []
    for i, metric in enumerate(metrics):
        wanted = (metric.get("resource") or {}).get("target")
        if wanted is not None and not wanted.keys() & {"averageUtilization", "averageValue", "value"}:
            why = "must set either a target raw value or a target utilization"
            yield required(f"spec.metrics[{i}].resource.target.averageUtilization", why)
    if least == 0 and not any(metric.get("type") in ("Object", "External") for metric in metrics):
        why = "must specify at least one Object or External metric to support scaling to zero replicas"
        yield forbidden("spec.metrics", why)


def budget(spec: Obj) -> Iterator[Cause]:
    least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
    if least is not None and most is not None:
        shown = {"MinAvailable": least, "Selector": spec.get("selector"), "MaxUnavailable": most}
        why = "minAvailable and maxUnavailable cannot be both set"
        yield invalid("spec", {**shown, "UnhealthyPodEvictionPolicy": None}, why)
    for name, given in (("minAvailable", least), ("maxUnavailable", most)):
        if given is not None:
            yield from share(f"spec.{name}", given)


def claim(spec: Obj) -> Iterator[Cause]:
    if not spec.get("accessModes"):
        yield required("spec.accessModes", "at least 1 access mode is required")
    if "storage" not in ((spec.get("resources") or {}).get("requests") or {}):
        yield required("spec.resources[storage]")
