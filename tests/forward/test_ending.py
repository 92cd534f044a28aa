"""Forwarded ports end with whoever forwards them, however that ends, and leave nothing that listens."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.asking import eventually
from tests.conftest import Cluster
from tests.console import Console
from tests.contract.api import Api
from tests.contract.objects import deployment
from tests.embedded import EmbeddedCluster

LAIN = (sys.executable, "-m", "lain_tui")


def listens(port: int) -> bool:
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0


def free_ports(many: int) -> list[int]:
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(many)]
    ports = [each.getsockname()[1] for each in taken]
    for each in taken:
        each.close()
    return ports


def env(home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "TERM": "xterm-256color"}


@pytest.fixture
def site(cluster: Cluster, api: Api, apps: str, namespace: str) -> list[str]:
    """Where there is a deployment called `site` that answers HTTP on port 8080."""
    api.post(f"{apps}/deployments", deployment("site", cluster.images["web"])).ok()
    api.eventually(f"{apps}/deployments/site", lambda d: d["status"].get("availableReplicas") == 1)
    return [f"--kubeconfig={cluster.kubeconfig}", f"--namespace={namespace}"]


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143), (signal.SIGKILL, -9)],
)
def test_several_ports_end_with_the_command(
    site: list[str], tmp_path: Path, number: signal.Signals, code: int
) -> None:
    with subprocess.Popen(
        [*LAIN, *site, "port-forward", "site", ":8080", ":8081"],
        env=env(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(2)]
        ports = [int(match[1]) for line in told if (match := re.search(r":(\d+) -> site", line))]
        assert len(ports) == 2 and all(map(listens, ports))
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in errors, errors
    assert not any(map(listens, ports))


@pytest.fixture(scope="module")
def demo() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster() as cluster:
        yield cluster


@pytest.mark.parametrize(
    ("number", "code"),
    [(None, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, -9)],
    ids=["quit", "SIGTERM", "SIGHUP", "killed"],
)
def test_several_ports_end_with_the_app(
    demo: EmbeddedCluster, tmp_path: Path, number: signal.Signals | None, code: int
) -> None:
    ports = free_ports(2)
    argv = [*LAIN, f"--kubeconfig={demo.kubeconfig}", "--app", "dummy"]
    with Console(argv, env(tmp_path)) as console:
        console.until("up to date")
        console.type("o")
        console.until("Ports on this machine")
        for port in ports:
            console.type("f")
            console.until("PROC [LOCAL:]PORT")
            console.type(f"web {port}:5000\r")
            console.until(f"127.0.0.1:{port}")
            eventually(lambda port=port: listens(port))  # type: ignore[misc]
        if number is None:
            console.type("q")
        else:
            console.signal(number)
        assert console.ends() == code
        assert not any(map(listens, ports))
        if number is not signal.SIGKILL:
            assert console.attributes == console.before
            assert not console.modes
