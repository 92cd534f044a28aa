"""What streams through the API server when it is killed and started again: logs and ports of pods on a real node."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.asking import eventually, kubectl, tried
from tests.cluster.real import RealCluster

pytestmark = pytest.mark.real

WRITERS = 4
NODES_READY = ("wait", "--for=condition=Ready", "nodes", "--all", "--timeout=20s")
COUNTING = "i=0; while :; do i=$((i+1)); echo line $i; sleep 0.05; done"


@pytest.fixture
def mortal(real_cluster: RealCluster) -> Iterator[RealCluster]:
    """Its API server is up again afterwards, and its node ready, whatever the test did to it."""
    yield real_cluster
    if tried(real_cluster, "get", "--raw", "/readyz") != "ok":
        with contextlib.suppress(RuntimeError):  # it runs, and is not ready yet
            real_cluster.start_apiserver()
    eventually(lambda: "condition met" in tried(real_cluster, *NODES_READY))


@pytest.fixture
def lain(mortal: RealCluster, tmp_path: Path) -> Iterator[list[str]]:
    """`lain-tui` for an app called `counting` in a namespace of the test's own."""
    namespace = f"streams-{tmp_path.name[-20:].strip('-_')}".replace("_", "-")
    kubectl(mortal, "create", "namespace", namespace)
    where = [f"--kubeconfig={mortal.kubeconfig}", f"--namespace={namespace}"]
    yield [sys.executable, "-m", "lain_tui", *where, "--app=counting"]
    kubectl(mortal, "delete", "namespace", namespace, "--wait=false")


def run_app(cluster: RealCluster, lain: list[str], image: str, replicas: int, command: list[str]) -> None:
    """Deploy `counting`, and wait until it is ready."""
    namespace = next(word for word in lain if word.startswith("--namespace"))
    labels = {"app.kubernetes.io/name": "counting", "app.kubernetes.io/instance": "counting-web"}
    container = {"name": "main", "image": image, **({"command": command} if command else {})}
    pods = {"terminationGracePeriodSeconds": 0, "containers": [container]}
    body = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "counting-web", "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pods},
        },
    }
    kubectl(cluster, namespace, "apply", "-f", "-", input=json.dumps(body))
    kubectl(cluster, namespace, "rollout", "status", "deployment/counting-web", "--timeout=180s")


def test_each_line_of_every_pod_comes_once_and_in_order(
    mortal: RealCluster, lain: list[str], tmp_path: Path
) -> None:
    run_app(mortal, lain, mortal.images["shell"], WRITERS, ["sh", "-c", COUNTING])
    printed, told = tmp_path / "printed", tmp_path / "told"

    def numbers() -> dict[str, list[int]]:
        """By pod, in the order in which they were printed."""
        found: dict[str, list[int]] = {}
        for line in printed.read_text().splitlines():
            if match := re.search(r" (\S+) main line (\d+)$", line):
                found.setdefault(match[1], []).append(int(match[2]))
        return found

    def all_beyond(number: int) -> bool:
        found = numbers()
        return len(found) == WRITERS and all(counted[-1] > number for counted in found.values())

    def said(words: str) -> int:
        return len(re.findall(words, told.read_text()))

    def die_and_rise() -> None:
        losses, resumptions = said("connection lost"), said(r"lost for \S+ s, resumed")
        mortal.kill_apiserver()
        eventually(lambda: said("connection lost") > losses)
        mortal.start_apiserver()
        eventually(lambda: said(r"lost for \S+ s, resumed") > resumptions)
        furthest = max(counted[-1] for counted in numbers().values())
        eventually(lambda: all_beyond(furthest + 20))

    with printed.open("w") as out, told.open("w") as err:
        follower = subprocess.Popen([*lain, "logs", "-f", "--since", "1h"], stdout=out, stderr=err)
        try:
            eventually(lambda: all_beyond(20))
            for _ in range(2):
                die_and_rise()
            assert follower.poll() is None, "it goes on"
        finally:
            follower.kill()
            follower.wait()
    for pod, counted in numbers().items():
        assert counted == list(range(1, len(counted) + 1)), pod
    assert not said("may be missing")


def test_a_forwarded_port_answers_again(mortal: RealCluster, lain: list[str], tmp_path: Path) -> None:
    run_app(mortal, lain, mortal.images["web"], 1, [])
    told = tmp_path / "told"
    with told.open("w") as err:
        forward = subprocess.Popen([*lain, "port-forward", "web", ":8080"], stdout=err, stderr=err)
        try:
            port = eventually(lambda: re.search(r"127\.0\.0\.1:(\d+)", told.read_text()))[1]

            def answers() -> bool:
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
                        return bool(answer.read() == b"ok\n")
                except OSError:
                    return False

            eventually(answers)
            mortal.kill_apiserver()
            assert not answers()
            mortal.start_apiserver()
            eventually(answers)
            assert forward.poll() is None
        finally:
            forward.kill()
            forward.wait()
