"""The demo: an app ``dummy`` with a past and a problem, a healthy app ``hello``, three nodes of which one is short of memory."""

from __future__ import annotations

import base64
import time

from ..clock import stamp
from ..cluster import Cluster
from ..finalize import DeleteOptions, delete
from ..kinds import HPA, INGRESS, NODE, POD, SECRET
from ..names import fake_digest
from ..storage import Obj, copy
from . import basics
from .helm import Release
from .source import REMOTE, repository

HOUR, DAY = 3600.0, 86400.0
NAMESPACE = "default"
REGISTRY = "registry.demo.local"
NODES = ["demo-1", "demo-2", "demo-3"]
GOOD_HOST, BAD_HOST = "dummy.localhost", "dummy-admin.localhost"
_RELEASED = (21, 14, 9, 5, 3)
"""Days ago of the five revisions."""


def _resources(cpu: str, memory: str, cpu_limit: str, memory_limit: str) -> Obj:
    return {"limits": {"cpu": cpu_limit, "memory": memory_limit}, "requests": {"cpu": cpu, "memory": memory}}


def dummy_values(schedule: str) -> Obj:
    """Give the values.yaml of app dummy."""
    return {
        "appname": "dummy",
        "releaseName": "dummy",
        "registry": REGISTRY,
        "imageTag": "UNKNOWN",
        "cluster": "UNKNOWN",
        "build": {
            "base": "python:3.12-slim",
            "prepare": {"script": ["pip install -r requirements.txt"]},
            "script": ["python -m compileall -q ."],
        },
        "env": {"APP_ENV": "demo", "LANG": "zh_CN.UTF-8"},
        "volumeMounts": [{"mountPath": "/lain/app/deploy/topsecret.txt", "subPath": "topsecret.txt"}],
        "deployments": {
            "web": {
                "command": ["python", "run.py", "web", "5000"],
                "replicaCount": 3,
                "containerPort": 5000,
                "resources": _resources("100m", "128Mi", "1", "512Mi"),
                "readinessProbe": {"httpGet": {"path": "/healthz", "port": 5000}, "periodSeconds": 5},
                "hpa": {"minReplicas": 3, "maxReplicas": 6, "targetCPU": 70},
            },
            "worker": {
                "command": ["python", "run.py", "worker"],
                "replicaCount": 1,
                "resources": _resources("50m", "64Mi", "500m", "256Mi"),
                "env": {"QUEUE": "mail"},
            },
        },
        "cronjobs": {
            "daily": {
                "command": ["python", "run.py", "daily"],
                "schedule": schedule,
                "resources": _resources("100m", "128Mi", "1", "1Gi"),
            }
        },
        "ingresses": [
            {"host": GOOD_HOST, "deployName": "web", "paths": ["/"]},
            {"host": BAD_HOST, "deployName": "admin", "paths": ["/"]},
        ],
    }


def hello_values() -> Obj:
    """Give the values.yaml of app hello."""
    return {
        "appname": "hello",
        "releaseName": "hello",
        "registry": REGISTRY,
        "imageTag": "UNKNOWN",
        "cluster": "UNKNOWN",
        "deployments": {
            "web": {
                "command": ["hello"],
                "replicaCount": 2,
                "containerPort": 8080,
                "resources": _resources("20m", "32Mi", "200m", "64Mi"),
            }
        },
        "ingresses": [{"host": "hello.localhost", "deployName": "web", "paths": ["/"]}],
    }


def _given(tag: str, number: int, url: str = REMOTE) -> Obj:
    return {
        "imageTag": tag,
        "user": "timfeirg" if number % 2 else "lili",
        "cluster": "demo",
        "repo_url": url,
    }


def _secret(cluster: Cluster, name: str, data: dict[str, str]) -> None:
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    basics.put(cluster, SECRET, NAMESPACE, {"metadata": {"name": name}, "data": encoded})


def plant(cluster: Cluster) -> None:
    """Live through three weeks."""
    now = cluster.clock.now()
    cluster.events.earliest = now - HOUR
    ran = time.gmtime(now - 9 * HOUR)
    values = dummy_values(f"{ran.tm_min} {ran.tm_hour} * * *")
    released = [now - days * DAY + 5400 * (number % 3) for number, days in enumerate(_RELEASED, 1)]
    # Built half an hour before it was deployed; the newest one is waiting.
    cluster.source, tags = repository(values, [*(at - 1700 for at in released), now - 2 * HOUR])
    cluster.images["dummy"] = ["latest", "prepare", *tags]
    dummy = Release(cluster, "dummy", NAMESPACE, values)
    hello = Release(cluster, "hello", NAMESPACE, hello_values())
    with cluster.clock.simulate(now - 40 * DAY):
        basics.nodes(cluster, NODES)
        basics.namespaces(cluster)
        basics.leases(cluster)
        cluster.clock.advance(now - 22 * DAY)
        _secret(
            cluster,
            "dummy-env",
            {
                "FOO": "BAR",
                "MYSQL_HOST": "mysql.demo.local",
                "SECRET_KEY": "not-so-secret",
                "GREETING": "你好",
            },
        )
        _secret(cluster, "dummy-secret", {"topsecret.txt": "I\nAM\nBATMAN"})
        _secret(cluster, "hello-env", {"FOO": "BAR"})
        _secret(cluster, "hello-secret", {"topsecret.txt": "I\nAM\nBATMAN"})
        for number, (at, tag) in enumerate(zip(released, tags, strict=False), 1):
            cluster.engine.live_through(at)
            dummy.deploy(_given(tag, number))
            if number == 4:
                cluster.engine.live_through(at + 2 * HOUR)
                tag = f"{int(at + 2 * HOUR - 1700)}-{fake_digest('hello-1')[:40]}"
                cluster.images["hello"] = ["latest", tag]
                hello.deploy(_given(tag, 1, "https://gitlab.demo.local/dev/hello"))
        cluster.engine.live_through(now - 52 * HOUR)
        _crash_one_web(cluster)
        cluster.engine.live_through(now - 26 * HOUR)
        _press(cluster)
        cluster.engine.live_through(now - 5 * HOUR)
        _lose_the_key(cluster)
        cluster.engine.live_through(now)
        dummy.store()
        hello.store()
    _date_releases(cluster, [dummy, hello])
    _give_addresses(cluster)
    for hpa in cluster.storage.objects(HPA):
        cluster.engine.soon("autoscaler", (NAMESPACE, hpa["metadata"]["name"]), 1.0)


def _pods(cluster: Cluster, instance: str) -> list[Obj]:
    found = cluster.storage.objects(POD, NAMESPACE)
    return [
        p for p in found if (p["metadata"].get("labels") or {}).get("app.kubernetes.io/instance") == instance
    ]


def _crash_one_web(cluster: Cluster) -> None:
    """Have one web pod run out of memory once."""
    pod = next(p for p in _pods(cluster, "dummy-web") if p["spec"]["nodeName"] != NODES[2])
    container = cluster.kubelet.container(NAMESPACE, pod["metadata"]["name"], "web")
    assert container is not None and container.run is not None
    container.run.exit_after = cluster.clock.now() - container.started_at
    container.run.exit_code, container.run.exit_reason = 137, "OOMKilled"
    cluster.engine.soon("kubelet", (NAMESPACE, pod["metadata"]["name"]))


def _press(cluster: Cluster) -> None:
    """Put one node under memory pressure; the web pod on it moves."""
    name = NODES[2]
    for pod in cluster.storage.objects(POD, NAMESPACE):
        if pod["spec"].get("nodeName") == name:
            _delete(cluster, pod)
    node = cluster.storage.get(NODE, "", name)
    assert node is not None
    fresh = copy(node)
    fresh["status"]["conditions"] = basics.node_conditions(cluster.clock.now(), memory_pressure=True)
    cluster.storage.put(NODE, fresh)


def _delete(cluster: Cluster, pod: Obj) -> None:
    stored = cluster.storage.stored(POD, NAMESPACE, pod["metadata"]["name"])
    if stored is not None:
        delete(cluster.storage, cluster.clock, POD, stored, DeleteOptions(grace=1))


def _lose_the_key(cluster: Cluster) -> None:
    """Somebody edits dummy-env, and MYSQL_HOST is gone; then the worker is restarted."""
    env = cluster.storage.get(SECRET, NAMESPACE, "dummy-env")
    assert env is not None
    fresh = copy(env)
    del fresh["data"]["MYSQL_HOST"]
    cluster.storage.put(SECRET, fresh)
    for pod in _pods(cluster, "dummy-worker"):
        _delete(cluster, pod)


def _date_releases(cluster: Cluster, releases: list[Release]) -> None:
    """Date the release Secrets by their revisions."""
    for release in releases:
        for revision in release.revisions:
            name = f"sh.helm.release.v1.{release.name}.v{revision.number}"
            obj = cluster.storage.get(SECRET, NAMESPACE, name)
            assert obj is not None
            meta = {**obj["metadata"], "creationTimestamp": stamp(revision.last_deployed)}
            cluster.storage.put(SECRET, {**obj, "metadata": meta})


def _give_addresses(cluster: Cluster) -> None:
    """Have the ingress controller say where it listens."""
    for ingress in cluster.storage.objects(INGRESS):
        status = {"loadBalancer": {"ingress": [{"ip": "127.0.0.1"}]}}
        cluster.storage.put(INGRESS, {**ingress, "metadata": dict(ingress["metadata"]), "status": status})
