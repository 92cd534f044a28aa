"""Kinds that are served in two versions and stored in one: what each field is in the other.

What an older version has no field for travels in annotations, as on a real server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .kinds import EVENT, EVENT_V1, HPA, HPA_V1, Kind
from .storage import Obj, Stored, encode

_HELD = "autoscaling.alpha.kubernetes.io/"


@dataclass(frozen=True)
class _View:
    stored: Kind
    outward: Callable[[Obj], Obj]
    inward: Callable[[Obj], Obj]


def stored_as(kind: Kind) -> Kind:
    """The kind that this one is stored as: mostly itself."""
    view = _VIEWS.get(kind)
    return view.stored if view else kind


def shown(kind: Kind, obj: Obj) -> Obj:
    """A stored object, as this kind shows it."""
    view = _VIEWS.get(kind)
    if view is None:
        return obj
    return {**view.outward(obj), "apiVersion": kind.api_version, "kind": kind.kind}


def seen(kind: Kind, stored: Stored) -> Stored:
    """The same for what is about to be sent."""
    return Stored(stored.key, shown(kind, stored.obj), stored.version) if kind in _VIEWS else stored


def taken(kind: Kind, obj: Obj) -> Obj:
    """An object of this kind, as it is stored."""
    view = _VIEWS.get(kind)
    if view is None:
        return obj
    return {**view.inward(obj), "apiVersion": view.stored.api_version, "kind": view.stored.kind}


_EVENT_FIELDS = {
    "regarding": "involvedObject",
    "note": "message",
    "reportingController": "reportingComponent",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
}


def _event_out(event: Obj) -> Obj:
    names = {old: new for new, old in _EVENT_FIELDS.items()}
    return {names.get(name, name): value for name, value in event.items()}


def _event_in(event: Obj) -> Obj:
    return {_EVENT_FIELDS.get(name, name): value for name, value in event.items()}


def _autoscaler_out(hpa: Obj) -> Obj:
    spec, status = dict(hpa["spec"]), dict(hpa.get("status") or {})
    held: dict[str, str] = {}
    metrics = spec.pop("metrics", None) or []
    wanted = next((share for metric in metrics if (share := _cpu(metric, "target")) is not None), None)
    if wanted is not None:
        spec["targetCPUUtilizationPercentage"] = wanted
    _hold(held, "metrics", [metric for metric in metrics if _cpu(metric, "target") is None])
    _hold(held, "behavior", spec.pop("behavior", None))
    current = status.pop("currentMetrics", None) or []
    used = next((share for metric in current if (share := _cpu(metric, "current")) is not None), None)
    if used is not None:
        status["currentCPUUtilizationPercentage"] = used
    _hold(held, "conditions", status.pop("conditions", None))
    meta = dict(hpa["metadata"])
    if held:
        meta["annotations"] = {**(meta.get("annotations") or {}), **held}
    return {**hpa, "metadata": meta, "spec": spec, "status": status}


def _autoscaler_in(hpa: Obj) -> Obj:
    spec = dict(hpa.get("spec") or {})
    share = spec.pop("targetCPUUtilizationPercentage", None)
    if share is not None:
        target = {"type": "Utilization", "averageUtilization": share}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    meta = dict(hpa.get("metadata") or {})
    annotations = {k: v for k, v in (meta.get("annotations") or {}).items() if not k.startswith(_HELD)}
    if "annotations" in meta:
        meta["annotations"] = annotations
    return {**{k: v for k, v in hpa.items() if k != "status"}, "metadata": meta, "spec": spec}


def _cpu(metric: Obj, what: str) -> int | None:
    """The share of CPU that a metric is about; None when it is about something else."""
    resource = metric.get("resource") or {}
    share: int | None = (resource.get(what) or {}).get("averageUtilization")
    return share if resource.get("name") == "cpu" else None


def _hold(annotations: dict[str, str], name: str, value: object) -> None:
    if value:
        annotations[_HELD + name] = encode(value).decode()


_VIEWS = {
    EVENT_V1: _View(EVENT, _event_out, _event_in),
    HPA_V1: _View(HPA, _autoscaler_out, _autoscaler_in),
}
