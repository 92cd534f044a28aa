"""A flood of 20,000 lines a second on screen, beside kl and k9s: how far behind, at what cost of processor and memory.

One pod's log in a terminal of 160×50, for half a minute, each program with its own defaults. lain-tui and kl keep
every line; k9s keeps the last 5,000, which is why its memory says little.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.flood import FloodServer
from benchmarks.results import Result
from benchmarks.terminal import Replay, Terminal
from tests.cluster import peers
from tests.cluster.binary import Unavailable

RATE, SECONDS = 20_000, 30
LAST = f"request {RATE * SECONDS - 1:,}".replace(",", "")
QUIET, LIMIT = 3.0, 120.0
"""Seconds without much being painted after which a program is up to date, and until it is given up."""


class Watched(NamedTuple):
    """What it costs to watch the flood."""

    behind: float
    """Seconds from the sending of the last line to its being painted."""
    processor: float
    """Seconds."""
    memory: float
    """MiB at the end."""


def run() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="lain-bench-") as home:
        mine = _watch([sys.executable, "-m", "lain_tui", "--app", "flood"], "L", Path(home))
        results = []
        for name, options, keys in (
            ("kl", ["--logs-view", "--mc", ".*"], ""),
            ("k9s", ["-c", "pods"], "l"),
        ):
            try:
                program = str(peers.build(name))
            except Unavailable as reason:
                print(f"{name} is not measured: {reason}", file=sys.stderr)
                continue
            theirs = _watch([program, *options], keys, Path(home))
            results += [
                Result("behind the last line", mine.behind, "s", name, theirs.behind),
                Result("processor", mine.processor, "s", name, theirs.processor),
                Result("memory", mine.memory, "MiB", name, theirs.memory),
            ]
    return results


def _watch(argv: Sequence[str], keys: str, home: Path) -> Watched:
    """Open the log, by `keys` once the pod is on screen, and watch it to its last line."""
    homes = {"HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"}
    env = {**os.environ, **dict.fromkeys(homes, str(home))}
    with FloodServer(1, f"{RATE * SECONDS}@{RATE}/s") as server:
        where = ["--kubeconfig", str(server.kubeconfig), "-n", "default"]
        with Terminal([*argv, *where], env=env) as terminal:
            if keys:
                terminal.wait_for("Running")
                time.sleep(0.5)
                terminal.send(keys)
            ended = _end_of(server) - time.time() + time.perf_counter()
            _calm(terminal)
            used, memory, chunks = terminal.cpu_seconds(), terminal.resident(), list(terminal.chunks)
    shown = Replay(chunks).when(lambda screen: LAST in screen.text(), since=ended)
    if shown is None:
        raise RuntimeError(f"{argv[0]} never showed the last line")
    return Watched(shown - ended, used, memory)


def _end_of(server: FloodServer) -> float:
    """Wait until all has been sent; when that was, by the clock."""
    while (state := server.state())["sent"] < RATE * SECONDS:
        time.sleep(1)
    return state["ended"]


def _calm(terminal: Terminal) -> None:
    """Wait until a program that is behind has caught up: it no longer paints more than a clock."""
    deadline = time.perf_counter() + LIMIT
    while time.perf_counter() < deadline:
        painted = sum(len(chunk.data) for chunk in list(terminal.chunks))
        time.sleep(QUIET)
        if sum(len(chunk.data) for chunk in list(terminal.chunks)) - painted < 20_000:
            return
