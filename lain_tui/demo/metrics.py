"""metrics.k8s.io: what pods and nodes use. Smooth curves of time, so that nothing has to be kept up to date."""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING

from . import errors
from .clock import Clock, stamp
from .kinds import NODE, NODE_METRICS, POD, Kind
from .quantity import millis, whole
from .queries import labels
from .storage import Obj, Storage

if TYPE_CHECKING:
    from .kubelet import Kubelet

WINDOW = 15.0
"""Seconds between samples, as metrics-server's --metric-resolution."""
_MIB = 1024 * 1024
_NODE = Kind("Node", "node")
"""As metrics-server names it where there is none."""


def _wave(seed: str, now: float) -> float:
    """Give a number that wanders smoothly between about 0.6 and 1.4."""
    phase = zlib.crc32(seed.encode()) % 6283 / 1000
    return (
        1
        + 0.22 * math.sin(now / 47 + phase)
        + 0.12 * math.sin(now / 13 + 2 * phase)
        + 0.06 * math.sin(now / 5 + phase)
    )


class Metrics:
    """Answers for the metrics API."""

    def __init__(self, storage: Storage, clock: Clock, kubelet: Kubelet) -> None:
        self._storage = storage
        self._clock = clock
        self._kubelet = kubelet

    def _sampled(self) -> float:
        return self._clock.now() // WINDOW * WINDOW

    def _containers(self, pod: Obj) -> list[tuple[str, float, float]]:
        """Give name, thousandths of CPU and bytes of memory of each running container."""
        meta, now = pod["metadata"], self._sampled()
        agent = self._kubelet.agent(meta["namespace"], meta["name"])
        if agent is None:
            return self._guessed(pod, now)
        used = []
        for container in agent.containers():
            if container.stage != "running" or container.run is None or now < container.started_at:
                continue
            seed = f"{meta['uid']}/{container.name}"
            warm = min(1.0, 0.3 + (now - container.started_at) / 60)
            memory = container.run.memory * _MIB * warm * (0.9 + 0.1 * _wave(seed + "m", now / 6))
            used.append((container.name, max(0.1, container.run.cpu * _wave(seed, now)), memory))
        return used

    def _guessed(self, pod: Obj, now: float) -> list[tuple[str, float, float]]:
        """Make up the use of pods that nobody simulates, from what they ask for."""
        if (pod.get("status") or {}).get("phase") != "Running":
            return []
        seed = pod["metadata"]["uid"]
        return [
            (c["name"], 20 * _wave(seed, now), 64 * _MIB * (0.9 + 0.1 * _wave(seed + "m", now / 6)))
            for c in pod["spec"]["containers"]
        ]

    def cpu(self, pod: Obj) -> float:
        """Give the thousandths of a core a pod uses."""
        return sum(cpu for _, cpu, _ in self._containers(pod))

    def _pod(self, pod: Obj) -> Obj | None:
        used = self._containers(pod)
        if not used:
            return None
        meta = pod["metadata"]
        return {
            "metadata": {
                "name": meta["name"],
                "namespace": meta["namespace"],
                "creationTimestamp": stamp(self._clock.now()),
                "labels": meta.get("labels") or {},
            },
            "timestamp": stamp(self._sampled()),
            "window": f"{WINDOW}s",
            "containers": [
                {
                    "name": name,
                    "usage": {"cpu": f"{int(cpu * 1_000_000)}n", "memory": f"{int(memory / 1024)}Ki"},
                }
                for name, cpu, memory in used
            ],
        }

    def _node(self, node: Obj) -> Obj | None:
        name = node["metadata"]["name"]
        if name in self._kubelet.silent:
            return None
        now, free = self._sampled(), node["status"]["capacity"]
        cpu, memory = 120 * _wave(name, now), 900.0 * _MIB
        if any(c["type"] == "MemoryPressure" and c["status"] == "True" for c in node["status"]["conditions"]):
            memory = whole(free["memory"]) * (0.93 + 0.02 * _wave(name, now))
        for pod in self._storage.objects(POD):
            if pod["spec"].get("nodeName") == name:
                for _, pod_cpu, pod_memory in self._containers(pod):
                    cpu, memory = cpu + pod_cpu, memory + pod_memory
        usage = {
            "cpu": f"{int(min(cpu, millis(free['cpu'])) * 1_000_000)}n",
            "memory": f"{int(min(memory, whole(free['memory'])) / 1024)}Ki",
        }
        return {
            "metadata": {
                "name": name,
                "creationTimestamp": stamp(self._clock.now()),
                "labels": node["metadata"].get("labels") or {},
            },
            "timestamp": stamp(self._sampled()),
            "window": f"{WINDOW}s",
            "usage": usage,
        }

    def answer(self, kind: Kind, namespace: str, name: str, query: dict[str, str]) -> Obj:
        """Give one object or a list. ApiError 404 for what does not run."""
        about = NODE if kind is NODE_METRICS else POD
        head = {"kind": kind.kind, "apiVersion": kind.api_version}
        measure = self._node if kind is NODE_METRICS else self._pod
        if name:
            obj = self._storage.get(about, namespace, name)
            found = measure(obj) if obj is not None else None
            if found is None:
                raise errors.not_found(_NODE if kind is NODE_METRICS else POD, name)
            return {**head, **found}
        chosen = labels(query.get("labelSelector", ""))
        items = [
            found
            for obj in self._storage.objects(about, namespace)
            if chosen(obj) and (found := measure(obj))
        ]
        return {"kind": f"{kind.kind}List", "apiVersion": kind.api_version, "metadata": {}, "items": items}
