"""Thousands of simulated pods, and their churn, for benchmarks.

    with RealCluster(node=False, kwok_nodes=25) as cluster, Load(cluster) as load:
        load.fill(5000)
        load.churn(per_second=100)

The pods are kwok's: they cost the API server, and whoever watches it, what real ones do, and no node anything.
"""

from __future__ import annotations

import http.client
import json
import mmap
import os
import random
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

NAMESPACE = "load"
_PODS_A_DEPLOYMENT = 100
_STALL_SECONDS = 180
"""Without one more pod: a busy machine takes its time, but it goes on."""
_DELETED_EVERY = 20
_COUNT = struct.Struct("q")


class Api:
    """One connection to the API server, as the cluster's administrator."""

    def __init__(self, url: str, pki: Path) -> None:
        tls = ssl.create_default_context(cafile=pki / "ca.crt")
        tls.load_cert_chain(pki / "admin.crt", pki / "admin.key")
        self._connection = http.client.HTTPSConnection(urlsplit(url).netloc, context=tls, timeout=60)

    def ask(self, method: str, path: str, body: Any = None, *, content: str = "application/json") -> Any:
        """The decoded answer; None when the object is not there. Raises RuntimeError when refused."""
        payload = None if body is None else json.dumps(body)
        self._connection.request(method, path, payload, {"Content-Type": content})
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status == 404:
            return None
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {said.decode(errors='replace')}")
        return json.loads(said)

    def close(self) -> None:
        self._connection.close()


class Load:
    """The pods of one namespace of a cluster; their churn ends with this process."""

    def __init__(self, cluster: Any) -> None:
        self._url: str = cluster.url
        self._pki: Path = cluster.data / "pki"
        self._api = Api(self._url, self._pki)
        self._churning: subprocess.Popen[bytes] | None = None
        self._count = tempfile.TemporaryFile()  # noqa: SIM115  (closed in __exit__)
        self._count.truncate(_COUNT.size)

    @property
    def changes(self) -> int:
        """How many changes the churn has made: on a busy machine fewer than were asked for."""
        return int(_COUNT.unpack(os.pread(self._count.fileno(), _COUNT.size, 0))[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.churn(per_second=0)
        self._api.close()
        self._count.close()

    def fill(self, pods: int) -> None:
        """Create that many pods, in deployments of 100, and return when all are Running."""
        self._api.ask("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
        path = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
        for number, first in enumerate(range(0, pods, _PODS_A_DEPLOYMENT)):
            self._api.ask("POST", path, _deployment(number, min(_PODS_A_DEPLOYMENT, pods - first)))
        most, deadline = 0, time.monotonic() + _STALL_SECONDS
        while (ready := self._ready(path)) < pods:
            if ready > most:
                most, deadline = ready, time.monotonic() + _STALL_SECONDS
            if time.monotonic() > deadline:
                raise RuntimeError(f"{ready} of {pods} pods run, and no more for {_STALL_SECONDS} s")
            time.sleep(0.5)

    def _ready(self, path: str) -> int:
        deployments = self._api.ask("GET", f"{path}?resourceVersion=0")["items"]
        return sum(deployment["status"].get("readyReplicas", 0) for deployment in deployments)

    def churn(self, per_second: float) -> None:
        """Change random pods that often from now on; 0 ends it.

        A change is one more restart; every twentieth deletes the pod, and a new one takes its place.
        """
        if self._churning is not None:
            assert self._churning.stdin is not None
            self._churning.stdin.close()
            self._churning.terminate()
            self._churning.wait()
            self._churning = None
        if per_second:
            count = self._count.fileno()
            command = [sys.executable, __file__, self._url, str(self._pki), str(per_second), str(count)]
            self._churning = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[count])


def _deployment(number: int, replicas: int) -> dict[str, Any]:
    labels = {"app.kubernetes.io/name": "load", "app.kubernetes.io/component": f"part-{number:03}"}
    resources = {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"cpu": "100m", "memory": "64Mi"}}
    return {
        "metadata": {"name": f"part-{number:03}", "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "nodeSelector": {"type": "kwok"},
                    "tolerations": [{"key": "kwok.x-k8s.io/node", "operator": "Exists"}],
                    "containers": [{"name": "main", "image": "load:1", "resources": resources}],
                },
            },
        },
    }


def _churn(api: Api, per_second: float, count: mmap.mmap) -> None:
    made = _COUNT.unpack_from(count)[0]
    pods_path = f"/api/v1/namespaces/{NAMESPACE}/pods"
    names: list[str] = []
    restarts: dict[str, int] = {}
    next_at = time.monotonic()
    for change in range(sys.maxsize):
        if change % 1000 == 0:
            names = [
                pod["metadata"]["name"] for pod in api.ask("GET", f"{pods_path}?resourceVersion=0")["items"]
            ]
        name = random.choice(names)
        if change % _DELETED_EVERY == 0:
            api.ask("DELETE", f"{pods_path}/{name}", {"gracePeriodSeconds": 0})
        else:
            restarts[name] = restarts.get(name, 0) + 1
            status = {"status": {"containerStatuses": [{"name": "main", "restartCount": restarts[name]}]}}
            api.ask(
                "PATCH",
                f"{pods_path}/{name}/status",
                status,
                content="application/strategic-merge-patch+json",
            )
        _COUNT.pack_into(count, 0, made + change + 1)
        next_at += 1 / per_second
        if (early := next_at - time.monotonic()) > 0:
            time.sleep(early)


def _end_with_parent() -> None:
    """Standard input is the parent's: it closes when the parent ends, however that ends."""
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> None:
    url, pki, per_second, count = sys.argv[1:]
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _churn(Api(url, Path(pki)), float(per_second), mmap.mmap(int(count), _COUNT.size))


if __name__ == "__main__":
    main()
