"""Rows of deployments and the sets beneath them."""

from __future__ import annotations

from ..kinds import DAEMON_SET, DEPLOYMENT, HPA, PDB, REPLICA_SET, REPLICATION_CONTROLLER, STATEFUL_SET
from ..storage import Obj
from .columns import (
    AGE,
    NAME,
    Column,
    Row,
    age,
    containers_text,
    labels_text,
    plain,
    selector_text,
    wide,
)


def _deployment(obj: Obj, now: float) -> Row:
    spec, status = obj["spec"], obj.get("status") or {}
    names, images = containers_text(spec["template"])
    return [
        obj["metadata"]["name"],
        f"{status.get('readyReplicas', 0)}/{spec.get('replicas', 1)}",
        status.get("updatedReplicas", 0),
        status.get("availableReplicas", 0),
        age(obj, now),
        names,
        images,
        selector_text(spec.get("selector")),
    ]


def _replica_set(obj: Obj, now: float) -> Row:
    spec, status = obj["spec"], obj.get("status") or {}
    names, images = containers_text(spec.get("template") or {})
    selector = spec.get("selector")
    text = (
        selector_text(selector)
        if isinstance(selector, dict) and "matchLabels" in selector
        else labels_text(selector)
    )
    return [
        obj["metadata"]["name"],
        spec.get("replicas", 1),
        status.get("replicas", 0),
        status.get("readyReplicas", 0),
        age(obj, now),
        names,
        images,
        text,
    ]


def _stateful_set(obj: Obj, now: float) -> Row:
    spec, status = obj["spec"], obj.get("status") or {}
    names, images = containers_text(spec["template"])
    ready = f"{status.get('readyReplicas', 0)}/{spec.get('replicas', 1)}"
    return [obj["metadata"]["name"], ready, age(obj, now), names, images]


def _daemon_set(obj: Obj, now: float) -> Row:
    spec, status = obj["spec"], obj.get("status") or {}
    names, images = containers_text(spec["template"])
    node_selector = (spec["template"].get("spec") or {}).get("nodeSelector")
    return [
        obj["metadata"]["name"],
        status.get("desiredNumberScheduled", 0),
        status.get("currentNumberScheduled", 0),
        status.get("numberReady", 0),
        status.get("updatedNumberScheduled", 0),
        status.get("numberAvailable", 0),
        labels_text(node_selector),
        age(obj, now),
        names,
        images,
        selector_text(spec.get("selector")),
    ]


def _autoscaler(obj: Obj, now: float) -> Row:
    spec, status = obj["spec"], obj.get("status") or {}
    target = spec["scaleTargetRef"]
    return [
        obj["metadata"]["name"],
        f"{target['kind']}/{target['name']}",
        _metrics(spec.get("metrics") or [], status.get("currentMetrics") or []),
        spec.get("minReplicas", "<unset>"),
        spec["maxReplicas"],
        status.get("currentReplicas", 0),
        age(obj, now),
    ]


def _metrics(metrics: list[Obj], current: list[Obj]) -> str:
    parts = []
    for i, metric in enumerate(metrics):
        source = metric.get("resource") or {}
        now_source = (current[i].get("resource") or {}) if i < len(current) else {}
        target, found = source.get("target") or {}, now_source.get("current") or {}
        if "averageUtilization" in target:
            used = f"{found['averageUtilization']}%" if "averageUtilization" in found else "<unknown>"
            parts.append(f"{source.get('name')}: {used}/{target['averageUtilization']}%")
        else:
            parts.append(f"{found.get('averageValue', '<unknown>')}/{target.get('averageValue', '')}")
    return ", ".join(parts) or "<none>"


def _budget(obj: Obj, now: float) -> Row:
    spec, status = obj["spec"], obj.get("status") or {}
    return [
        obj["metadata"]["name"],
        str(spec.get("minAvailable", "N/A")),
        str(spec.get("maxUnavailable", "N/A")),
        status.get("disruptionsAllowed", 0),
        age(obj, now),
    ]


_COUNTS = [NAME, Column("Desired", "integer"), Column("Current", "integer"), Column("Ready", "integer"), AGE]

TABLES = {
    DEPLOYMENT: (
        [NAME, *plain("Ready", "Up-to-date", "Available"), AGE, *wide("Containers", "Images", "Selector")],
        _deployment,
    ),
    REPLICA_SET: ([*_COUNTS, *wide("Containers", "Images", "Selector")], _replica_set),
    REPLICATION_CONTROLLER: ([*_COUNTS, *wide("Containers", "Images", "Selector")], _replica_set),
    STATEFUL_SET: ([NAME, *plain("Ready"), AGE, *wide("Containers", "Images")], _stateful_set),
    DAEMON_SET: (
        [
            NAME,
            *(Column(n, "integer") for n in ("Desired", "Current", "Ready", "Up-to-date", "Available")),
            *plain("Node Selector"),
            AGE,
            *wide("Containers", "Images", "Selector"),
        ],
        _daemon_set,
    ),
    HPA: ([NAME, *plain("Reference", "Targets", "MinPods", "MaxPods", "Replicas"), AGE], _autoscaler),
    PDB: ([NAME, *plain("Min Available", "Max Unavailable", "Allowed Disruptions"), AGE], _budget),
}
