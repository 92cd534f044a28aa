"""Kinds that are served in a second version, and those that are only asked for by discovery."""

from __future__ import annotations

import json

import pytest

from tests.conftest import Cluster
from tests.contract.api import APPLY, STRATEGIC, TABLE, Api, Obj
from tests.contract.conftest import Program
from tests.contract.objects import deployment, pod

TARGET = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
MEMORY = {"type": "Resource", "resource": {"name": "memory", "target": {"type": "Utilization", "averageUtilization": 60}}}  # fmt: skip


@pytest.fixture
def first(namespace: str) -> str:
    """The path of autoscalers in the version of old."""
    return f"/apis/autoscaling/v1/namespaces/{namespace}/horizontalpodautoscalers"


@pytest.fixture
def second(first: str) -> str:
    return first.replace("/v1/", "/v2/", 1)


def autoscaler(**spec: object) -> Obj:
    return {"metadata": {"name": "web"}, "spec": {"maxReplicas": 3, "scaleTargetRef": TARGET, **spec}}


def cpu(share: int) -> Obj:
    target = {"type": "Utilization", "averageUtilization": share}
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


def test_an_autoscaler_of_the_first_version_is_one_of_the_second(api: Api, first: str, second: str) -> None:
    made = api.post(first, autoscaler(targetCPUUtilizationPercentage=70)).ok()
    assert (made["kind"], made["apiVersion"]) == ("HorizontalPodAutoscaler", "autoscaling/v1")
    assert made["spec"] == {**autoscaler()["spec"], "minReplicas": 1, "targetCPUUtilizationPercentage": 70}
    same = api.get(f"{second}/web").ok()
    assert same["apiVersion"] == "autoscaling/v2"
    assert same["metadata"]["uid"] == made["metadata"]["uid"]
    assert same["spec"]["metrics"] == [cpu(70)]


def test_what_the_first_version_has_no_field_for_is_in_annotations(api: Api, first: str, second: str) -> None:
    api.post(second, autoscaler(metrics=[cpu(50), MEMORY])).ok()
    seen = api.get(f"{first}/web").ok()
    assert seen["spec"]["targetCPUUtilizationPercentage"] == 50
    held = json.loads(seen["metadata"]["annotations"]["autoscaling.alpha.kubernetes.io/metrics"])
    assert [metric["type"] for metric in held] == ["Resource"]
    assert held[0]["resource"]["name"] == "memory"
    assert "annotations" not in api.get(f"{second}/web").ok()["metadata"]


def test_either_version_changes_the_one_object(api: Api, first: str, second: str) -> None:
    api.post(first, autoscaler(targetCPUUtilizationPercentage=70)).ok()
    for kind in ("application/merge-patch+json", STRATEGIC):
        change = {"spec": {"targetCPUUtilizationPercentage": 40, "maxReplicas": 5}}
        assert api.patch(f"{first}/web", change, kind).ok()["apiVersion"] == "autoscaling/v1"
    spec = api.get(f"{second}/web").ok()["spec"]
    assert (spec["maxReplicas"], spec["metrics"]) == (5, [cpu(40)])
    body = api.get(f"{first}/web").ok()
    body["spec"]["maxReplicas"] = 7
    api.put(f"{first}/web", body).ok()
    assert api.get(f"{second}/web").ok()["spec"]["maxReplicas"] == 7
    status = api.put(f"{first}/web", body).refused(409, "Conflict")
    assert status["message"].startswith(
        'Operation cannot be fulfilled on horizontalpodautoscalers.autoscaling "web"'
    )
    api.delete(f"{first}/web").ok()
    api.get(f"{second}/web").refused(404, "NotFound")


def test_a_list_and_a_watch_speak_the_version_they_are_asked_in(api: Api, first: str, second: str) -> None:
    listed = api.get(first).ok()
    assert (listed["kind"], listed["apiVersion"]) == ("HorizontalPodAutoscalerList", "autoscaling/v1")
    with api.watch(first, resourceVersion=listed["metadata"]["resourceVersion"]) as watch:
        api.post(second, autoscaler(metrics=[cpu(30)])).ok()
        event = watch.wait_for(lambda e: e["type"] == "ADDED")
    assert event["object"]["apiVersion"] == "autoscaling/v1"
    assert event["object"]["spec"]["targetCPUUtilizationPercentage"] == 30
    (item,) = api.get(first).ok()["items"]
    assert item["spec"]["targetCPUUtilizationPercentage"] == 30


def test_kubectl_autoscales(kubectl: Program, api: Api, apps: str, cluster: Cluster) -> None:
    api.post(f"{apps}/deployments", deployment("web", cluster.images["shell"], replicas=0)).ok()
    kubectl("autoscale", "deployment", "web", "--min=1", "--max=4", "--cpu=55%")
    shown = kubectl("get", "horizontalpodautoscalers.v1.autoscaling", "web", "-o", "json")
    assert json.loads(shown)["spec"]["targetCPUUtilizationPercentage"] == 55
    header, row = kubectl("get", "horizontalpodautoscalers.v1.autoscaling").splitlines()
    assert header.split() == ["NAME", "REFERENCE", "TARGETS", "MINPODS", "MAXPODS", "REPLICAS", "AGE"]
    assert row.split()[:2] == ["web", "Deployment/web"]
    assert "maxReplicas" in kubectl("explain", "hpa.spec", "--api-version=autoscaling/v1")


EVENTS = "/apis/events.k8s.io/v1/namespaces"


def test_an_event_is_the_same_in_both_groups(api: Api, core: str, namespace: str) -> None:
    old = {
        "metadata": {"name": "e.1"},
        "involvedObject": {"kind": "Pod", "name": "p", "namespace": namespace, "uid": "u"},
        "type": "Warning",
        "reason": "Spec",
        "message": "so it is",
        "count": 3,
        "firstTimestamp": "2026-01-01T00:00:00Z",
        "lastTimestamp": "2026-01-02T00:00:00Z",
        "source": {"component": "tester"},
    }
    api.post(f"{core}/events", old).ok()
    new = api.get(f"{EVENTS}/{namespace}/events/e.1").ok()
    assert (new["kind"], new["apiVersion"]) == ("Event", "events.k8s.io/v1")
    assert (new["note"], new["reason"], new["type"]) == ("so it is", "Spec", "Warning")
    assert new["regarding"] == {"kind": "Pod", "name": "p", "namespace": namespace, "uid": "u"}
    assert (new["deprecatedCount"], new["deprecatedSource"]) == (3, {"component": "tester"})
    assert new["deprecatedLastTimestamp"] == "2026-01-02T00:00:00Z"
    assert not {"message", "involvedObject", "count", "lastTimestamp", "source"} & new.keys()
    chosen = api.get(f"{EVENTS}/{namespace}/events", fieldSelector="regarding.name=p,type=Warning").ok()
    assert [item["metadata"]["name"] for item in chosen["items"]] == ["e.1"]
    status = api.get(f"{EVENTS}/{namespace}/events", fieldSelector="note=a").refused(400, "BadRequest")
    assert status["message"] == "field label not supported: note"


def test_what_happens_to_a_pod_is_watched_in_the_new_group(
    api: Api, core: str, namespace: str, cluster: Cluster
) -> None:
    with api.watch(f"{EVENTS}/{namespace}/events", within=120) as watch:
        api.post(f"{core}/pods", pod("p", cluster.images["shell"])).ok()
        event = watch.wait_for(lambda e: e["object"].get("reason") == "Scheduled")["object"]
    assert event["note"].startswith(f"Successfully assigned {namespace}/p to ")
    assert event["regarding"]["kind"] == "Pod"
    assert event["reportingController"] == "default-scheduler"
    assert event["eventTime"]


def test_custom_kinds_can_be_listed(api: Api, kubectl: Program) -> None:
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    listed = api.get(path).ok()
    assert (listed["kind"], listed["items"]) == ("CustomResourceDefinitionList", [])
    assert not api.get(path, accept=TABLE).ok()["rows"]
    api.get(f"{path}/widgets.example.com").refused(404, "NotFound")
    assert kubectl.start("get", "crd").stderr == "No resources found\n"
    found = kubectl("api-resources", "--api-group=apiextensions.k8s.io", "--no-headers").split()
    assert found[:2] == ["customresourcedefinitions", "crd,crds"]


def test_an_apply_of_the_first_version(api: Api, first: str, second: str) -> None:
    body = {**autoscaler(targetCPUUtilizationPercentage=20), "apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler"}  # fmt: skip
    assert api.apply(f"{first}/web", body).status == 201
    assert api.get(f"{second}/web").ok()["spec"]["metrics"] == [cpu(20)]
    body["apiVersion"] = "autoscaling/v2"
    status = api.request("PATCH", f"{first}/web", body, type=APPLY, fieldManager="tester")
    assert status.refused(400, "BadRequest")["message"].startswith(
        "invalid object type: autoscaling/v2, Kind="
    )
