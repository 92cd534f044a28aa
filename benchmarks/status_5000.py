"""5,000 pods: the table 1.0 s after the API's last byte, keys painted within 50 ms (p99) at 500 updates a second.

Memory stays within 200 MiB. A peer for this size is the comparison with other programs on a real cluster.
"""

from __future__ import annotations

import itertools
import random
import time

from benchmarks.gate import Gate
from benchmarks.results import Result, percentile
from benchmarks.startup import ours
from benchmarks.terminal import Chunk, Replay, Terminal
from tests.embedded import EmbeddedCluster

PODS = 5_000
UPDATES = 500
"""Pod updates a second while keys are pressed."""
KEYS = 200


def run() -> list[Result]:
    with (
        EmbeddedCluster(seed=f"load:{PODS}") as cluster,
        Gate(cluster.url) as gate,
        Terminal(ours(gate.kubeconfig, app="load", namespace="load")) as terminal,
    ):
        shown = terminal.wait_for("Running", timeout=120)
        listed = max(request.last_byte for request in gate.lists("pods"))
        cluster.churn(UPDATES)
        time.sleep(2)
        pressed = press(terminal)
        resident = terminal.resident()
        chunks = list(terminal.chunks)
    slow = sorted(waits(chunks, pressed))
    typical, slowest = percentile(slow, 0.5), percentile(slow, 0.99)
    return [
        Result("last byte of the list to the table", shown - listed, "s", budget=1.0),
        Result("key to paint, median", typical * 1000, "ms", note=f"{UPDATES} updates a second"),
        Result("key to paint, p99", slowest * 1000, "ms", budget=50, note=f"{len(slow)} keys"),
        Result("memory", resident, "MiB", budget=200),
    ]


def press(terminal: Terminal) -> list[float]:
    """Move the selection down and up at a person's uneven pace; the times of the keys."""
    keys = itertools.cycle("j" * 15 + "k" * 15)
    pressed = []
    for key in itertools.islice(keys, KEYS):
        pressed.append(terminal.send(key))
        time.sleep(random.uniform(0.12, 0.3))
    return pressed


def waits(chunks: list[Chunk], pressed: list[float]) -> list[float]:
    """Seconds from each key until the selection was painted on another row.

    A key whose paint is still missing when the next one is pressed waits until the first paint after both.
    """
    replay = Replay(chunks)
    moves: list[float] = []
    last: int | None = None
    for at in replay:
        selected = replay.selected_row()
        if selected is not None and selected != last:
            moves.append(at)
            last = selected
    painted = [next((at for at in moves if at > key), None) for key in pressed]
    return [at - key for key, at in zip(pressed, painted, strict=True) if at is not None]
