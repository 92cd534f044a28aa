"""`job` without a command: a shell in a fresh pod, planned like every change, and the pod gone whatever ends it."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console import Console
from tests.contract.api import Api
from tests.embedded import EmbeddedCluster

PODS = "/api/v1/namespaces/default/pods"


@pytest.fixture(scope="module")
def embedded() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster() as cluster:
        yield cluster


class Job:
    """`lain-tui job` at a terminal."""

    def __init__(self, cluster: EmbeddedCluster, home: Path) -> None:
        self._api = Api(cluster.kubeconfig)
        self._words = [f"--kubeconfig={cluster.kubeconfig}", "--app=dummy"]
        self._env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
        }

    def __call__(self, *words: str, before: tuple[str, ...] = ()) -> Console:
        argv = [sys.executable, "-m", "lain_tui", *self._words, *before, "job", "web", *words]
        return Console(argv, self._env)

    def pods(self) -> list[str]:
        """The fresh pods there are, those on their way out not among them."""
        items = self._api.get(PODS).ok()["items"]
        return [
            pod["metadata"]["name"]
            for pod in items
            if "-shell-" in pod["metadata"]["name"] and "deletionTimestamp" not in pod["metadata"]
        ]

    def leaves_nothing(self) -> None:
        deadline = time.monotonic() + 30
        while left := self.pods():
            assert time.monotonic() < deadline, left
            time.sleep(0.1)


@pytest.fixture
def job(embedded: EmbeddedCluster, tmp_path: Path) -> Job:
    return Job(embedded, tmp_path)


def test_it_is_planned_and_agreed_to_like_every_change(job: Job) -> None:
    with job() as console:
        plan = console.until("Go on? [y/N]")
        assert "> create pod dummy-web-shell-" in plan
        assert "> open a shell in it" in plan and "> delete it afterwards" in plan
        assert job.pods() == []
        console.type("y\n")
        console.until("lain@dummy-web-shell-")
        assert len(job.pods()) == 1
        console.type("exit 3\n")
        assert console.ends() == 3
    job.leaves_nothing()


def test_a_command_has_the_terminal_to_itself(job: Job) -> None:
    with job("--yes", "-i", "--", "sh", "-c", "stty size; exit 7") as console:
        console.until("24 80\r\n")
        assert console.ends() == 7
        assert console.attributes == console.before
    job.leaves_nothing()


def test_a_full_screen_command_has_the_terminal_to_itself(job: Job) -> None:
    with job("--yes", "-i", "--", "top") as console:
        console.until("PID")
        assert console.attributes != console.before, "the keys go through raw"
        console.resize(100, 30)
        console.type("q")
        assert console.ends() == 0
        assert console.attributes == console.before
        assert not console.modes
    job.leaves_nothing()


def test_a_no_creates_nothing(job: Job) -> None:
    with job() as console:
        console.until("Go on? [y/N]")
        console.type("n\n")
        assert console.ends() == 4
    assert job.pods() == []


def test_read_only_mode_refuses_it(job: Job) -> None:
    with job(before=("--read-only",)) as console:
        assert console.ends() == 4
        assert "read-only: job is off" in console.text
    assert job.pods() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_the_pod(job: Job, number: signal.Signals) -> None:
    with job("--yes") as console:
        console.until("lain@dummy-web-shell-")
        console.signal(number)
        assert console.ends() == 143
        assert console.attributes == console.before
    job.leaves_nothing()


def test_a_terminal_that_is_closed_ends_it_and_the_pod(job: Job) -> None:
    with job("--yes") as console:
        console.until("lain@dummy-web-shell-")
        console.hang_up()
        console.waits_for_end()  # with whatever code: nobody is there to be told
    job.leaves_nothing()


def test_ctrl_c_before_it_runs_ends_it_and_the_pod(job: Job, embedded: EmbeddedCluster) -> None:
    embedded.fault(action="latency", seconds=1.0, verb="get", resource="pods", count=0)
    try:
        with job("--yes") as console:
            console.until("delete it afterwards")
            deadline = time.monotonic() + 30
            while not job.pods():
                assert time.monotonic() < deadline
            console.signal(signal.SIGINT)
            assert console.ends() == 130
    finally:
        embedded.clear_faults()
    job.leaves_nothing()


def test_a_connection_that_is_lost_ends_the_shell_and_the_pod(job: Job, embedded: EmbeddedCluster) -> None:
    with job("--yes") as console:
        console.until("lain@dummy-web-shell-")
        embedded.fault(action="down", seconds=3)
        assert console.ends() == 1
        assert "the connection to the container was cut" in console.text
        assert console.attributes == console.before
    job.leaves_nothing()


def test_a_pod_that_may_not_be_deleted_is_told(job: Job, embedded: EmbeddedCluster) -> None:
    embedded.fault(action="status", code=403, verb="delete", resource="pods", count=1)
    with job("--yes", "--timeout", "10m") as console:
        console.until("lain@dummy-web-shell-")
        console.type("exit\n")
        assert console.ends() == 0
        assert (
            "could not be deleted" in console.text
            and "It ends by itself 10 m after it began." in console.text
        )
