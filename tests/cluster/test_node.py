"""The real node: that pods truly run on it, and end the way pods end."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cluster import images
from tests.cluster.asking import eventually, kubectl, tried
from tests.cluster.real import RealCluster

pytestmark = pytest.mark.real


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


def test_a_pod_runs_logs_and_is_exec_d_into(real_cluster: RealCluster) -> None:
    run_pod(real_cluster, "shell", real_cluster.images["shell"])
    kubectl(real_cluster, "wait", "--for=condition=Ready", "pod/shell", "--timeout=180s")
    assert kubectl(real_cluster, "logs", "shell") == "ready\n"
    assert kubectl(real_cluster, "exec", "shell", "--", "sh", "-c", "echo out") == "out\n"
    node = json.loads(kubectl(real_cluster, "get", "pod", "shell", "-o", "json"))["spec"]["nodeName"]
    assert node == real_cluster.node_name


def test_a_pod_runs_debians_python(real_cluster: RealCluster) -> None:
    run_pod(
        real_cluster, "python", real_cluster.load_python(), args=["-c", "import ssl, sqlite3; print(6 * 7)"]
    )
    eventually(lambda: tried(real_cluster, "logs", "python") == "42\n")


def test_a_container_over_its_memory_is_killed(real_cluster: RealCluster) -> None:
    run_pod(
        real_cluster,
        "oom",
        real_cluster.images["oom"],
        resources={"limits": {"memory": "32Mi", "cpu": "100m"}},
    )

    def reasons() -> set[str]:
        status = main_status(real_cluster, "oom")
        states = (status["state"], status["lastState"])
        return {state["terminated"]["reason"] for state in states if "terminated" in state}

    assert eventually(reasons) == {"OOMKilled"}


def test_a_probe_that_fails_is_noticed(real_cluster: RealCluster) -> None:
    def probe(path: str) -> dict[str, Any]:
        return {"httpGet": {"path": path, "port": 8080}, "periodSeconds": 1, "failureThreshold": 1}

    run_pod(real_cluster, "well", real_cluster.images["web"], readinessProbe=probe("/healthz"))
    run_pod(real_cluster, "unready", real_cluster.images["web"], readinessProbe=probe("/nowhere"))
    run_pod(real_cluster, "ill", real_cluster.images["web"], livenessProbe=probe("/nowhere"))
    eventually(lambda: main_status(real_cluster, "well")["ready"])
    eventually(lambda: main_status(real_cluster, "ill")["restartCount"] > 0)
    assert not main_status(real_cluster, "unready")["ready"]
    events = kubectl(real_cluster, "get", "events", "--field-selector=reason=Unhealthy", "-o", "name")
    assert "unready" in events


def test_services_reach_their_pods(real_cluster: RealCluster) -> None:
    run_pod(real_cluster, "served", real_cluster.images["web"])
    kubectl(real_cluster, "expose", "pod", "served", "--port=80", "--target-port=8080")
    kubectl(real_cluster, "wait", "--for=condition=Ready", "pod/served", "--timeout=180s")
    address = kubectl(real_cluster, "get", "service", "served", "-o", "jsonpath={.spec.clusterIP}")
    fetch = ["exec", "served", "--", "wget", "-qO-", f"http://{address}/healthz"]
    eventually(lambda: tried(real_cluster, *fetch) == "ok\n")


def test_metrics_come_from_the_kubelet(real_cluster: RealCluster) -> None:
    run_pod(
        real_cluster,
        "busy",
        real_cluster.images["busy"],
        resources={"limits": {"cpu": "100m", "memory": "32Mi"}},
    )

    def cores_used() -> float:
        metrics = tried(
            real_cluster, "get", "--raw", "/apis/metrics.k8s.io/v1beta1/namespaces/default/pods/busy"
        )
        usage = json.loads(metrics)["containers"][0]["usage"]["cpu"] if metrics else "0n"
        return float(usage.rstrip("nu")) / {"n": 1e9, "u": 1e6}.get(usage[-1], 1)

    used = eventually(lambda: cores_used() > 0.05 and cores_used())
    assert used < 0.2, "a container limited to 100m"


def test_the_node_pulls_from_its_registries(real_cluster: RealCluster) -> None:
    image = next(image for image in images.programs() if image.name == "shell")
    run_pod(real_cluster, "pulled", real_cluster.registry.push(image, "team/shell", "v1"))
    locked = real_cluster.locked_registry
    reference = locked.push(image, "team/shell", "v1")
    run_pod(real_cluster, "refused", reference)

    def refused() -> bool:
        waiting = main_status(real_cluster, "refused")["state"].get("waiting", {})
        return waiting.get("reason") in {"ErrImagePull", "ImagePullBackOff"}

    eventually(refused)  # before the other brings the image: then it is the node's, for every pod
    kubectl(
        real_cluster,
        *("create", "secret", "docker-registry", "pull", f"--docker-server={locked.host}"),
        *(f"--docker-username={locked.user}", f"--docker-password={locked.password}"),
    )
    allowed = {"spec": {"imagePullSecrets": [{"name": "pull"}]}}
    kubectl(real_cluster, "run", "allowed", f"--image={reference}", f"--overrides={json.dumps(allowed)}")
    eventually(lambda: main_status(real_cluster, "pulled")["ready"])
    eventually(lambda: main_status(real_cluster, "allowed")["ready"])
