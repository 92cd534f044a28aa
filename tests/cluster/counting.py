"""An app whose pods count aloud, and what a reader of their log has heard."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.cluster.asking import kubectl
from tests.cluster.real import RealCluster

APP = "counting"
_COUNTS = "i=0; while :; do i=$((i+1)); echo line $i; sleep 0.05; done"


def run_app(
    cluster: RealCluster, namespace: str, image: str, replicas: int, command: list[str] | None = None
) -> None:
    """Deploy `counting`, and wait until it is ready."""
    labels = {"app.kubernetes.io/name": APP, "app.kubernetes.io/instance": f"{APP}-web"}
    container = {"name": "main", "image": image, **({"command": command} if command else {})}
    pods = {"terminationGracePeriodSeconds": 0, "containers": [container]}
    body = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": f"{APP}-web", "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pods},
        },
    }
    where = f"--namespace={namespace}"
    kubectl(cluster, where, "apply", "-f", "-", input=json.dumps(body))
    kubectl(cluster, where, "rollout", "status", f"deployment/{APP}-web", "--timeout=180s")


def run_writers(cluster: RealCluster, namespace: str, writers: int) -> None:
    """Pods that each print `line 1`, `line 2` … twenty times a second."""
    run_app(cluster, namespace, cluster.images["shell"], writers, ["sh", "-c", _COUNTS])


class Heard:
    """What `logs -f` has printed of the writers so far."""

    def __init__(self, printed: Path, told: Path, writers: int) -> None:
        """`told` is its standard error: what it says of the stream."""
        self._printed, self._told, self._writers = printed, told, writers

    def numbers(self) -> dict[str, list[int]]:
        """By pod, in the order in which they were printed."""
        found: dict[str, list[int]] = {}
        for line in self._printed.read_text().splitlines():
            if match := re.search(r" (\S+) main line (\d+)$", line):
                found.setdefault(match[1], []).append(int(match[2]))
        return found

    def all_beyond(self, number: int) -> bool:
        found = self.numbers()
        return len(found) == self._writers and all(counted[-1] > number for counted in found.values())

    @property
    def furthest(self) -> int:
        return max(counted[-1] for counted in self.numbers().values())

    def said(self, words: str) -> int:
        """How often something like that was said of the stream."""
        return len(re.findall(words, self._told.read_text()))

    def assert_each_once_and_in_order(self) -> None:
        for pod, counted in self.numbers().items():
            assert counted == list(range(1, len(counted) + 1)), pod
        assert not self.said("may be missing")
