"""Kubernetes objects for tests, written as the API has them and decoded as the product decodes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec

from lain_tui.core.model.cluster import Event
from lain_tui.core.model.pod import Pod

T = TypeVar("T")
Json = dict[str, Any]

NOW = datetime(2025, 3, 4, 12, 0, 0, tzinfo=UTC)


def ago(**time: float) -> str:
    """A moment before NOW, as the API writes it."""
    return (NOW - timedelta(**time)).isoformat().replace("+00:00", "Z")


def decode(kind: type[T], obj: Json) -> T:
    """The object as the product sees it."""
    return msgspec.json.decode(msgspec.json.encode(obj), type=kind)


def running(since: str = "", **fields: Any) -> Json:
    return {
        "state": {"running": {"startedAt": since or ago(hours=3)}},
        "ready": True,
        "started": True,
        **fields,
    }


def waiting(reason: str, message: str = "", **fields: Any) -> Json:
    return {"state": {"waiting": {"reason": reason, "message": message}}, "ready": False, **fields}


def ended(code: int, reason: str = "", *, start: str = "", end: str = "", **more: Any) -> Json:
    """The state of a container that has ended."""
    default = "Completed" if code == 0 else "Error"
    return {
        "terminated": {
            "exitCode": code,
            "reason": reason or default,
            "startedAt": start or ago(seconds=40),
            "finishedAt": end or ago(seconds=38),
            **more,
        }
    }


def pod_json(
    *containers: Json,
    name: str = "dummy-worker-7c9f5d4b8-q9f7c",
    phase: str = "Running",
    init: Sequence[Json] = (),
    spec: Json | None = None,
    container: Json | None = None,
    status: Json | None = None,
    metadata: Json | None = None,
    initialized: bool | None = None,
) -> Json:
    """A pod of the app `dummy`; each of `containers` is a container's status (its `name` defaults to worker)."""
    names = [one.get("name", "worker") for one in containers] or ["worker"]
    ready = bool(containers) and all(one.get("ready") for one in containers)
    if initialized is None:
        initialized = not init
    conditions = [
        {"type": "PodScheduled", "status": "True"},
        {"type": "Initialized", "status": "True" if initialized else "False"},
        {"type": "Ready", "status": "True" if ready else "False", "lastTransitionTime": ago(minutes=4)},
    ]
    return {
        "metadata": {
            "name": name,
            "namespace": "default",
            "uid": f"uid-{name}",
            "resourceVersion": "1",
            "creationTimestamp": ago(minutes=4),
            "labels": {"app.kubernetes.io/name": "dummy", "pod-template-hash": "7c9f5d4b8"},
            "ownerReferences": [
                {
                    "kind": "ReplicaSet",
                    "name": "dummy-worker-7c9f5d4b8",
                    "uid": "rs-worker",
                    "controller": True,
                }
            ],
            **(metadata or {}),
        },
        "spec": {
            "nodeName": "node-1",
            "containers": [
                {"name": one, "image": "registry.example.com/dummy:1634699031-1176662", **(container or {})}
                for one in names
            ],
            "initContainers": [
                {
                    "name": one.get("name", "migrate"),
                    "image": "registry.example.com/dummy:1",
                    **one.get("spec", {}),
                }
                for one in init
            ],
            **(spec or {}),
        },
        "status": {
            "phase": phase,
            "startTime": ago(minutes=4),
            "conditions": conditions,
            "containerStatuses": [_status(one, "worker") for one in containers],
            "initContainerStatuses": [_status(one, "migrate") for one in init],
            **(status or {}),
        },
    }


def _status(one: Mapping[str, Any], name: str) -> Json:
    fields = {key: value for key, value in one.items() if key != "spec"}
    return {"name": name, "image": "dummy", "imageID": "", "restartCount": 0, "ready": False, **fields}


def pod(*containers: Json, **more: Any) -> Pod:
    return decode(Pod, pod_json(*containers, **more))


def event(
    reason: str, message: str, *, count: int = 1, seconds: float = 60, warning: bool = True, **of: Any
) -> Event:
    return decode(
        Event,
        {
            "metadata": {"name": f"{reason}.{seconds}.{abs(hash(message))}", "namespace": "default"},
            "type": "Warning" if warning else "Normal",
            "reason": reason,
            "message": message,
            "count": count,
            "lastTimestamp": ago(seconds=seconds),
            "involvedObject": {"kind": "Pod", "fieldPath": "spec.containers{worker}", **of},
        },
    )
