"""Looking at 50 pods costs at most 2 % of a core, and asks for nothing but watches and the slow beats."""

from __future__ import annotations

import time
from collections import Counter
from urllib.parse import urlsplit

from benchmarks.gate import Gate
from benchmarks.results import Result
from benchmarks.startup import ours
from benchmarks.terminal import Terminal
from tests.embedded import EmbeddedCluster

SETTLE, MEASURE = 10.0, 60.0
"""Seconds."""


def run() -> list[Result]:
    with (
        EmbeddedCluster(seed="load:50") as cluster,
        Gate(cluster.url) as gate,
        Terminal(ours(gate.kubeconfig, app="load", namespace="load")) as terminal,
    ):
        terminal.wait_for("Running")
        time.sleep(SETTLE)
        start, used = time.perf_counter(), terminal.cpu_seconds()
        time.sleep(MEASURE)
        share = (terminal.cpu_seconds() - used) / (time.perf_counter() - start)
        asked = Counter(urlsplit(r.path).path for r in gate.since(start) if not r.is_watch)
        watches = sum(r.is_watch for r in gate.since(start))
    most = ", ".join(f"{path} ×{count}" for path, count in asked.most_common(3))
    return [
        Result("processor", share * 100, "% of a core", budget=2.0),
        Result("requests, watches apart", asked.total(), "a minute", note=most),
        Result("watches opened again", watches, "a minute"),
    ]
