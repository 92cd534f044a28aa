"""The Logs screen keeps up: 20,000 lines/s for a minute, keys painted within 50 ms (p99), bursts caught up in 2 s.

A million lines stay within 400 MiB, a filter shows its first lines over them in 300 ms, and 70 quiet pods cost at
most 2 % of a core.
"""

from __future__ import annotations

import itertools
import random
import re
import sys
import time

from benchmarks.flood import FloodServer
from benchmarks.results import Result, percentile
from benchmarks.status_5000 import waits
from benchmarks.terminal import Replay, Terminal

RATE, SECONDS = 20_000, 60
BURST, BURST_LINES = 50_000, 250_000
MILLION, PODS = 1_000_000, 4
QUIET = 70


def run() -> list[Result]:
    return [*_sustained(), _burst(), *_million(), _idle()]


def _app(server: FloodServer, lines: int) -> Terminal:
    argv = [sys.executable, "-m", "lain_tui", "--kubeconfig", str(server.kubeconfig), "--app", "flood"]
    terminal = Terminal([*argv, "-n", "default"], env={"LAIN_TUI_LOGS_LINES": str(lines)})
    terminal.wait_for("Running")
    time.sleep(0.5)
    terminal.send("L")
    terminal.wait_for("following")
    return terminal


def _kept(terminal: Terminal) -> int:
    """How many lines the bar says are kept."""
    found = re.findall(r"([\d,]+) kept", Replay(terminal.chunks[-400:]).to_end())
    return int(found[-1].replace(",", "")) if found else 0


def _until_kept(terminal: Terminal, lines: int, timeout: float = 120) -> float:
    return terminal.wait_for(f"{lines:,} kept", timeout=timeout)


def _sustained() -> list[Result]:
    with (
        FloodServer(PODS, f"{RATE * SECONDS}@{RATE}/s") as server,
        _app(server, RATE * SECONDS + 10_000) as terminal,
    ):
        time.sleep(3)
        terminal.send("kkkkkkkkkkkk")
        time.sleep(1)
        keys, pressed = itertools.cycle("j" * 8 + "k" * 8), []
        for key in itertools.islice(keys, 200):
            pressed.append(terminal.send(key))
            time.sleep(random.uniform(0.12, 0.3))
        used, at = terminal.cpu_seconds(), time.perf_counter()
        terminal.send("G")
        time.sleep(5)
        share = (terminal.cpu_seconds() - used) / (time.perf_counter() - at)
        _until_kept(terminal, RATE * SECONDS)
        chunks = list(terminal.chunks)
    slow = sorted(waits(chunks, pressed))
    return [
        Result("lines missing after a minute", 0, "lines", budget=0, note=f"{RATE:,}/s from {PODS} pods"),
        Result("processor meanwhile", share * 100, "% of a core"),
        Result("key to paint, median", percentile(slow, 0.5) * 1000, "ms"),
        Result("key to paint, p99", percentile(slow, 0.99) * 1000, "ms", budget=50, note=f"{len(slow)} keys"),
    ]


def _burst() -> Result:
    with (
        FloodServer(PODS, f"{BURST_LINES}@{BURST}/s") as server,
        _app(server, BURST_LINES + 10_000) as terminal,
    ):
        shown = _until_kept(terminal, BURST_LINES) - time.perf_counter() + time.time()
        behind = shown - server.state()["ended"]
    return Result("behind a burst", behind, "s", budget=2, note=f"{BURST:,}/s for {BURST_LINES // BURST} s")


def _million() -> list[Result]:
    with FloodServer(PODS, str(MILLION // PODS)) as server, _app(server, MILLION + 10_000) as terminal:
        _until_kept(terminal, MILLION)
        time.sleep(2)
        resident = terminal.resident()
        # The filter begins with the closing quote: what is typed before it is not yet one.
        terminal.send('&"request 12 ')
        time.sleep(1)
        pressed = terminal.send('"')
        found = terminal.wait_for("request 12 .*request 12 ", since=pressed)
    return [
        Result("a million lines", resident, "MiB", budget=400),
        Result("filter that finds the oldest", (found - pressed) * 1000, "ms", budget=300),
    ]


def _idle() -> Result:
    with FloodServer(QUIET, "0/s") as server, _app(server, 200_000) as terminal:
        time.sleep(8)
        used, at = terminal.cpu_seconds(), time.perf_counter()
        time.sleep(30)
        share = (terminal.cpu_seconds() - used) / (time.perf_counter() - at)
    return Result("70 quiet pods", share * 100, "% of a core", budget=2)
