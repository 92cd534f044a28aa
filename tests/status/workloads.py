"""Workloads of the app `dummy` for these tests, as the API has them."""

from __future__ import annotations

from typing import Any

from lain_tui.core.model.pod import Pod
from lain_tui.core.model.workload import (
    CronJob,
    Deployment,
    HorizontalPodAutoscaler,
    Job,
    ReplicaSet,
    StatefulSet,
)
from tests.kubeobjects import ago, decode
from tests.kubeobjects import pod as any_pod

IMAGE = "registry.example.com/dummy:1634699031-1176662"


def meta(name: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "namespace": "default",
        "uid": f"uid-{name}",
        "resourceVersion": "1",
        "creationTimestamp": ago(days=40),
        "labels": {"app.kubernetes.io/name": "dummy"},
        **more,
    }


def template(image: str = IMAGE) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "main", "image": image}]}}


def owned_by(kind: str, name: str) -> dict[str, Any]:
    return {"ownerReferences": [{"kind": kind, "name": name, "uid": f"uid-{name}", "controller": True}]}


def condition(type_: str, status: str, reason: str = "", **since: float) -> dict[str, Any]:
    return {
        "type": type_,
        "status": status,
        "reason": reason,
        "lastTransitionTime": ago(**(since or {"minutes": 4})),
    }


def deployment(
    name: str = "dummy-web",
    *,
    desired: int = 3,
    updated: int | None = None,
    available: int | None = None,
    total: int | None = None,
    conditions: tuple[dict[str, Any], ...] = (),
    generation: int = 2,
    seen: int = 2,
    image: str = IMAGE,
    **spec: Any,
) -> Deployment:
    """Up to date and available, but for what is said otherwise."""
    updated = desired if updated is None else updated
    available = desired if available is None else available
    status = {
        "observedGeneration": seen,
        "replicas": max(desired, updated) if total is None else total,
        "updatedReplicas": updated,
        "readyReplicas": available,
        "availableReplicas": available,
        "conditions": list(conditions),
    }
    return decode(
        Deployment,
        {
            "metadata": meta(name, generation=generation),
            "spec": {"replicas": desired, "template": template(image), **spec},
            "status": status,
        },
    )


def stateful_set(
    name: str = "dummy-db", *, desired: int = 1, updated: int = 1, available: int = 1
) -> StatefulSet:
    status = {
        "observedGeneration": 2, "replicas": desired, "updatedReplicas": updated, "readyReplicas": available,
        "availableReplicas": available, "currentRevision": "r1", "updateRevision": "r1" if updated == desired else "r2",
    }  # fmt: skip
    spec = {"replicas": desired, "template": template()}
    return decode(StatefulSet, {"metadata": meta(name, generation=2), "spec": spec, "status": status})


def replica_set(name: str, owner: str = "dummy-web", revision: int = 1) -> ReplicaSet:
    metadata = meta(
        name,
        annotations={"deployment.kubernetes.io/revision": str(revision)},
        **owned_by("Deployment", owner),
    )
    return decode(ReplicaSet, {"metadata": metadata, "spec": {}, "status": {}})


def autoscaler(name: str = "dummy-web", low: int = 2, high: int = 10) -> HorizontalPodAutoscaler:
    target = {"kind": "Deployment", "name": name, "apiVersion": "apps/v1"}
    spec = {"minReplicas": low, "maxReplicas": high, "scaleTargetRef": target}
    return decode(HorizontalPodAutoscaler, {"metadata": meta(name), "spec": spec, "status": {}})


def job(
    name: str = "dummy-migrate", *, owner: str = "", spec: dict[str, Any] | None = None, **status: Any
) -> Job:
    metadata = meta(name, creationTimestamp=status.get("startTime", ago(minutes=10)),
                    **(owned_by("CronJob", owner) if owner else {}))  # fmt: skip
    return decode(
        Job, {"metadata": metadata, "spec": {"template": template(), **(spec or {})}, "status": status}
    )


def cron(
    name: str = "dummy-daily",
    *,
    schedule: str = "0 17 * * *",
    status: dict[str, Any] | None = None,
    **spec: Any,
) -> CronJob:
    body = {"schedule": schedule, "jobTemplate": {"spec": {"template": template()}}, **spec}
    return decode(CronJob, {"metadata": meta(name), "spec": body, "status": status or {}})


def pod(*containers: dict[str, Any], owner: tuple[str, str] | None, name: str, **more: Any) -> Pod:
    """A pod made by `owner`, a kind and a name; by nobody when that is None."""
    metadata: dict[str, Any] = owned_by(*owner) if owner else {"ownerReferences": []}
    metadata |= more.pop("metadata", {})
    container = {"image": IMAGE, **more.pop("container", {})}
    return any_pod(*containers, name=name, metadata=metadata, container=container, **more)
