"""What streams through the API server when it is killed and started again: logs and ports of pods on a real node."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.asking import eventually, kubectl
from tests.cluster.counting import APP, Heard, run_app, run_writers
from tests.cluster.real import RealCluster

pytestmark = pytest.mark.real

WRITERS = 4
RESUMED = r"lost for \S+ s, resumed"


@pytest.fixture
def lain(mortal: RealCluster, tmp_path: Path) -> Iterator[list[str]]:
    """`lain-tui` for the app that counts, in a namespace of the test's own."""
    namespace = f"streams-{tmp_path.name[-20:].strip('-_')}".replace("_", "-")
    kubectl(mortal, "create", "namespace", namespace)
    where = [f"--kubeconfig={mortal.kubeconfig}", f"--namespace={namespace}"]
    yield [sys.executable, "-m", "lain_tui", *where, f"--app={APP}"]
    kubectl(mortal, "delete", "namespace", namespace, "--wait=false")


def namespace_of(lain: list[str]) -> str:
    return next(word.partition("=")[2] for word in lain if word.startswith("--namespace="))


def test_each_line_of_every_pod_comes_once_and_in_order(
    mortal: RealCluster, lain: list[str], tmp_path: Path
) -> None:
    run_writers(mortal, namespace_of(lain), WRITERS)
    printed, told = tmp_path / "printed", tmp_path / "told"
    heard = Heard(printed, told, WRITERS)

    def die_and_rise() -> None:
        losses, resumptions = heard.said("connection lost"), heard.said(RESUMED)
        mortal.kill_apiserver()
        eventually(lambda: heard.said("connection lost") > losses)
        mortal.start_apiserver()
        eventually(lambda: heard.said(RESUMED) > resumptions)
        furthest = heard.furthest
        eventually(lambda: heard.all_beyond(furthest + 20))

    with printed.open("w") as out, told.open("w") as err:
        follower = subprocess.Popen([*lain, "logs", "-f", "--since", "1h"], stdout=out, stderr=err)
        try:
            eventually(lambda: heard.all_beyond(20))
            for _ in range(2):
                die_and_rise()
            assert follower.poll() is None, "it goes on"
        finally:
            follower.kill()
            follower.wait()
    heard.assert_each_once_and_in_order()


def test_a_forwarded_port_answers_again(mortal: RealCluster, lain: list[str], tmp_path: Path) -> None:
    run_app(mortal, namespace_of(lain), mortal.images["web"], 1)
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
