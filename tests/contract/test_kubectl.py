"""kubectl, the client that everybody has, at its daily work."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.conftest import Cluster
from tests.contract.api import Api
from tests.contract.conftest import Program
from tests.contract.objects import config_map, deployment, pod


@pytest.fixture
def manifest(tmp_path: Path, cluster: Cluster) -> Path:
    """A file with a deployment of one and a config map."""
    path = tmp_path / "app.json"
    items = [deployment("web", cluster.images["shell"]), config_map("settings", {"colour": "red"})]
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    return path


def change(manifest: Path, old: str, new: str) -> None:
    text = manifest.read_text()
    assert old in text
    manifest.write_text(text.replace(old, new))


def test_get_shows_a_table(kubectl: Program, manifest: Path) -> None:
    kubectl("apply", "-f", str(manifest))
    kubectl("rollout", "status", "deployment/web", "--timeout=180s")
    head, row = kubectl("get", "deployments").splitlines()
    assert head.split() == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"]
    assert row.split()[:4] == ["web", "1/1", "1", "1"]
    wide = kubectl("get", "pods", "-o", "wide", "-l", "app=web").splitlines()
    assert wide[0].split()[:7] == ["NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE"]
    assert wide[1].split()[1:4] == ["1/1", "Running", "0"]
    assert kubectl("get", "deploy/web", "-o", "jsonpath={.spec.replicas}") == "1"
    assert kubectl("get", "all", "-o", "name").splitlines()[-2:][0].startswith("deployment.apps/web")


def test_get_says_when_there_is_nothing(kubectl: Program, namespace: str) -> None:
    done = kubectl.start("get", "pods")
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "",
        f"No resources found in {namespace} namespace.\n",
    )
    assert kubectl.fails("get", "pod", "nope") == 'Error from server (NotFound): pods "nope" not found\n'
    assert 'the server doesn\'t have a resource type "widgets"' in kubectl.fails("get", "widgets")


def test_get_watches(kubectl: Program) -> None:
    watch = kubectl.open("get", "configmaps", "--watch", "-o", "name")
    assert next(watch) == "configmap/kube-root-ca.crt"
    kubectl("create", "configmap", "early")
    kubectl("label", "configmap", "early", "seen=yes")
    assert [next(watch), next(watch)] == ["configmap/early"] * 2


def test_apply_creates_changes_and_leaves_alone(kubectl: Program, manifest: Path) -> None:
    assert kubectl("apply", "-f", str(manifest)).splitlines() == [
        "deployment.apps/web created",
        "configmap/settings created",
    ]
    assert kubectl("apply", "-f", str(manifest)).splitlines() == [
        "deployment.apps/web unchanged",
        "configmap/settings unchanged",
    ]
    change(manifest, '"red"', '"blue"')
    assert kubectl("apply", "-f", str(manifest)).splitlines() == [
        "deployment.apps/web unchanged",
        "configmap/settings configured",
    ]
    assert kubectl("get", "cm", "settings", "-o", "jsonpath={.data.colour}") == "blue"


def test_apply_removes_what_the_file_no_longer_has(kubectl: Program, manifest: Path) -> None:
    change(manifest, '{"colour": "red"}', '{"colour": "red", "shape": "round"}')
    kubectl("apply", "-f", str(manifest))
    change(manifest, ', "shape": "round"', "")
    kubectl("apply", "-f", str(manifest))
    assert json.loads(kubectl("get", "cm", "settings", "-o", "json"))["data"] == {"colour": "red"}


def test_apply_on_the_server(kubectl: Program, manifest: Path) -> None:
    assert kubectl("apply", "--server-side", "-f", str(manifest)).splitlines() == [
        "deployment.apps/web serverside-applied",
        "configmap/settings serverside-applied",
    ]
    kubectl("patch", "cm", "settings", "-p", '{"data":{"colour":"green"}}')
    refused = kubectl.fails("apply", "--server-side", "-f", str(manifest))
    assert 'Apply failed with 1 conflict: conflict with "kubectl-patch" using v1: .data.colour' in refused
    kubectl("apply", "--server-side", "--force-conflicts", "-f", str(manifest))
    assert kubectl("get", "cm", "settings", "-o", "jsonpath={.data.colour}") == "red"


def test_a_dry_run_on_the_server(kubectl: Program, manifest: Path) -> None:
    assert "configmap/settings created (server dry run)" in kubectl(
        "apply", "--dry-run=server", "-f", str(manifest)
    )
    assert kubectl.start("get", "cm", "settings").returncode == 1


def test_diff_shows_what_would_change(kubectl: Program, manifest: Path) -> None:
    kubectl("apply", "-f", str(manifest))
    assert kubectl("diff", "-f", str(manifest)) == ""
    change(manifest, '"red"', '"blue"')
    done = kubectl.start("diff", "-f", str(manifest))
    assert done.returncode == 1
    changed = [line for line in done.stdout.splitlines() if re.match(r"[-+] ", line)]
    assert changed == ["-  colour: red", "+  colour: blue"]


def test_validation_is_the_servers(kubectl: Program) -> None:
    body = deployment("web", "a:1")
    body["spec"]["replcas"] = body["spec"].pop("replicas")
    refused = kubectl.fails("apply", "-f", "-", input=json.dumps(body))
    assert 'strict decoding error: unknown field "spec.replcas"' in refused


def test_describe_tells_all_of_a_pod(kubectl: Program, api: Api, core: str, cluster: Cluster) -> None:
    kubectl("apply", "-f", "-", input=json.dumps(pod("crash", cluster.images["crash"])))
    about = f"{core}/events?fieldSelector=involvedObject.name%3Dcrash,reason%3DBackOff"
    api.eventually(about, lambda events: events["items"])
    told = kubectl("describe", "pod", "crash")
    assert re.search(r"^Name: +crash$", told, re.MULTILINE)
    assert re.search(r"^ +Exit Code: +1$", told, re.MULTILINE)
    assert re.search(r"^ +Reason: +CrashLoopBackOff|^ +Reason: +Error", told, re.MULTILINE)
    assert "Back-off restarting failed container main in pod crash_" in told


def test_describe_tells_all_of_a_deployment(kubectl: Program, manifest: Path) -> None:
    kubectl("apply", "-f", str(manifest))
    kubectl("rollout", "status", "deployment/web", "--timeout=180s")
    told = kubectl("describe", "deployment", "web")
    assert re.search(
        r"^Replicas: +1 desired \| 1 updated \| 1 total \| 1 available \| 0 unavailable$", told, re.M
    )
    assert re.search(r"^NewReplicaSet: +web-\w+ \(1/1 replicas created\)$", told, re.MULTILINE)
    assert "Scaled up replica set web-" in told


def test_a_rollout_is_waited_for_restarted_and_undone(kubectl: Program, manifest: Path) -> None:
    kubectl("apply", "-f", str(manifest))
    assert kubectl("rollout", "status", "deployment/web", "--timeout=180s").splitlines()[-1] == (
        'deployment "web" successfully rolled out'
    )
    (before,) = kubectl("get", "pods", "-o", "name").split()
    assert kubectl("rollout", "restart", "deployment/web") == "deployment.apps/web restarted\n"
    kubectl("rollout", "status", "deployment/web", "--timeout=180s")
    kubectl("wait", "--for=delete", before, "--timeout=180s")
    (after,) = kubectl("get", "pods", "-o", "name").split()
    assert after != before
    history = kubectl("rollout", "history", "deployment/web").splitlines()
    assert [line.split()[0] for line in history if line[:1].isdigit()] == ["1", "2"]
    assert kubectl("rollout", "undo", "deployment/web") == "deployment.apps/web rolled back\n"
    kubectl("rollout", "status", "deployment/web", "--timeout=180s")


def test_scale_and_wait(kubectl: Program, manifest: Path) -> None:
    kubectl("apply", "-f", str(manifest))
    assert kubectl("scale", "deployment/web", "--replicas=2") == "deployment.apps/web scaled\n"
    kubectl("wait", "--for=jsonpath={.status.readyReplicas}=2", "deployment/web", "--timeout=180s")
    assert kubectl("wait", "--for=condition=Available", "deployment/web", "--timeout=180s") == (
        "deployment.apps/web condition met\n"
    )


def test_delete_waits_until_it_is_gone(kubectl: Program, manifest: Path, namespace: str) -> None:
    kubectl("apply", "-f", str(manifest))
    kubectl("rollout", "status", "deployment/web", "--timeout=180s")
    told = kubectl("delete", "-f", str(manifest)).splitlines()
    assert told[0].startswith('deployment.apps "web" deleted')
    assert kubectl.start("get", "deployment", "web").returncode == 1
    assert kubectl("delete", "pods", "--all", "--wait=true", "--timeout=180s") is not None


def test_logs(kubectl: Program, api: Api, core: str, cluster: Cluster) -> None:
    kubectl("apply", "-f", "-", input=json.dumps(pod("talker", cluster.images["logs"])))
    kubectl("wait", "--for=condition=Ready", "pod/talker", "--timeout=180s")
    follower = kubectl.open("logs", "-f", "talker")
    assert [next(follower) for _ in range(25)] == [f"line {n}" for n in range(1, 26)]
    assert len(kubectl("logs", "talker", "--tail=2").splitlines()) == 2
    assert kubectl("logs", "talker", "--prefix", "--limit-bytes=6").startswith("[pod/talker/main] line 1")
    assert "previous terminated container" in kubectl.fails("logs", "-p", "talker")


def test_logs_of_many(kubectl: Program, api: Api, core: str, apps: str, cluster: Cluster) -> None:
    talkers = [{"name": name, "image": cluster.images["logs"]} for name in ("main", "side")]
    body = deployment("web", cluster.images["logs"], replicas=2)
    body["spec"]["template"]["spec"]["containers"] = talkers
    api.post(f"{apps}/deployments", body).ok()
    api.eventually(f"{apps}/deployments/web", lambda d: d["status"].get("readyReplicas") == 2)
    flags = ("--all-containers", "--prefix", "--tail=1", "--max-log-requests=4", "--ignore-errors")
    told = kubectl("logs", "-l", "app=web", *flags, "--insecure-skip-tls-verify-backend").splitlines()
    assert len(told) == 4
    assert {line.split("]")[0].rpartition("/")[2] for line in told} == {"main", "side"}
    assert len(kubectl("logs", "deployment/web", "--all-pods", "-c", "side", "--tail=1").splitlines()) == 2
    assert "line 1" in kubectl(
        "logs", "deployment/web", "-c", "side", "--since=1h", "--pod-running-timeout=1m"
    )
    since = ("--since-time=2020-01-01T00:00:00Z", "--timestamps")
    assert kubectl("logs", "deployment/web", "-c", "main", *since).split()[0].startswith("20")
    assert "you are attempting to follow 4 log streams, but maximum allowed concurrency is 3" in (
        kubectl.fails("logs", "-f", "-l", "app=web", "--all-containers", "--max-log-requests=3")
    )


def test_edit_by_replace_and_conflict(kubectl: Program) -> None:
    kubectl("create", "configmap", "one", "--from-literal=a=1")
    old = kubectl("get", "cm", "one", "-o", "json")
    kubectl("label", "cm", "one", "x=y")
    kubectl("annotate", "cm", "one", "why=because")
    refused = kubectl.fails("replace", "-f", "-", input=old)
    assert (
        "the object has been modified; please apply your changes to the latest version and try again"
        in refused
    )


def test_auth_can_i(kubectl: Program) -> None:
    assert kubectl("auth", "can-i", "delete", "pods") == "yes\n"


def test_explain_and_api_resources(kubectl: Program) -> None:
    listed = kubectl("api-resources", "--namespaced=true", "-o", "name").split()
    assert {"pods", "deployments.apps", "cronjobs.batch", "ingresses.networking.k8s.io"} <= set(listed)
    assert "KIND:       Deployment" in kubectl("explain", "deployment.spec.replicas")


def test_events_and_top(kubectl: Program, api: Api, core: str, namespace: str, cluster: Cluster) -> None:
    kubectl("apply", "-f", "-", input=json.dumps(pod("p", cluster.images["shell"])))
    kubectl("wait", "--for=condition=Ready", "pod/p", "--timeout=180s")
    assert re.search(r"Normal +Started +[pP]od/p +", kubectl("events", "--for", "pod/p"))
    metrics = f"/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods/p"
    api.eventually(metrics, lambda m: m.get("containers"), within=120)
    head, row = kubectl("top", "pod", "p").splitlines()
    assert head.split() == ["NAME", "CPU(cores)", "MEMORY(bytes)"]
    assert re.fullmatch(r"p +\d+m +\d+Mi *", row)


def test_the_past_of_a_stateful_set_and_the_way_back(kubectl: Program, cluster: Cluster) -> None:
    body = {**deployment("db", cluster.images["logs"]), "kind": "StatefulSet"}
    body["spec"]["serviceName"] = "db"
    kubectl("apply", "-f", "-", input=json.dumps(body))
    kubectl("rollout", "status", "sts/db", "--timeout=180s")
    kubectl("set", "image", "sts/db", f"main={cluster.images['shell']}")
    kubectl("rollout", "status", "sts/db", "--timeout=180s")
    history = kubectl("rollout", "history", "sts/db").splitlines()
    assert [line.split()[0] for line in history if line[:1].isdigit()] == ["1", "2"]
    assert kubectl("rollout", "undo", "sts/db") == "statefulset.apps/db rolled back\n"
    image = "jsonpath={.spec.template.spec.containers[0].image}"
    assert kubectl("get", "sts", "db", "-o", image) == cluster.images["logs"]
    kubectl("rollout", "status", "sts/db", "--timeout=180s")
    history = kubectl("rollout", "history", "sts/db").splitlines()
    assert [line.split()[0] for line in history if line[:1].isdigit()] == ["2", "3"]
    assert "Create Pod db-0 in StatefulSet db successful" in kubectl("events", "--for", "sts/db")


def test_apply_moves_to_the_server_without_a_change(
    kubectl: Program, api: Api, core: str, cluster: Cluster
) -> None:
    """kubectl hands the fields of the one way over to the other: what admission has added is not among them."""
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "once"}}
    template = {
        "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": cluster.images["done"]}]}
    }
    both = "---\n".join(
        json.dumps(body) + "\n"
        for body in (pod("shell", cluster.images["shell"]), {**job, "spec": {"template": template}})
    )
    kubectl("apply", "-f", "-", input=both)
    kubectl("wait", "--for=condition=Ready", "pod/shell", "--timeout=180s")
    before = api.get(f"{core}/pods/shell").ok()["spec"]
    done = kubectl.start("apply", "--server-side", "--force-conflicts", "-f", "-", input=both)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["pod/shell serverside-applied", "job.batch/once serverside-applied"]
    assert api.get(f"{core}/pods/shell").ok()["spec"] == before


def test_copying_into_a_container_and_out_of_it(kubectl: Program, cluster: Cluster, tmp_path: Path) -> None:
    kubectl("apply", "-f", "-", input=json.dumps(pod("shell", cluster.images["shell"])))
    kubectl("wait", "--for=condition=Ready", "pod/shell", "--timeout=180s")
    (tmp_path / "folder/inner").mkdir(parents=True)
    (tmp_path / "folder/inner/file").write_text("by hand\n")
    kubectl("cp", str(tmp_path / "folder/inner/file"), "shell:/tmp/file")
    kubectl("cp", str(tmp_path / "folder"), "shell:/tmp/folder")
    assert kubectl("exec", "shell", "--", "cat", "/tmp/file", "/tmp/folder/inner/file") == "by hand\n" * 2
    kubectl("cp", "shell:/tmp/folder", str(tmp_path / "back"))
    assert (tmp_path / "back/inner/file").read_text() == "by hand\n"
    for test, code in (
        ("-d /tmp/folder", 0),
        ("-d /tmp/file", 1),
        ("-f /tmp/file", 0),
        ("-f /tmp/folder", 1),
    ):
        assert kubectl.start("exec", "shell", "--", "test", *test.split()).returncode == code, test


def test_what_one_may_is_listed(kubectl: Program) -> None:
    listed = kubectl("auth", "can-i", "--list").splitlines()
    assert listed[1].split() == ["*.*", "[]", "[]", "[*]"]
    assert {line.split()[0] for line in listed[1:]} >= {
        "selfsubjectaccessreviews.authorization.k8s.io",
        "selfsubjectreviews.authentication.k8s.io",
        "[/healthz]",
    }


def test_get_all_is_in_the_order_of_discovery(kubectl: Program, manifest: Path, cluster: Cluster) -> None:
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "once"}}
    template = {
        "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": cluster.images["done"]}]}
    }
    kubectl("apply", "-f", "-", input=json.dumps({**job, "spec": {"template": template}}))
    kubectl("apply", "-f", str(manifest))
    kubectl("create", "cronjob", "tick", "--image=a", "--schedule=0 0 1 1 *")
    kubectl("autoscale", "deployment/web", "--max=3")
    listed = [line.partition("/")[0] for line in kubectl("get", "all", "-o", "name").split()]
    assert list(dict.fromkeys(listed)) == [
        "pod", "deployment.apps", "replicaset.apps", "horizontalpodautoscaler.autoscaling", "cronjob.batch", "job.batch",
    ]  # fmt: skip
    assert kubectl("get", "sa").split()[:2] == ["NAME", "AGE"]
