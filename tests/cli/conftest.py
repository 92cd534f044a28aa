"""The program as its users run it: a process of its own, in a home and a repository of the test's."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

Done = subprocess.CompletedProcess[str]


class Program:
    """`lain-tui` with an environment of its own."""

    def __init__(self, root: Path) -> None:
        self.home = root / "home"
        self.repository = root / "repository"
        (self.home / ".kube").mkdir(parents=True)
        (self.repository / ".git").mkdir(parents=True)
        self.chart = self.repository / "chart"
        self.chart.mkdir()
        self._started: list[subprocess.Popen[str]] = []
        self.env = {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "LAIN_CLUSTER_VALUES_DIR": str(root / "cluster-values"),
        }

    def argv(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "lain_tui", *arguments]

    def __call__(self, *arguments: str, timeout: float = 60, **env: str) -> Done:
        return subprocess.run(
            self.argv(*arguments),
            cwd=self.repository,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """One that goes on beside the test, and ends with it at the latest."""
        started = subprocess.Popen(
            self.argv(*arguments),
            cwd=self.repository,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._started.append(started)
        return started

    def end_all(self) -> None:
        """End what a test that failed left running: a program that is killed takes what it started along."""
        for started in self._started:
            if started.poll() is None:
                started.kill()
                started.communicate()

    def kubeconfig(self, name: str, server: str = "http://127.0.0.1:9") -> Path:
        path = self.home / ".kube" / name
        path.write_text(
            f"current-context: here\nclusters: [{{name: c, cluster: {{server: '{server}'}}}}]\n"
            "users: [{name: u, user: {}}]\ncontexts: [{name: here, context: {cluster: c, user: u}}]\n"
        )
        return path


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    program = Program(tmp_path)
    yield program
    program.end_all()


@pytest.fixture(scope="session")
def demo() -> Iterator[Path]:
    """The kubeconfig of a demo cluster, started by `demo serve`."""
    with tempfile.TemporaryDirectory(prefix="lain-tui-tests-") as folder:
        serving = Program(Path(folder)).start("demo", "serve")
        try:
            assert serving.stdout is not None
            line = serving.stdout.readline()
            match = re.fullmatch(r"export KUBECONFIG=(\S+)\n", line)
            assert match, (line, serving.stderr and serving.stderr.read())
            yield Path(match[1])
        finally:
            serving.send_signal(signal.SIGINT)
            try:
                serving.communicate(timeout=60)
            finally:
                serving.kill()
    assert serving.returncode == 0
    assert not Path(match[1]).exists(), "a temporary kubeconfig is taken away"
