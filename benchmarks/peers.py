"""5,000 pods of a real API server: start, memory, processor and requests, beside k9s and kl in the same run.

Pods and nodes are simulated by kwok; the API server is Kubernetes' own. Each program shows the pods of one namespace
in a terminal of 160×50, as its users open it, through a gate that counts its requests. Needs Go, for the peers; without
root.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from benchmarks.gate import Gate
from benchmarks.results import Result, alternately
from benchmarks.startup import ours
from benchmarks.terminal import Replay, Terminal
from tests import tools
from tests.cluster import peers
from tests.cluster.load import NAMESPACE, Load
from tests.cluster.real import RealCluster

PODS = 5_000
NODES = 21
CHANGES = 100
"""Changes a second under churn."""
STARTS = 3
START_LIMIT = 180.0
"""Seconds."""
GLANCE = 2.0
"""Seconds between looks at what was painted; the look takes time from what is measured, the times do not depend on it."""
SETTLE, MEASURE = 15.0, 30.0
"""Seconds."""


@dataclass(frozen=True)
class Program:
    """What is compared: how it is called, and the text by which its table is known to be full."""

    name: str
    argv: Sequence[str]
    full: str
    env: dict[str, str]

    def open(self) -> Terminal:
        return Terminal(self.argv, env=self.env)

    def full_at(self, terminal: Terminal) -> float:
        """Wait until the whole table is there; when it was."""
        deadline = time.perf_counter() + START_LIMIT
        while time.perf_counter() < deadline:
            time.sleep(GLANCE)
            replay = Replay(terminal.chunks)
            if at := replay.when(lambda screen: self.full in screen.text()):
                return at
        raise TimeoutError(f"{self.name} does not show {self.full!r}:\n{replay.text()}")


class Looked(NamedTuple):
    """What looking at the table costs."""

    idle: float
    """Percent of a core."""
    churned: float
    memory: float
    """MiB, under churn."""
    requests: float
    """A minute, watches apart, while nothing changes."""
    received: float
    """KiB for each change under churn: of those, a busy machine makes fewer than are asked for."""


def run() -> list[Result]:
    if (reason := RealCluster.available(node=False)) is not None:
        print(f"not measured: {reason}", file=sys.stderr)
        return []
    with (
        tempfile.TemporaryDirectory(prefix="lain-bench-") as home,
        RealCluster(node=False, kwok_nodes=NODES) as cluster,
        Load(cluster) as load,
        _plain(cluster.kubeconfig) as url,
        Gate(url) as gate,
    ):
        load.fill(PODS)
        programs = _programs(gate.kubeconfig, Path(home))
        starts = alternately(STARTS, *(_starter(program) for program in programs))
        looks = [_look(program, gate, load) for program in programs]
    lain, *others = zip(programs, starts, looks, strict=True)
    return [result for other in others for result in _beside(lain, other)]


Measured = tuple[Program, float, Looked]


def _beside(lain: Measured, other: Measured) -> Iterator[Result]:
    (_, start, look), (peer, peer_start, peer_look) = lain, other
    yield Result("to the full table", start, "s", peer.name, peer_start)
    yield Result("processor, idle", look.idle, "%", peer.name, peer_look.idle)
    yield Result(f"processor, {CHANGES} changes/s", look.churned, "%", peer.name, peer_look.churned)
    yield Result("memory under churn", look.memory, "MiB", peer.name, peer_look.memory)
    yield Result("requests, watches apart", look.requests, "a minute", peer.name, peer_look.requests)
    yield Result("received for a change", look.received, "KiB", peer.name, peer_look.received)


def _programs(kubeconfig: Path, home: Path) -> list[Program]:
    where = ["--kubeconfig", str(kubeconfig), "-n", NAMESPACE]
    env = {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "XDG_STATE_HOME": str(home),
        "XDG_DATA_HOME": str(home),
    }
    return [
        Program("lain-tui", ours(kubeconfig, app=NAMESPACE, namespace=NAMESPACE), "Running", env),
        Program("k9s", [str(peers.build("k9s")), *where, "-c", "pods"], f"[{PODS:,}]", env),
        Program("kl", [str(peers.build("kl")), *where], f"0/0/{PODS}", env),
    ]


def _starter(program: Program) -> Callable[[], float]:
    def start() -> float:
        with program.open() as terminal:
            return program.full_at(terminal) - terminal.started

    return start


def _look(program: Program, gate: Gate, load: Load) -> Looked:
    with program.open() as terminal:
        program.full_at(terminal)
        time.sleep(SETTLE)
        began = time.perf_counter()
        idle = _share(terminal)
        asked = [request for request in gate.since(began) if not request.is_watch]
        load.churn(per_second=CHANGES)
        try:
            time.sleep(SETTLE)
            before, made = gate.received, load.changes
            churned = _share(terminal)
            received = (gate.received - before) / 2**10 / max(1, load.changes - made)
            memory = terminal.resident()
        finally:
            load.churn(per_second=0)
    minute = 60 / MEASURE
    return Looked(idle, churned, memory, len(asked) * minute, received)


def _share(terminal: Terminal) -> float:
    """Percent of a core that the program uses over a while."""
    began, used = time.perf_counter(), terminal.cpu_seconds()
    time.sleep(MEASURE)
    return 100 * (terminal.cpu_seconds() - used) / (time.perf_counter() - began)


@contextlib.contextmanager
def _plain(kubeconfig: Path) -> Iterator[str]:
    """The API server over plain HTTP, as `kubectl proxy` gives it: the gate reads what passes."""
    command = [str(tools.kubectl()), f"--kubeconfig={kubeconfig}", "proxy", "--port=0", "--keepalive=0s"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ}) as proxy:
        assert proxy.stdout is not None
        try:
            ready, _, _ = select.select([proxy.stdout], [], [], 20)
            said = proxy.stdout.readline() if ready else ""
            if "127.0.0.1:" not in said:
                raise RuntimeError(f"kubectl proxy did not start: {said}")
            yield f"http://{said.split()[-1]}"
        finally:
            proxy.terminate()
