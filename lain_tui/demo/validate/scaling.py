"""What autoscalers, disruption budgets, limit ranges and volume claims may not say."""

from __future__ import annotations

from collections.abc import Iterator

from ..quantity import value
from .causes import Cause, Obj, duplicate, forbidden, invalid, required, share


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


def limit_range(spec: Obj) -> Iterator[Cause]:
    """Its bounds and defaults must fit between each other."""
    seen: set[str] = set()
    for i, limit in enumerate(spec.get("limits") or []):
        path, kind = f"spec.limits[{i}]", limit.get("type", "")
        if kind in seen:
            yield duplicate(f"{path}.type", kind)
        seen.add(kind)
        for name in sorted({name for group in _BOUNDS for name in limit.get(group) or {}}):
            yield from _bounds(limit, name, path)


_BOUNDS = ("min", "max", "default", "defaultRequest", "maxLimitRequestRatio")


def _bounds(limit: Obj, name: str, path: str) -> Iterator[Cause]:
    least, most, default, request, ratio = ((limit.get(group) or {}).get(name) for group in _BOUNDS)
    asked, bound = f"{path}.defaultRequest[{name}]", f"{path}.default[{name}]"
    if _above(least, most):
        yield invalid(f"{path}.min[{name}]", least, f"min value {least} is greater than max value {most}")
    if _above(least, request):
        yield invalid(asked, request, f"min value {least} is greater than default request value {request}")
    if _above(request, most):
        yield invalid(asked, request, f"default request value {request} is greater than max value {most}")
    if _above(request, default):
        why = f"default request value {request} is greater than default limit value {default}"
        yield invalid(asked, request, why)
    if _above(least, default):
        yield invalid(bound, least, f"min value {least} is greater than default value {default}")
    if _above(default, most):
        yield invalid(bound, most, f"default value {default} is greater than max value {most}")
    field = f"{path}.maxLimitRequestRatio[{name}]"
    if _above("1", ratio):
        yield invalid(field, ratio, f"ratio {ratio} is less than 1")
    if ratio and least and most and value(ratio) > (widest := value(most) / value(least)):
        yield invalid(field, ratio, f"ratio {ratio} is greater than max/min = {float(widest):f}")


def _above(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and value(one) > value(other)


def claim(spec: Obj) -> Iterator[Cause]:
    if not spec.get("accessModes"):
        yield required("spec.accessModes", "at least 1 access mode is required")
    if "storage" not in ((spec.get("resources") or {}).get("requests") or {}):
        yield required("spec.resources[storage]")
