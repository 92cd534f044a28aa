"""`lain-tui logs` prints at least as many lines a second as stern, both from the same four streams into a pipe.

Each program merges the four containers' logs; kubectl, which copies one after the other, is named beside.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial

from benchmarks.flood import FloodServer
from benchmarks.results import Result, alternately
from tests.cluster import peers
from tests.cluster.binary import Unavailable

PODS, LINES = 4, 250_000
SELECTOR = "app.kubernetes.io/name=flood"
RUNS = 2


def run() -> list[Result]:
    with FloodServer(PODS, str(LINES)) as server:
        where = ["--kubeconfig", str(server.kubeconfig)]
        ours = [sys.executable, "-m", "lain_tui", *where, "--app", "flood", "logs", "--since", "9h"]
        copied = ["kubectl", *where, "logs", "-l", SELECTOR, "--prefix", "--timestamps", "--tail=-1"]
        try:
            stern = [str(peers.build("stern")), *where, "--no-follow", "-l", SELECTOR, "--since", "9h"]
        except Unavailable as reason:
            mine, kubectl = alternately(RUNS, partial(_seconds, ours), partial(_seconds, copied))
            return [_result("merged and printed", mine, "kubectl logs", kubectl, str(reason))]
        mine, theirs = alternately(RUNS, partial(_seconds, ours), partial(_seconds, stern))
        kubectl = _seconds(copied)
    note = f"{PODS * LINES / mine:,.0f} lines/s; kubectl copies {PODS * LINES / kubectl:,.0f}"
    return [Result("a million lines", mine, "s", "stern", theirs, budget=1.0, note=note)]


def _result(name: str, mine: float, peer: str, theirs: float, note: str) -> Result:
    return Result(name, mine, "s", peer, theirs, note=note)


def _seconds(argv: Sequence[str]) -> float:
    start = time.perf_counter()
    program = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert program.stdout is not None
    lines = 0
    while block := program.stdout.read(1 << 20):
        lines += block.count(b"\n")
    took = time.perf_counter() - start
    assert program.wait() == 0 and lines == PODS * LINES, f"{argv[0]}: {lines} lines"
    return took
