"""How clusters end: alone or side by side, in order or killed, they leave nothing on the machine."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.cluster import launch
from tests.cluster.asking import asked, eventually, kubectl
from tests.cluster.real import RealCluster

pytestmark = pytest.mark.real

WARM_START = 30.0
"""Seconds, on a machine that has nothing else to do."""
REPOSITORY = Path(__file__).parents[2]
CTL = [sys.executable, str(REPOSITORY / "tests/cluster/ctl.py")]

_STARTED_BY_ANOTHER = """
    import time
    from tests.cluster.real import RealCluster
    cluster = RealCluster()
    cluster.start()
    print(cluster.data, cluster.guard_pid, flush=True)
    time.sleep(600)
"""

_STARTED_BY_A_TEST = """
    import time
    from contextlib import ExitStack
    from pathlib import Path
    from tests.docker_daemon import docker_daemon, why_not
    def test_that_does_not_end(real_cluster):
        with ExitStack() as stack:
            started = [str(real_cluster.data)]
            if not why_not():
                daemon = stack.enter_context(docker_daemon())
                daemon.docker("run", "--detach", "--network=none", "base:1", "sleep", "600")
                started.append(str(daemon.folder))
            Path(__file__).with_name("told").write_text("\\n".join(started))
            Path(__file__).with_name("told").rename(Path(__file__).with_name("started"))
            time.sleep(600)
"""


@pytest.fixture
def another(_runs_here: None) -> Iterator[tuple[subprocess.Popen[str], Path, int]]:
    """A process with a cluster of its own, the cluster's folder, and its guard."""
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(_STARTED_BY_ANOTHER)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        data, guard = process.stdout.readline().split()
        yield process, Path(data), int(guard)
        process.kill()


@pytest.fixture(autouse=True)
def _runs_here(_asked_for: None) -> None:
    if (reason := RealCluster.available()) is not None:
        pytest.skip(f"no real cluster: {reason}")


def left_of(data: Path) -> list[str]:
    """Everything of that cluster that is still on the machine."""
    left = [str(data)] if data.exists() else []
    left += [str(path) for path in launch.cgroups(data)]
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
    assert launch.cgroups(data), "a running cluster is something"
    process.send_signal(signal.SIGKILL)
    eventually(lambda: not left_of(data))
    assert interfaces() <= before


def test_a_killed_run_of_the_tests_leaves_nothing(tmp_path: Path) -> None:
    """As `make test-cluster` runs them: the process that is killed is not the one that started the cluster.

    A docker daemon, of those tests that need one, and what runs in it go as well.
    """
    (tmp_path / "test_it.py").write_text(textwrap.dedent(_STARTED_BY_A_TEST))
    told = tmp_path / "started"
    command = [sys.executable, "-m", "pytest", "--cluster=real", "-n1", "-p", "no:cacheprovider"]
    command += [
        "-c",
        str(REPOSITORY / "pyproject.toml"),
        "-p",
        "tests.conftest",
        str(tmp_path / "test_it.py"),
    ]
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as run:
        eventually(told.exists)
        workers = psutil.Process(run.pid).children(recursive=True)
        run.kill()
    for folder in map(Path, told.read_text().splitlines()):
        eventually(lambda folder=folder: not left_of(folder))
    _, alive = psutil.wait_procs(workers, timeout=180)
    assert alive == []


def test_a_launcher_killed_half_way_leaves_nothing(tmp_path: Path) -> None:
    data = tmp_path / "up"
    with subprocess.Popen([*CTL, "up", "--data", str(data)], stderr=subprocess.DEVNULL) as launcher:
        eventually((data / "logs").exists)
        assert not (data / "cluster.json").exists(), "it is not up yet"
        launcher.kill()
    eventually(lambda: not left_of(data))


def test_a_cluster_for_a_person_stays_until_it_is_told_to_go(tmp_path: Path) -> None:
    """`make cluster`, `make cluster-down`, in a folder of the test's."""
    data = tmp_path / "up"
    began = time.monotonic()
    up = subprocess.run([*CTL, "up", "--data", str(data)], capture_output=True, text=True, check=False)
    assert up.returncode == 0, up.stderr
    others = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert time.monotonic() - began <= WARM_START * others, "seconds, with everything built"
    kubeconfig = Path(up.stdout.splitlines()[-1])
    assert asked(kubeconfig, "get", "--raw", "/readyz").stdout == "ok"
    again = subprocess.run([*CTL, "up", "--data", str(data)], capture_output=True, text=True, check=False)
    assert again.stdout == up.stdout, "there is one already"
    down = subprocess.run([*CTL, "down", "--data", str(data)], capture_output=True, text=True, check=False)
    assert (down.returncode, down.stderr) == (0, "The cluster is gone.\n")
    assert left_of(data) == []


def test_a_killed_guard_leaves_nothing_that_runs(another: tuple[subprocess.Popen[str], Path, int]) -> None:
    _, data, guard = another
    os.kill(guard, signal.SIGKILL)
    eventually(lambda: not [left for left in left_of(data) if left.startswith("process")])
    launch.sweep()
    assert left_of(data) == []
