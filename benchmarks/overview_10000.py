"""10,000 pods in all namespaces: the Cluster screen 1 s after the API's last byte, its keys painted within 50 ms (p99), below 300 MiB.

The Status screen beneath it goes on watching its app, which has all of these pods. There is no peer for this: k9s lists
pods of all namespaces, but neither groups them by cause nor reckons what the nodes have left.
"""

from __future__ import annotations

from benchmarks.gate import Gate
from benchmarks.results import Result, percentile
from benchmarks.startup import ours
from benchmarks.status_5000 import press, waits
from benchmarks.terminal import Terminal
from tests.embedded import EmbeddedCluster

PODS = 10_000
UPDATES = 500
"""Pod updates a second while keys are pressed."""


def run() -> list[Result]:
    with (
        EmbeddedCluster(seed=f"load:{PODS}") as cluster,
        Gate(cluster.url) as gate,
        Terminal(ours(gate.kubeconfig, app="load", namespace="load")) as terminal,
    ):
        terminal.wait_for("Running", timeout=120)
        terminal.send("K")
        shown = terminal.wait_for("ready", timeout=120)
        listed = max(request.last_byte for request in gate.lists("pods"))
        cluster.churn(UPDATES)
        terminal.send("j\r")  # unfold the healthy nodes: a key that finds no row to go to paints nothing
        terminal.wait_for("load-15", timeout=30)
        pressed = press(terminal)
        resident = terminal.resident()
        chunks = list(terminal.chunks)
    slow = sorted(waits(chunks, pressed))
    return [
        Result("last byte of the list to nodes and problems", shown - listed, "s", budget=1.0),
        Result(
            "key to paint, p99",
            percentile(slow, 0.99) * 1000,
            "ms",
            budget=50,
            note=f"{len(slow)} keys, {UPDATES} updates a second",
        ),
        Result("memory", resident, "MiB", budget=300, note="Status of all the pods is beneath it"),
    ]
