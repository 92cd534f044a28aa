"""The first frame costs at most 1.4 times a bare Textual app's, live pods 2.5 times (160×50, a real terminal).

The peer is the least that Textual can be. Ours runs as a user's would: a kubeconfig, a reachable cluster, the
Status screen of an app. A frame is painted when there is text on the screen; pods are live when one of them is
shown as running.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from benchmarks.results import Result, alternately
from benchmarks.terminal import Replay, Terminal
from tests.embedded import EmbeddedCluster

RUNS = 9
BARE = [sys.executable, "-m", "benchmarks.bare_app"]


def run() -> list[Result]:
    with EmbeddedCluster() as cluster:
        bare, frame = alternately(
            RUNS, partial(_first_frame, BARE), partial(_first_frame, ours(cluster.kubeconfig))
        )
        again, pods = alternately(
            RUNS, partial(_first_frame, BARE), partial(_live_pods, ours(cluster.kubeconfig))
        )
    return [
        Result("to the first frame", frame * 1000, "ms", "bare Textual app", bare * 1000, budget=1.4),
        Result("to live pods", pods * 1000, "ms", "bare Textual app", again * 1000, budget=2.5),
    ]


def ours(kubeconfig: Path, *, app: str = "dummy", namespace: str = "default") -> list[str]:
    """The command line that opens an app's Status screen."""
    where = ["--kubeconfig", str(kubeconfig), "--namespace", namespace, "--app", app]
    return [sys.executable, "-m", "lain_tui", *where]


def _first_frame(argv: list[str]) -> float:
    with Terminal(argv) as terminal:
        terminal.wait_for(r"[A-Za-z]{3}")
        chunks = list(terminal.chunks)
    painted = Replay(chunks).when(lambda screen: bool(screen.text().strip()))
    assert painted is not None
    return painted - terminal.started


def _live_pods(argv: list[str]) -> float:
    with Terminal(argv) as terminal:
        return terminal.wait_for("Running") - terminal.started
