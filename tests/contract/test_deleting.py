"""Deletion: preconditions, finalizers, owners, and pods that are given time to end."""

from __future__ import annotations

import time

from tests.conftest import Cluster
from tests.contract.api import Api
from tests.contract.objects import config_map, deployment, pod


def test_deleting_answers_success_and_it_is_gone(api: Api, core: str) -> None:
    made = api.post(f"{core}/configmaps", config_map("one")).ok()
    status = api.delete(f"{core}/configmaps/one").ok()
    assert (status["kind"], status["status"]) == ("Status", "Success")
    assert status["details"] == {"name": "one", "kind": "configmaps", "uid": made["metadata"]["uid"]}
    api.get(f"{core}/configmaps/one").refused(404, "NotFound")
    api.delete(f"{core}/configmaps/one").refused(404, "NotFound")


def test_preconditions_must_hold(api: Api, core: str) -> None:
    made = api.post(f"{core}/configmaps", config_map("one")).ok()
    path = f"{core}/configmaps/one"
    uid, version = made["metadata"]["uid"], made["metadata"]["resourceVersion"]
    status = api.delete(path, {"preconditions": {"uid": "another"}}).refused(409, "Conflict")
    assert status["message"] == (
        f'Operation cannot be fulfilled on ConfigMap "one": the UID in the precondition (another) does not match '
        f"the UID in record ({uid}). The object might have been deleted and then recreated"
    )
    status = api.delete(path, {"preconditions": {"resourceVersion": "1"}}).refused(409, "Conflict")
    assert status["message"] == (
        'Operation cannot be fulfilled on ConfigMap "one": the ResourceVersion in the precondition (1) does not '
        f"match the ResourceVersion in record ({version}). The object might have been modified"
    )
    api.delete(path, {"preconditions": {"uid": uid, "resourceVersion": version}}).ok()


def test_a_collection_is_deleted_by_selector(api: Api, core: str) -> None:
    for name, wanted in {"a": "no", "b": "no", "c": "yes"}.items():
        api.post(f"{core}/configmaps", config_map(name, labels={"wanted": wanted})).ok()
    api.delete(f"{core}/configmaps", labelSelector="wanted=no").ok()
    left = api.get(f"{core}/configmaps", labelSelector="wanted").ok()["items"]
    assert [item["metadata"]["name"] for item in left] == ["c"]


def test_a_finalizer_holds_an_object(api: Api, core: str) -> None:
    path = f"{core}/configmaps/held"
    made = api.post(f"{core}/configmaps", config_map("held", finalizers=["example.com/hold"])).ok()
    deleted = api.delete(path).ok()
    assert deleted["metadata"]["uid"] == made["metadata"]["uid"], "the answer is the object, not a Status"
    held = api.get(path).ok()["metadata"]
    assert held["deletionTimestamp"]
    assert held["deletionGracePeriodSeconds"] == 0

    api.patch(path, {"metadata": {"finalizers": ["example.com/hold", "example.com/more"]}}).refused(
        422, "Invalid"
    )
    api.patch(path, {"metadata": {"finalizers": []}}).ok()
    api.get(path).refused(404, "NotFound")


def owner(of: dict[str, object], *, block: bool = False) -> dict[str, object]:
    metadata = of["metadata"]
    assert isinstance(metadata, dict)
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": metadata["name"], "uid": metadata["uid"]}
    return {**reference, "blockOwnerDeletion": True} if block else reference


def test_what_an_object_owns_goes_with_it(api: Api, core: str) -> None:
    parent = api.post(f"{core}/configmaps", config_map("parent")).ok()
    api.post(f"{core}/configmaps", config_map("child", ownerReferences=[owner(parent)])).ok()
    api.delete(f"{core}/configmaps/parent").ok()
    api.gone(f"{core}/configmaps/child")


def test_orphans_stay(api: Api, core: str) -> None:
    parent = api.post(f"{core}/configmaps", config_map("parent")).ok()
    api.post(f"{core}/configmaps", config_map("child", ownerReferences=[owner(parent)])).ok()
    api.delete(f"{core}/configmaps/parent", {"propagationPolicy": "Orphan"}).ok()
    api.gone(f"{core}/configmaps/parent")
    assert not api.get(f"{core}/configmaps/child").ok()["metadata"].get("ownerReferences")


def test_foreground_deletion_waits_for_the_owned(api: Api, core: str) -> None:
    parent = api.post(f"{core}/configmaps", config_map("parent")).ok()
    child = config_map("child", ownerReferences=[owner(parent, block=True)], finalizers=["example.com/hold"])
    api.post(f"{core}/configmaps", child).ok()
    api.delete(f"{core}/configmaps/parent", {"propagationPolicy": "Foreground"}).ok()
    held = api.eventually(f"{core}/configmaps/child", lambda c: "deletionTimestamp" in c["metadata"])
    waiting = api.get(f"{core}/configmaps/parent").ok()
    assert waiting["metadata"]["finalizers"] == ["foregroundDeletion"]
    assert held["metadata"]["finalizers"] == ["example.com/hold"]
    api.patch(f"{core}/configmaps/child", {"metadata": {"finalizers": None}}).ok()
    api.gone(f"{core}/configmaps/parent")


def test_an_object_of_an_owner_that_never_was_goes(api: Api, core: str) -> None:
    ghost = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "name": "ghost",
        "uid": "00000000-0000-4000-8000-000000000000",
    }
    api.post(f"{core}/configmaps", config_map("child", ownerReferences=[ghost])).ok()
    api.gone(f"{core}/configmaps/child")


def test_a_deployment_takes_its_pods_along(api: Api, core: str, apps: str, cluster: Cluster) -> None:
    api.post(f"{apps}/deployments", deployment("web", cluster.images["shell"], replicas=2)).ok()
    api.eventually(f"{apps}/deployments/web", lambda d: d["status"].get("readyReplicas") == 2)
    api.delete(f"{apps}/deployments/web").ok()
    api.eventually(f"{core}/pods?labelSelector=app%3Dweb", lambda pods: pods["items"] == [])
    api.eventually(f"{apps}/replicasets", lambda sets: sets["items"] == [])


def test_a_pod_is_given_time_to_end(api: Api, core: str, cluster: Cluster) -> None:
    path = f"{core}/pods/slow"
    api.post(
        f"{core}/pods", pod("slow", cluster.images["slow"], spec={"terminationGracePeriodSeconds": 20})
    ).ok()
    api.eventually(path, lambda p: p["status"]["phase"] == "Running")
    start = time.monotonic()
    deleted = api.delete(path).ok()
    assert deleted["kind"] == "Pod"
    assert deleted["metadata"]["deletionGracePeriodSeconds"] == 20
    assert api.get(path).ok()["metadata"]["deletionTimestamp"]
    api.gone(path)
    assert 2 < time.monotonic() - start < 15, "it ends after its three seconds, long before the twenty"


def test_the_grace_can_be_shortened(api: Api, core: str, cluster: Cluster) -> None:
    path = f"{core}/pods/slow"
    api.post(
        f"{core}/pods", pod("slow", cluster.images["slow"], spec={"terminationGracePeriodSeconds": 60})
    ).ok()
    api.eventually(path, lambda p: p["status"]["phase"] == "Running")
    assert api.delete(path, {"gracePeriodSeconds": 30}).ok()["metadata"]["deletionGracePeriodSeconds"] == 30
    again = api.delete(path, gracePeriodSeconds=2).ok()
    assert again["metadata"]["deletionGracePeriodSeconds"] == 2


def test_a_pod_can_be_deleted_at_once(api: Api, core: str, cluster: Cluster) -> None:
    path = f"{core}/pods/slow"
    api.post(
        f"{core}/pods", pod("slow", cluster.images["slow"], spec={"terminationGracePeriodSeconds": 60})
    ).ok()
    api.eventually(path, lambda p: p["status"]["phase"] == "Running")
    api.delete(path, gracePeriodSeconds=0).ok()
    api.get(path).refused(404, "NotFound")


def test_a_pod_that_never_got_a_node_goes_at_once(api: Api, core: str) -> None:
    body = pod("homeless", "a:1", spec={"nodeSelector": {"example.com/nowhere": "yes"}})
    api.post(f"{core}/pods", body).ok()
    api.delete(f"{core}/pods/homeless").ok()
    api.gone(f"{core}/pods/homeless", within=5)


def test_a_policy_that_does_not_exist_is_refused(api: Api, core: str) -> None:
    api.post(f"{core}/configmaps", config_map("c")).ok()
    status = api.delete(f"{core}/configmaps/c", {"propagationPolicy": "Sideways"}).refused(422, "Invalid")
    assert status["message"].endswith('supported values: "Foreground", "Background", "Orphan", "nil"')
    api.get(f"{core}/configmaps/c").ok()
