"""A change that the terminal was lost over: helm is let finish, and the next start says so."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from benchmarks.terminal import Replay, Terminal
from tests.embedded import EmbeddedCluster

SLOW_HELM = """#!/bin/sh
[ "$1" = version ] && { echo v3.20.0; exit; }
cat > /dev/null
touch "$HOME/begun"
while [ ! -e "$HOME/go" ]; do sleep 0.05; done
touch "$HOME/finished"
"""
"""A helm that is at it for as long as the test wants."""


@pytest.fixture(scope="module")
def demo() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster(source=True) as cluster:
        yield cluster


def open_app(demo: EmbeddedCluster, home: Path) -> Terminal:
    env = {
        "HOME": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        "PATH": f"{home / 'bin'}:{os.environ['PATH']}",
        "LAIN_CLUSTER_VALUES_DIR": str(demo.values.parent),
    }
    argv = [sys.executable, "-m", "lain_tui", "--kubeconfig", str(demo.kubeconfig)]
    return Terminal(argv, env=env, cwd=str(demo.repository))


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline, "it never became so"
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_lets_helm_finish_and_the_next_start_says_so(
    demo: EmbeddedCluster, tmp_path: Path, number: signal.Signals
) -> None:
    (tmp_path / "bin").mkdir()
    changes = tmp_path / "state" / "lain-tui" / "changes"
    why = "terminal went away" if number is signal.SIGHUP else "SIGTERM came"
    helm = tmp_path / "bin" / "helm"
    helm.write_text(SLOW_HELM)
    helm.chmod(0o755)
    with open_app(demo, tmp_path) as terminal:
        terminal.wait_for("CrashLoopBackOff", timeout=40)
        since = terminal.send("D")
        terminal.wait_for("accepts every object|accepts it", since=since, timeout=40)
        since = terminal.send("\r")
        terminal.wait_for("do it", since=since, timeout=60)
        terminal.send("y")
        wait_until((tmp_path / "begun").exists)
        (written,) = changes.iterdir()
        terminal.process.send_signal(number)
        wait_until(lambda: why in written.read_text())
        (tmp_path / "go").touch()
        wait_until((tmp_path / "finished").exists)
        assert not psutil.wait_procs([terminal.process], timeout=30)[1]
    with open_app(demo, tmp_path) as terminal:
        terminal.wait_for("Helm was let", timeout=40)
        assert why in told_on(terminal)
    assert not list(changes.iterdir()), "it is told once"


def told_on(terminal: Terminal) -> str:
    """What its messages say, as one line."""
    lines = Replay(terminal.chunks).to_end().splitlines()
    return " ".join(line.partition("▌")[2].strip() for line in lines)
