"""The referee itself: that a real cluster starts, really runs pods, and leaves nothing behind, however it ends."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import tools
from tests.cluster import images, launch
from tests.cluster.load import Load
from tests.cluster.real import RealCluster

pytestmark = pytest.mark.real


@pytest.fixture(scope="module", autouse=True)
def _asked_for(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("cluster") != "real":
        pytest.skip("a real cluster takes its time: make test-cluster runs this")


def running(**asked: Any) -> Iterator[RealCluster]:
    if (reason := RealCluster.available(node=asked.get("node", True))) is not None:
        pytest.skip(f"no real cluster: {reason}")
    with RealCluster(**asked) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def with_node(_asked_for: None) -> Iterator[RealCluster]:
    yield from running()


@pytest.fixture(scope="module")
def simulated(_asked_for: None) -> Iterator[RealCluster]:
    yield from running(node=False, kwok_nodes=2)


def asked(kubeconfig: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(tools.kubectl()), f"--kubeconfig={kubeconfig}", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def kubectl(cluster: RealCluster, *words: str, fails: bool = False) -> str:
    done = asked(cluster.kubeconfig, *words)
    assert (done.returncode != 0) == fails, done.stderr
    return done.stdout + done.stderr


def tried(cluster: RealCluster, *words: str) -> str:
    """What kubectl printed, if it did well."""
    return asked(cluster.kubeconfig, *words).stdout


def eventually(happens: Callable[[], Any], seconds: float = 60) -> Any:
    """What the condition comes to once it is true."""
    deadline = time.monotonic() + seconds
    while not (value := happens()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.2)
    return value


def run_pod(cluster: RealCluster, name: str, image: str, **container: Any) -> None:
    spec = {
        "containers": [{"name": "main", "image": image, **container}],
        "terminationGracePeriodSeconds": 1,
    }
    overrides = json.dumps({"spec": spec})
    kubectl(cluster, "run", name, f"--image={image}", f"--overrides={overrides}")


def main_status(cluster: RealCluster, pod: str) -> dict[str, Any]:
    status = json.loads(kubectl(cluster, "get", "pod", pod, "-o", "json"))["status"]
    containers: list[dict[str, Any]] = status.get("containerStatuses", [])
    return containers[0] if containers else {"ready": False, "state": {}, "lastState": {}, "restartCount": 0}


def test_a_pod_runs_logs_and_is_exec_d_into(with_node: RealCluster) -> None:
    run_pod(with_node, "shell", with_node.images["shell"])
    kubectl(with_node, "wait", "--for=condition=Ready", "pod/shell", "--timeout=60s")
    assert kubectl(with_node, "logs", "shell") == "ready\n"
    assert kubectl(with_node, "exec", "shell", "--", "sh", "-c", "echo out") == "out\n"
    node = json.loads(kubectl(with_node, "get", "pod", "shell", "-o", "json"))["spec"]["nodeName"]
    assert node == with_node.node_name


def test_a_pod_runs_debians_python(with_node: RealCluster) -> None:
    run_pod(with_node, "python", with_node.load_python(), args=["-c", "import ssl, sqlite3; print(6 * 7)"])
    eventually(lambda: tried(with_node, "logs", "python") == "42\n")


def test_a_container_over_its_memory_is_killed(with_node: RealCluster) -> None:
    run_pod(
        with_node, "oom", with_node.images["oom"], resources={"limits": {"memory": "32Mi", "cpu": "100m"}}
    )

    def reasons() -> set[str]:
        status = main_status(with_node, "oom")
        states = (status["state"], status["lastState"])
        return {state["terminated"]["reason"] for state in states if "terminated" in state}

    assert eventually(reasons) == {"OOMKilled"}


def test_a_probe_that_fails_is_noticed(with_node: RealCluster) -> None:
    def probe(path: str) -> dict[str, Any]:
        return {"httpGet": {"path": path, "port": 8080}, "periodSeconds": 1, "failureThreshold": 1}

    run_pod(with_node, "well", with_node.images["web"], readinessProbe=probe("/healthz"))
    run_pod(with_node, "unready", with_node.images["web"], readinessProbe=probe("/nowhere"))
    run_pod(with_node, "ill", with_node.images["web"], livenessProbe=probe("/nowhere"))
    eventually(lambda: main_status(with_node, "well")["ready"])
    eventually(lambda: main_status(with_node, "ill")["restartCount"] > 0)
    assert not main_status(with_node, "unready")["ready"]
    events = kubectl(with_node, "get", "events", "--field-selector=reason=Unhealthy", "-o", "name")
    assert "unready" in events


def test_services_reach_their_pods(with_node: RealCluster) -> None:
    run_pod(with_node, "served", with_node.images["web"])
    kubectl(with_node, "expose", "pod", "served", "--port=80", "--target-port=8080")
    kubectl(with_node, "wait", "--for=condition=Ready", "pod/served", "--timeout=60s")
    address = kubectl(with_node, "get", "service", "served", "-o", "jsonpath={.spec.clusterIP}")
    fetch = ["exec", "served", "--", "wget", "-qO-", f"http://{address}/healthz"]
    eventually(lambda: tried(with_node, *fetch) == "ok\n")


def test_metrics_come_from_the_kubelet(with_node: RealCluster) -> None:
    run_pod(
        with_node, "busy", with_node.images["busy"], resources={"limits": {"cpu": "100m", "memory": "32Mi"}}
    )

    def cores_used() -> float:
        metrics = tried(
            with_node, "get", "--raw", "/apis/metrics.k8s.io/v1beta1/namespaces/default/pods/busy"
        )
        usage = json.loads(metrics)["containers"][0]["usage"]["cpu"] if metrics else "0n"
        return float(usage.rstrip("nu")) / {"n": 1e9, "u": 1e6}.get(usage[-1], 1)

    used = eventually(lambda: cores_used() > 0.05 and cores_used())
    assert used < 0.2, "a container limited to 100m"


def test_the_node_pulls_from_its_registries(with_node: RealCluster) -> None:
    image = next(image for image in images.programs() if image.name == "shell")
    run_pod(with_node, "pulled", with_node.registry.push(image, "team/shell", "v1"))
    locked = with_node.locked_registry
    reference = locked.push(image, "team/shell", "v1")
    run_pod(with_node, "refused", reference)
    kubectl(
        with_node,
        *("create", "secret", "docker-registry", "pull", f"--docker-server={locked.host}"),
        *(f"--docker-username={locked.user}", f"--docker-password={locked.password}"),
    )
    allowed = {"spec": {"imagePullSecrets": [{"name": "pull"}]}}
    kubectl(with_node, "run", "allowed", f"--image={reference}", f"--overrides={json.dumps(allowed)}")
    eventually(lambda: main_status(with_node, "pulled")["ready"])
    eventually(lambda: main_status(with_node, "allowed")["ready"])
    waiting = main_status(with_node, "refused")["state"]["waiting"]["reason"]
    assert waiting in {"ErrImagePull", "ImagePullBackOff"}


def test_simulated_nodes_carry_thousands_of_pods(simulated: RealCluster) -> None:
    with Load(simulated) as load:
        load.fill(300)
        names = kubectl(simulated, "get", "pods", "-n", "load", "-o", "name").split()
        assert len(names) == 300
        load.churn(per_second=50)
        eventually(
            lambda: set(kubectl(simulated, "get", "pods", "-n", "load", "-o", "name").split()) - set(names)
        )


def test_a_killed_api_server_refuses_and_comes_back(simulated: RealCluster) -> None:
    simulated.kill_apiserver()
    with pytest.raises(urllib.error.URLError, match="refused"):
        urllib.request.urlopen(simulated.url)
    simulated.start_apiserver()
    assert kubectl(simulated, "get", "--raw", "/readyz") == "ok"


def test_a_forgotten_version_is_gone(simulated: RealCluster) -> None:
    kubectl(simulated, "create", "namespace", "forgotten")
    simulated.compact()
    path = "/api/v1/namespaces?resourceVersion=2&resourceVersionMatch=Exact"
    assert "is too old" in kubectl(simulated, "get", "--raw", path, fails=True)


# How clusters end ------------------------------------------------------------------------------------------

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
    with_node: RealCluster, another: tuple[subprocess.Popen[str], Path, int]
) -> None:
    _, data, _ = another
    other = launch.find(data)
    assert other is not None
    assert other.told["server"] != with_node.url
    kubectl(with_node, "create", "namespace", "mine")
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
