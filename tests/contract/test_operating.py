"""Operating an app by lain-tui's commands: the same ends, exit codes and words on any cluster."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.conftest import Cluster
from tests.contract.api import STRATEGIC, Api, Obj
from tests.contract.conftest import Program
from tests.contract.objects import template

FAILED, NOT_READY, REFUSED = 1, 3, 4


@pytest.fixture
def lain(cluster: Cluster, namespace: str, tmp_path: Path) -> Program:
    """`lain-tui` for an app called `hello` in the test's namespace."""
    argv = (
        sys.executable,
        "-m",
        "lain_tui",
        f"--kubeconfig={cluster.kubeconfig}",
        f"--namespace={namespace}",
    )
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    return Program((*argv, "--app=hello"), env)


def labels(proc: str) -> dict[str, str]:
    """As lain's chart has them."""
    return {"app.kubernetes.io/name": "hello", "app.kubernetes.io/instance": f"hello-{proc}"}


@pytest.fixture
def web(api: Api, core: str, apps: str, cluster: Cluster) -> str:
    """The path of the deployment of proc `web`: two ready pods that take their environment from Secret `hello-env`."""
    api.post(f"{core}/secrets", {"metadata": {"name": "hello-env"}, "stringData": {"FOO": "bar"}}).ok()
    made = template("web", cluster.images["shell"])
    made["metadata"]["labels"] = labels("web")
    made["spec"]["containers"][0]["envFrom"] = [{"secretRef": {"name": "hello-env"}}]
    spec = {"replicas": 2, "selector": {"matchLabels": labels("web")}, "template": made}
    body = {"metadata": {"name": "hello-web", "labels": labels("web")}, "spec": spec}
    api.post(f"{apps}/deployments", body).ok()
    path = f"{apps}/deployments/hello-web"
    api.eventually(path, lambda d: d["status"].get("availableReplicas") == 2)
    return path


@pytest.fixture
def daily(api: Api, namespace: str, cluster: Cluster) -> str:
    """The path of the cronjob of proc `daily`, whose time never comes; it says `done`."""
    made = template("daily", cluster.images["done"], restartPolicy="Never")
    made["metadata"]["labels"] = labels("daily")
    spec = {"schedule": "0 0 29 2 *", "jobTemplate": {"spec": {"backoffLimit": 0, "template": made}}}
    path = f"/apis/batch/v1/namespaces/{namespace}/cronjobs"
    api.post(path, {"metadata": {"name": "hello-daily", "labels": labels("daily")}, "spec": spec}).ok()
    return f"{path}/hello-daily"


def pods(api: Api, core: str) -> set[str]:
    """The names of the pods that are not on their way out."""
    found = api.get(f"{core}/pods", labelSelector="app.kubernetes.io/instance=hello-web").ok()["items"]
    return {pod["metadata"]["name"] for pod in found if "deletionTimestamp" not in pod["metadata"]}


def change(api: Api, path: str, **container: object) -> Obj:
    """Change the container of a workload's pods."""
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "main", **container}]}}}}
    return api.patch(path, patch, STRATEGIC).ok()


@pytest.mark.parametrize("way", ["--graceful", "--rollout", ""])
def test_every_pod_is_replaced(api: Api, core: str, web: str, lain: Program, way: str) -> None:
    before, version = pods(api, core), api.get(web).ok()["metadata"]["resourceVersion"]
    lain("restart", "web", "--yes", *filter(None, [way]))
    after = pods(api, core)
    assert len(after) == 2 and not after & before
    assert rolled_out(api.get(web).ok())
    if way:
        told = api.watch(f"{web.rpartition('/')[0]}", within=1, resourceVersion=version).rest()
        assert min(event["object"]["status"].get("availableReplicas", 0) for event in told) >= 1


def rolled_out(d: Obj) -> bool:
    status = d["status"]
    seen = status["observedGeneration"] == d["metadata"]["generation"]
    return bool(seen and status["updatedReplicas"] == status["availableReplicas"] == status["replicas"] == 2)


def test_a_graceful_restart_stops_at_the_first_pod_that_does_not_come_back(
    api: Api, core: str, web: str, lain: Program
) -> None:
    before = pods(api, core)
    api.delete(f"{core}/secrets/hello-env").ok()
    done = lain.start("restart", "--graceful", "--yes")
    assert done.returncode == FAILED, done.stderr
    assert "Secret hello-env does not exist" in done.stderr
    assert len(pods(api, core) & before) == 1


def test_a_pod_can_be_restarted_alone(api: Api, core: str, web: str, lain: Program) -> None:
    before = pods(api, core)
    one = min(before)
    lain("restart", one, "--yes")
    assert before - pods(api, core) == {one}


def test_waiting_ends_well_when_all_is_ready(web: str, lain: Program) -> None:
    done = lain.start("wait")
    assert done.returncode == 0
    told = done.stderr.splitlines()
    # Its container has no readiness probe.
    assert (told[0], told[-1]) == ("done   web: 2 of 2, up to date", "done   web stays up")


def test_waiting_ends_at_once_for_a_pod_that_cannot_start(
    api: Api, web: str, lain: Program, cluster: Cluster
) -> None:
    change(api, web, image=cluster.images["missing"])
    done = lain.start("wait", "web")
    assert done.returncode == NOT_READY
    assert "web's image is not in the registry" in done.stderr
    assert f"Image: {cluster.images['missing']}" in done.stderr


def test_waiting_ends_at_once_for_a_pod_that_crashes(
    api: Api, web: str, lain: Program, cluster: Cluster
) -> None:
    # Without a probe a pod counts as ready for the moment that it runs.
    probe = {"exec": {"command": ["true"]}, "initialDelaySeconds": 2}
    change(api, web, image=cluster.images["crash"], readinessProbe=probe)
    done = lain.start("wait", "web")
    assert done.returncode == NOT_READY
    assert "KeyError: 'MYSQL_HOST'" in done.stderr


def test_the_end_of_the_time_is_a_failure(api: Api, web: str, lain: Program) -> None:
    nowhere = {"spec": {"template": {"spec": {"nodeSelector": {"example.com/nowhere": "yes"}}}}}
    api.patch(web, nowhere).ok()
    done = lain.start("wait", "--timeout", "2s")
    assert done.returncode == NOT_READY
    assert "not ready after 2 s" in done.stderr


def test_a_job_prints_its_log_and_ends_with_the_commands_exit_code(web: str, lain: Program) -> None:
    small = ["--cpu", "100m", "--memory", "32Mi"]
    done = lain.start("job", "web", *small, "--yes", "--", "sh", "-c", "echo FOO is $FOO; exit 4")
    assert (done.returncode, done.stdout) == (4, "FOO is bar\n"), done.stderr
    assert lain("job", *small, "--yes", "--", "echo", "well") == "well\n"


def test_a_job_of_a_name_is_replaced_only_by_force(web: str, lain: Program) -> None:
    words = ["job", "web", "--cpu", "100m", "--memory", "32Mi", "--name", "once", "--yes"]
    lain(*words, "--", "true")
    assert lain.start(*words, "--", "true").returncode == REFUSED
    assert lain(*words, "--force", "--", "echo", "again") == "again\n"


def test_a_cronjob_runs_now(api: Api, daily: str, lain: Program) -> None:
    assert lain("create-job", "daily", "--yes") == "done\n"
    (work,) = json.loads(lain("jobs", "-o", "json"))["work"]
    assert work["runs"][0]["state"] == "done"


def test_a_cronjob_is_suspended_and_resumed(api: Api, daily: str, lain: Program) -> None:
    lain("suspend", "daily", "--yes")
    assert api.get(daily).ok()["spec"]["suspend"] is True
    assert lain.start("suspend", "daily", "--yes").returncode == REFUSED
    lain("resume", "daily", "--yes")
    assert api.get(daily).ok()["spec"]["suspend"] is False
