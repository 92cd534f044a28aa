"""`lain-tui logs` prints at least as many lines a second as stern, both from the same four streams into a pipe.

Each program merges the four containers' logs; kubectl, which copies one after the other, is named beside.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence

from benchmarks.flood import FloodServer
from benchmarks.results import Result
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
            peer = [str(peers.build("stern")), *where, "--no-follow", "-l", SELECTOR, "--since", "9h"]
            name, claim = "stern", 1.0
        except Unavailable:
            peer, name, claim = copied, "kubectl logs", None
        runs = {"ours": ours, "peer": peer, "kubectl": copied}
        took = {name: [_measure(argv) for _ in range(RUNS)] for name, argv in runs.items()}
    mine, theirs, kubectl = (tuple(map(min, zip(*took[name], strict=True))) for name in runs)
    total = PODS * LINES
    note = f"{total / mine[0]:,.0f} lines/s; kubectl, which copies, {total / kubectl[0]:,.0f}"
    return [
        Result("a million lines", mine[0], "s", name, theirs[0], budget=claim, note=note),
        Result("processor for them", mine[1], "s", name, theirs[1], budget=claim),
    ]


def _measure(argv: Sequence[str]) -> tuple[float, float]:
    """Seconds, and processor seconds, until the last of all lines."""
    start = time.perf_counter()
    program = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert program.stdout is not None
    lines = 0
    while block := program.stdout.read(1 << 20):
        lines += block.count(b"\n")
    took = time.perf_counter() - start
    _, status, used = os.wait4(program.pid, 0)
    assert status == 0 and lines == PODS * LINES, f"{argv[0]}: {lines} lines"
    return took, used.ru_utime + used.ru_stime
