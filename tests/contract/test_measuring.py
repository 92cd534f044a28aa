"""metrics.k8s.io: what pods and nodes use."""

from __future__ import annotations

import re

from tests.conftest import Cluster
from tests.contract.api import Api
from tests.contract.objects import pod

METRICS = "/apis/metrics.k8s.io/v1beta1"
CPU = re.compile(r"\d+[num]?")
MEMORY = re.compile(r"\d+(Ki|Mi)?")
WINDOW = re.compile(r"(\d+m)?\d+(\.\d+)?m?s")
"""A duration of Go's; the first one after a start may be short."""


def test_the_group_is_discovered(api: Api) -> None:
    resources = {r["name"]: r for r in api.get(METRICS).ok()["resources"]}
    assert {name: r["kind"] for name, r in resources.items()} == {
        "nodes": "NodeMetrics",
        "pods": "PodMetrics",
    }
    assert resources["pods"]["verbs"] == ["get", "list"]


def test_a_running_pod_is_measured(api: Api, core: str, namespace: str, cluster: Cluster) -> None:
    labels = {"measured": "yes"}
    api.post(f"{core}/pods", pod("p", cluster.images["shell"], labels=labels)).ok()
    path = f"{METRICS}/namespaces/{namespace}/pods"
    measured = api.eventually(f"{path}/p", lambda m: m.get("containers"), within=120)
    assert (measured["kind"], measured["apiVersion"]) == ("PodMetrics", "metrics.k8s.io/v1beta1")
    assert measured["metadata"]["labels"] == labels
    assert WINDOW.fullmatch(measured["window"])
    assert measured["timestamp"].endswith("Z")
    (container,) = measured["containers"]
    assert container["name"] == "main"
    assert CPU.fullmatch(container["usage"]["cpu"])
    assert MEMORY.fullmatch(container["usage"]["memory"])

    chosen = api.get(path, labelSelector="measured=yes").ok()
    assert [item["metadata"]["name"] for item in chosen["items"]] == ["p"]
    assert api.get(path, labelSelector="measured=no").ok()["items"] == []


def test_an_unmeasured_pod_is_not_found(api: Api, namespace: str) -> None:
    status = api.get(f"{METRICS}/namespaces/{namespace}/pods/nope").refused(404, "NotFound")
    assert status["details"]["kind"] == "pods"


def test_nodes_are_measured(api: Api) -> None:
    measured = api.eventually(f"{METRICS}/nodes", lambda m: m["items"], within=120)
    for node in measured["items"]:
        assert CPU.fullmatch(node["usage"]["cpu"])
        assert MEMORY.fullmatch(node["usage"]["memory"])
