"""Env & secrets: 500 keys of 900 KB on screen 100 ms after the API's answer, typing in 2,000 lines within 30 ms (p99)."""

from __future__ import annotations

import base64
import itertools
import random
import time

from benchmarks.gate import Gate
from benchmarks.results import Result, percentile
from benchmarks.startup import ours
from benchmarks.terminal import Terminal
from tests.embedded import EmbeddedCluster

KEYS, BYTES, LINES, TYPED = 500, 900_000, 2_000, 60
PATH = "/api/v1/namespaces/default/secrets"


def run() -> list[Result]:
    with EmbeddedCluster(seed="empty") as cluster:
        values = {f"KEY_{number:03d}": b"x" * (BYTES // KEYS) for number in range(KEYS)}
        _plant(cluster, "big-env", values)
        text = "".join(f"key{number}: value {number}\n" for number in range(LINES)).encode()
        _plant(cluster, "big-secret", {"config.yaml": text})
        with (
            Gate(cluster.url) as gate,
            Terminal(ours(gate.kubeconfig, app="big", namespace="default")) as terminal,
        ):
            terminal.wait_for("live", timeout=60)
            time.sleep(1)
            terminal.send("e")
            shown = terminal.wait_for("500 keys", timeout=60)
            answered = next(one.last_byte for one in gate.requests if one.path.startswith(f"{PATH}/big-env"))
            time.sleep(1)
            terminal.send("\x1b[F")  # end: the last key of the last Secret
            terminal.wait_for("config.yaml", timeout=20)
            time.sleep(0.5)
            terminal.send("\r")
            terminal.wait_for("key1:", timeout=20)
            time.sleep(1)
            before = terminal.cpu_seconds()
            waits = _type(terminal)
            busy = (terminal.cpu_seconds() - before) / TYPED
    return [
        Result(
            f"{KEYS} keys, {BYTES // 1000} KB: answer to screen", (shown - answered) * 1000, "ms", budget=100
        ),
        Result("CPU a key, all that follows it included", busy * 1000, "ms"),
        Result("key to paint, median", percentile(waits, 0.5) * 1000, "ms", note=f"{LINES:,} lines of YAML"),
        Result(
            "key to paint, p99", percentile(waits, 0.99) * 1000, "ms", budget=30, note=f"{len(waits)} keys"
        ),
    ]


def _plant(cluster: EmbeddedCluster, name: str, values: dict[str, bytes]) -> None:
    data = {key: base64.b64encode(value).decode() for key, value in values.items()}
    cluster.request("POST", PATH, {"metadata": {"name": name}, "data": data})


def _type(terminal: Terminal) -> list[float]:
    """Type at a pace at which what follows a key has settled before the next; seconds from each key to its paint."""
    waits = []
    for key in itertools.islice(itertools.cycle("abcdefgh"), TYPED):
        pressed = terminal.send(key)
        time.sleep(random.uniform(0.5, 0.6))
        painted = next((chunk.time for chunk in terminal.chunks if chunk.time > pressed), None)
        if painted is not None:
            waits.append(painted - pressed)
    return waits
