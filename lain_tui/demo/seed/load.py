"""Thousands of pods that nobody runs: to see how a client bears them (``load:5000``)."""

from __future__ import annotations

import asyncio
import random

from ..clock import stamp
from ..cluster import Cluster
from ..kinds import DEPLOYMENT, POD
from ..storage import Obj, copy
from . import basics

NAMESPACE = APP = "load"
_A_PROC = 100
"""Pods of one proc, and of one node."""
_LONGEST_STEP = 0.02
"""Seconds between two changes of the churn at most."""


def plant(cluster: Cluster, pods: int) -> None:
    """Deployments of a hundred pods each; the pods count as running, and stay so."""
    count = -(-pods // _A_PROC)
    now = cluster.clock.now()
    with cluster.clock.simulate(now - 120):
        names = [f"load-{number:02}" for number in range(count)]
        basics.nodes(cluster, names, cpu="64", memory="512Gi", pods=str(_A_PROC + 10))
        cluster.kubelet.unmanaged.update(names)
        basics.namespaces(cluster, NAMESPACE)
        for number in range(count):
            basics.put(
                cluster, DEPLOYMENT, NAMESPACE, _deployment(number, min(_A_PROC, pods - number * _A_PROC))
            )
        cluster.engine.live_through(now - 60)
        for pod in cluster.storage.objects(POD, NAMESPACE):
            cluster.storage.put(POD, _running(pod, stamp(cluster.clock.now())))
        cluster.engine.live_through(now)


async def churn(cluster: Cluster, per_second: float) -> None:
    """From now on one more restart that often, of a pod taken at random; 0 ends at once."""
    chance = random.Random(1)
    keys = [(pod["metadata"]["namespace"], pod["metadata"]["name"]) for pod in cluster.storage.objects(POD)]
    owed = 0.0
    while keys and per_second:
        step = max(1 / per_second, _LONGEST_STEP)
        await asyncio.sleep(step)
        owed += step * per_second
        while owed >= 1:
            owed -= 1
            if (found := cluster.storage.get(POD, *chance.choice(keys))) is not None:
                pod = copy(found)
                status = pod["status"]["containerStatuses"][0]
                status["restartCount"] += 1
                cluster.storage.put(POD, pod)


def _deployment(number: int, replicas: int) -> Obj:
    labels = {"app.kubernetes.io/name": APP, "app.kubernetes.io/instance": f"{APP}-part-{number:02}"}
    resources = {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"cpu": "100m", "memory": "64Mi"}}
    container = {
        "name": "main",
        "image": "registry.example.com/load:1634699031-11766623e0c5a6cd4dc5a4ff0eb3e0e2a9d4f1b7",
        "env": [{"name": f"SETTING_{index}", "value": f"value {index}"} for index in range(8)],
        "resources": resources,
    }
    # On a node from the start: the scheduler would weigh each pod against all others.
    spec = {"nodeName": f"{APP}-{number:02}", "containers": [container]}
    return {
        "metadata": {"name": f"{APP}-part-{number:02}", "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }


def _running(pod: Obj, now: str) -> Obj:
    pod = copy(pod)
    container = pod["spec"]["containers"][0]
    kinds = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    pod["status"] = {
        **(pod.get("status") or {}),
        "phase": "Running",
        "startTime": now,
        "podIP": "10.244.0.7",
        "conditions": [{"type": kind, "status": "True", "lastTransitionTime": now} for kind in kinds],
        "containerStatuses": [
            {
                "name": container["name"],
                "image": container["image"],
                "imageID": "sha256:" + "0" * 64,
                "containerID": "containerd://" + "0" * 64,
                "ready": True,
                "started": True,
                "restartCount": 0,
                "state": {"running": {"startedAt": now}},
                "lastState": {},
            }
        ],
    }
    return pod
