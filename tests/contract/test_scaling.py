"""Workloads: rollouts as the controllers of a cluster carry them out."""

from __future__ import annotations

import pytest

from tests.conftest import Cluster
from tests.contract.api import STRATEGIC, Api, Obj
from tests.contract.objects import deployment, template


@pytest.fixture
def web(api: Api, apps: str, cluster: Cluster) -> str:
    """The path of a healthy deployment of two."""
    api.post(f"{apps}/deployments", deployment("web", cluster.images["shell"], replicas=2)).ok()
    api.eventually(f"{apps}/deployments/web", lambda d: d["status"].get("availableReplicas") == 2)
    return f"{apps}/deployments/web"


def rolled_out(d: Obj) -> bool:
    status = d["status"]
    wanted = d["spec"]["replicas"]
    return bool(
        status.get("observedGeneration") == d["metadata"]["generation"]
        and status.get("updatedReplicas")
        == status.get("replicas")
        == status.get("availableReplicas")
        == wanted
    )


def test_a_healthy_deployment_says_so(api: Api, web: str) -> None:
    status = api.eventually(web, rolled_out)["status"]
    conditions = {c["type"]: (c["status"], c["reason"]) for c in status["conditions"]}
    assert conditions == {
        "Available": ("True", "MinimumReplicasAvailable"),
        "Progressing": ("True", "NewReplicaSetAvailable"),
    }
    assert (status["replicas"], status["readyReplicas"], status["updatedReplicas"]) == (2, 2, 2)
    assert "unavailableReplicas" not in status


def test_its_replica_set_and_pods_are_owned(api: Api, core: str, apps: str, web: str) -> None:
    made = api.get(web).ok()
    assert made["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "1"
    (owned,) = api.get(f"{apps}/replicasets", labelSelector="app=web").ok()["items"]
    (reference,) = owned["metadata"]["ownerReferences"]
    assert reference == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "name": "web",
        "uid": made["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
    token = owned["metadata"]["labels"]["pod-template-hash"]
    assert owned["metadata"]["name"] == f"web-{token}"
    for each in api.get(f"{core}/pods", labelSelector="app=web").ok()["items"]:
        assert each["metadata"]["name"].startswith(f"web-{token}-")
        assert each["metadata"]["labels"]["pod-template-hash"] == token
        assert each["metadata"]["ownerReferences"][0]["uid"] == owned["metadata"]["uid"]


def test_scaling_by_the_scale_door(api: Api, core: str, web: str) -> None:
    scale = api.get(f"{web}/scale").ok()
    assert (scale["kind"], scale["apiVersion"]) == ("Scale", "autoscaling/v1")
    assert (scale["spec"]["replicas"], scale["status"]) == (2, {"replicas": 2, "selector": "app=web"})
    api.patch(f"{web}/scale", {"spec": {"replicas": 1}}).ok()
    api.eventually(web, rolled_out)
    api.eventually(f"{core}/pods?labelSelector=app%3Dweb", lambda pods: len(pods["items"]) == 1)


@pytest.mark.parametrize(
    ("metadata", "replicas", "code", "reason", "message"),
    [
        ({"name": "web"}, -1, 422, "Invalid",
         'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0'),
        ({"name": "web"}, "x", 400, "BadRequest",
         'Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal string into Go struct field '
         "ScaleSpec.spec.replicas of type int32"),
        ({"name": "other"}, 1, 400, "BadRequest",
         "the name of the object (other) does not match the name on the URL (web)"),
        ({}, 1, 400, "BadRequest",
         "the name of the object (web based on URL) was undeterminable: name must be provided"),
    ],
    ids=["negative", "no number", "another name", "no name"],
)  # fmt: skip
def test_what_cannot_be_scaled_to(
    api: Api, apps: str, namespace: str, metadata: Obj, replicas: object, code: int, reason: str, message: str
) -> None:
    api.post(f"{apps}/deployments", deployment("web", "example.com/none:1", replicas=0)).ok()
    where = {"namespace": namespace, **metadata} if metadata else {}
    answer = api.put(f"{apps}/deployments/web/scale", {"metadata": where, "spec": {"replicas": replicas}})
    assert answer.refused(code, reason)["message"] == message


def test_a_new_template_rolls_the_pods(api: Api, core: str, apps: str, web: str) -> None:
    before = {p["metadata"]["name"] for p in api.get(f"{core}/pods", labelSelector="app=web").ok()["items"]}
    env = {
        "spec": {
            "template": {"spec": {"containers": [{"name": "main", "env": [{"name": "A", "value": "1"}]}]}}
        }
    }
    api.patch(web, env, STRATEGIC).ok()
    done = api.eventually(web, rolled_out)
    assert done["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "2"
    after = api.eventually(f"{core}/pods?labelSelector=app%3Dweb", lambda pods: len(pods["items"]) == 2)
    assert not before & {p["metadata"]["name"] for p in after["items"]}
    sets = api.get(f"{apps}/replicasets", labelSelector="app=web").ok()["items"]
    assert sorted(s["spec"]["replicas"] for s in sets) == [0, 2]


def test_a_deleted_pod_comes_again(api: Api, core: str, web: str) -> None:
    first = api.get(f"{core}/pods", labelSelector="app=web").ok()["items"][0]["metadata"]["name"]
    api.delete(f"{core}/pods/{first}").ok()
    api.gone(f"{core}/pods/{first}")
    api.eventually(web, rolled_out)


def test_a_rollout_past_its_deadline_says_so(api: Api, apps: str, cluster: Cluster) -> None:
    body = deployment("late", cluster.images["missing"], progressDeadlineSeconds=2)
    api.post(f"{apps}/deployments", body).ok()

    def late(d: Obj) -> bool:
        return any(c["reason"] == "ProgressDeadlineExceeded" for c in d["status"].get("conditions", []))

    stuck = api.eventually(f"{apps}/deployments/late", late)
    (condition,) = (c for c in stuck["status"]["conditions"] if c["type"] == "Progressing")
    (owned,) = api.get(f"{apps}/replicasets", labelSelector="app=late").ok()["items"]
    assert condition["status"] == "False"
    assert condition["message"] == f'ReplicaSet "{owned["metadata"]["name"]}" has timed out progressing.'


def test_a_stateful_set_numbers_its_pods(api: Api, core: str, apps: str, cluster: Cluster) -> None:
    body = {
        "metadata": {"name": "db"},
        "spec": {
            "serviceName": "db",
            "replicas": 2,
            "selector": {"matchLabels": {"app": "db"}},
            "template": template("db", cluster.images["shell"]),
        },
    }
    api.post(f"{apps}/statefulsets", body).ok()
    done = api.eventually(f"{apps}/statefulsets/db", lambda s: s["status"].get("readyReplicas") == 2)
    pods = api.get(f"{core}/pods", labelSelector="app=db").ok()["items"]
    assert [p["metadata"]["name"] for p in pods] == ["db-0", "db-1"]
    assert pods[1]["metadata"]["labels"]["apps.kubernetes.io/pod-index"] == "1"
    assert pods[0]["metadata"]["labels"]["controller-revision-hash"] == done["status"]["currentRevision"]


def test_a_job_runs_to_its_end(api: Api, core: str, namespace: str, cluster: Cluster) -> None:
    batch = f"/apis/batch/v1/namespaces/{namespace}"
    spec = {"template": template("once", cluster.images["done"], restartPolicy="Never")}
    api.post(f"{batch}/jobs", {"metadata": {"name": "once"}, "spec": spec}).ok()
    done = api.eventually(f"{batch}/jobs/once", lambda j: j["status"].get("completionTime"))
    assert done["status"]["succeeded"] == 1
    conditions = {c["type"]: c["status"] for c in done["status"]["conditions"]}
    assert conditions["Complete"] == "True"
    (made,) = api.get(f"{core}/pods", labelSelector="batch.kubernetes.io/job-name=once").ok()["items"]
    assert made["metadata"]["labels"]["job-name"] == "once"
    assert made["metadata"]["name"].startswith("once-")


def test_a_failing_job_gives_up(api: Api, namespace: str, cluster: Cluster) -> None:
    batch = f"/apis/batch/v1/namespaces/{namespace}"
    spec = {"backoffLimit": 0, "template": template("bad", cluster.images["crash"], restartPolicy="Never")}
    api.post(f"{batch}/jobs", {"metadata": {"name": "bad"}, "spec": spec}).ok()

    def failed(j: Obj) -> bool:
        return any(c["type"] == "Failed" and c["status"] == "True" for c in j["status"].get("conditions", []))

    done = api.eventually(f"{batch}/jobs/bad", failed)
    (condition,) = (c for c in done["status"]["conditions"] if c["type"] == "Failed")
    assert (condition["reason"], condition["message"]) == (
        "BackoffLimitExceeded",
        "Job has reached the specified backoff limit",
    )
