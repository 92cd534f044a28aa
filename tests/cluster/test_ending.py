"""How clusters end: alone or side by side, in order or killed, they leave nothing on the machine."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster import launch
from tests.cluster.asking import asked, eventually, kubectl
from tests.cluster.real import RealCluster

pytestmark = pytest.mark.real

_STARTED_BY_ANOTHER = """
    import sys, time
    from tests.cluster.real import RealCluster
    cluster = RealCluster()
    cluster.start()
    print(cluster.data, cluster.guard_pid, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def another(_asked_for: None) -> Iterator[tuple[subprocess.Popen[str], Path, int]]:
    """A process with a cluster of its own, the cluster's folder, and its guard."""
    if (reason := RealCluster.available()) is not None:
        pytest.skip(f"no real cluster: {reason}")
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(_STARTED_BY_ANOTHER)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        data, guard = process.stdout.readline().split()
        yield process, Path(data), int(guard)
        process.kill()


def left_of(data: Path) -> list[str]:
    """Everything of that cluster that is still on the machine."""
    left = [str(data)] if data.exists() else []
    left += [str(path) for path in Path("/sys/fs/cgroup").glob(f"**/lain-cluster-{data.name}")]
    left += [line for line in Path("/proc/mounts").read_text().splitlines() if str(data) in line]
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if str(data) in command.read_text():
                left.append(f"process {command.parent.name}")
    return left


def interfaces() -> set[str]:
    return {path.name for path in Path("/sys/class/net").iterdir()}


def test_two_clusters_do_not_meet(
    real_cluster: RealCluster, another: tuple[subprocess.Popen[str], Path, int]
) -> None:
    _, data, _ = another
    other = launch.find(data)
    assert other is not None
    assert other.told["server"] != real_cluster.url
    kubectl(real_cluster, "create", "namespace", "mine")
    seen = asked(Path(other.told["kubeconfig"]), "get", "namespaces", "-o", "name").stdout
    assert "namespace/default" in seen
    assert "namespace/mine" not in seen


def test_a_killed_run_leaves_nothing(another: tuple[subprocess.Popen[str], Path, int]) -> None:
    process, data, _ = another
    before = interfaces()
    assert left_of(data), "a running cluster is something"
    process.send_signal(signal.SIGKILL)
    eventually(lambda: not left_of(data), seconds=20)
    assert interfaces() <= before


def test_a_killed_guard_leaves_nothing_that_runs(another: tuple[subprocess.Popen[str], Path, int]) -> None:
    _, data, guard = another
    os.kill(guard, signal.SIGKILL)
    eventually(lambda: not [left for left in left_of(data) if left.startswith("process")], seconds=20)
    launch.sweep()
    assert left_of(data) == []
