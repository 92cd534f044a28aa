"""Get and list: selectors, pages, versions, and the other shapes an answer can have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import Cluster
from tests.contract.api import PARTIAL, PARTIAL_LIST, TABLE, Api, Obj
from tests.contract.objects import config_map, pod


@pytest.fixture
def five(api: Api, core: str) -> Iterator[str]:
    """The path of five config maps a … e: `tier` is front for a and b, back for c and d, absent for e."""
    tiers = {
        "a": {"tier": "front"},
        "b": {"tier": "front"},
        "c": {"tier": "back"},
        "d": {"tier": "back"},
        "e": {},
    }
    for name, labels in tiers.items():
        api.post(f"{core}/configmaps", config_map(name, labels={"of": "five", **labels})).ok()
    return f"{core}/configmaps"


def names(listed: Obj) -> list[str]:
    return [
        item["metadata"]["name"] for item in listed["items"] if item["metadata"]["name"] != "kube-root-ca.crt"
    ]


def test_an_object_is_read_as_it_was_written(api: Api, core: str) -> None:
    api.post(f"{core}/configmaps", config_map("one", {"key": "数值"}, annotations={"why": "because"})).ok()
    read = api.get(f"{core}/configmaps/one").ok()
    assert (read["apiVersion"], read["kind"]) == ("v1", "ConfigMap")
    assert read["data"] == {"key": "数值"}
    assert read["metadata"]["annotations"] == {"why": "because"}
    assert {"uid", "resourceVersion", "creationTimestamp", "managedFields"} <= read["metadata"].keys()


def test_what_is_not_there_is_named(api: Api, core: str) -> None:
    status = api.get(f"{core}/configmaps/nope").refused(404, "NotFound")
    assert status["message"] == 'configmaps "nope" not found'
    assert status["details"] == {"name": "nope", "kind": "configmaps"}


def test_a_kind_of_a_group_is_named_with_it(api: Api, apps: str) -> None:
    status = api.get(f"{apps}/deployments/nope").refused(404, "NotFound")
    assert status["message"] == 'deployments.apps "nope" not found'
    assert status["details"] == {"name": "nope", "group": "apps", "kind": "deployments"}


def test_an_unknown_kind_is_not_found(api: Api, core: str) -> None:
    status = api.get(f"{core}/widgets").refused(404, "NotFound")
    assert status["message"] == "the server could not find the requested resource"
    assert status["details"] == {}


def test_an_unknown_group_is_no_page(api: Api) -> None:
    answer = api.get("/apis/example.com/v1/widgets")
    assert (answer.status, answer.text) == (404, "404 page not found\n")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_a_list_says_its_version_and_leaves_the_items_kind_out(api: Api, five: str) -> None:
    listed = api.get(five).ok()
    assert (listed["kind"], listed["apiVersion"]) == ("ConfigMapList", "v1")
    assert int(listed["metadata"]["resourceVersion"]) > 0
    assert all("kind" not in item and "apiVersion" not in item for item in listed["items"])
    assert names(listed) == ["a", "b", "c", "d", "e"], "in order of their names"


def test_a_list_over_all_namespaces_holds_them_too(api: Api, five: str, namespace: str) -> None:
    listed = api.get("/api/v1/configmaps", labelSelector="of=five").ok()
    assert [i["metadata"]["name"] for i in listed["items"] if i["metadata"]["namespace"] == namespace] == [
        *"abcde"
    ]


@pytest.mark.parametrize(
    ("selector", "chosen"),
    [
        ("tier=front", "ab"),
        ("tier==back", "cd"),
        ("tier!=front", "cde"),
        ("tier in (front, back)", "abcd"),
        ("tier notin (front)", "cde"),
        ("tier", "abcd"),
        ("!tier", "e"),
        ("tier=front,of=five", "ab"),
        ("tier=nope", ""),
    ],
)
def test_labels_select(api: Api, five: str, selector: str, chosen: str) -> None:
    assert names(api.get(five, labelSelector=f"of,{selector}").ok()) == [*chosen]


def test_a_broken_label_selector_is_refused(api: Api, five: str) -> None:
    status = api.get(five, labelSelector="tier in front").refused(400, "BadRequest")
    assert status["message"].startswith("unable to parse requirement: found 'front', expected: \"(\"") or (
        "unable to parse" in status["message"]
    )


@pytest.mark.parametrize(
    ("selector", "chosen"),
    [("metadata.name=b", "b"), ("metadata.name!=b,metadata.name!=kube-root-ca.crt", "acde")],
)
def test_fields_select(api: Api, five: str, selector: str, chosen: str) -> None:
    assert names(api.get(five, fieldSelector=selector).ok()) == [*chosen]


def test_a_field_that_cannot_select_is_named(api: Api, core: str, five: str) -> None:
    status = api.get(five, fieldSelector="data.key=value").refused(400, "BadRequest")
    assert status["message"].endswith(
        '"data.key" is not a known field selector: only "metadata.name", "metadata.namespace"'
    )
    status = api.get(f"{core}/pods", fieldSelector="spec.hostname=h").refused(400, "BadRequest")
    assert status["message"].endswith("field label not supported: spec.hostname")


def test_pods_are_selected_by_node_and_phase(api: Api, core: str, cluster: Cluster) -> None:
    api.post(f"{core}/pods", pod("here", cluster.images["shell"])).ok()
    running = api.eventually(f"{core}/pods/here", lambda p: p["status"]["phase"] == "Running")
    node = running["spec"]["nodeName"]
    for selector, found in {
        f"spec.nodeName={node}": ["here"],
        "spec.nodeName=elsewhere": [],
        "status.phase=Running": ["here"],
        "status.phase!=Running": [],
        "spec.restartPolicy=Always,metadata.name=here": ["here"],
    }.items():
        assert names(api.get(f"{core}/pods", fieldSelector=selector).ok()) == found, selector


def test_events_are_selected_by_what_they_are_about(api: Api, core: str, namespace: str) -> None:
    for about in ("one", "two"):
        event = {
            "metadata": {"name": f"{about}.1"},
            "involvedObject": {"kind": "Pod", "name": about, "namespace": namespace, "uid": f"uid-{about}"},
            "type": "Warning",
            "reason": "Spec",
        }
        api.post(f"{core}/events", event).ok()
    for selector in (
        "involvedObject.name=two",
        "involvedObject.uid=uid-two",
        "involvedObject.kind=Pod,involvedObject.name=two",
    ):
        assert names(api.get(f"{core}/events", fieldSelector=selector).ok()) == ["two.1"]
    assert names(api.get(f"{core}/events", fieldSelector="type=Normal").ok()) == []


def test_endpoints_are_served_with_a_warning(api: Api, core: str) -> None:
    (warning,) = api.get(f"{core}/endpoints").warnings
    assert warning == "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"


def test_a_long_list_comes_in_pages_of_one_version(api: Api, five: str) -> None:
    first = api.get(five, limit=2, labelSelector="of=five").ok()
    assert names(first) == ["a", "b"]
    api.post(five, config_map("bb", labels={"of": "five"})).ok()

    second = api.get(
        five, limit=2, labelSelector="of=five", **{"continue": first["metadata"]["continue"]}
    ).ok()
    assert names(second) == ["c", "d"]
    assert second["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]

    last = api.get(
        five, limit=2, labelSelector="of=five", **{"continue": second["metadata"]["continue"]}
    ).ok()
    assert names(last) == ["e"]
    assert not last["metadata"].get("continue")


def test_a_page_says_how_many_are_left_when_nothing_selects(api: Api, five: str) -> None:
    total = len(api.get(five).ok()["items"])
    assert api.get(five, limit=2).ok()["metadata"]["remainingItemCount"] == total - 2
    assert "remainingItemCount" not in api.get(five, limit=2, labelSelector="of=five").ok()["metadata"]


def test_a_broken_continue_token_is_refused(api: Api, five: str) -> None:
    status = api.get(five, limit=2, **{"continue": "rubbish"}).refused(400, "BadRequest")
    assert "continue key is not valid" in status["message"]


def test_a_list_is_at_least_as_new_as_asked(api: Api, five: str) -> None:
    version = api.get(five).ok()["metadata"]["resourceVersion"]
    listed = api.get(five, resourceVersion=version, resourceVersionMatch="NotOlderThan").ok()
    assert int(listed["metadata"]["resourceVersion"]) >= int(version)
    cached = api.get(five, resourceVersion="0").ok()
    assert cached["metadata"]["resourceVersion"]


def test_a_list_can_be_exactly_as_old_as_asked(api: Api, five: str) -> None:
    version = api.get(five).ok()["metadata"]["resourceVersion"]
    api.delete(f"{five}/a").ok()
    exact = api.get(five, resourceVersion=version, resourceVersionMatch="Exact", limit=500).ok()
    assert exact["metadata"]["resourceVersion"] == version
    assert names(exact) == ["a", "b", "c", "d", "e"]


def test_a_list_from_the_future_times_out(api: Api, five: str) -> None:
    version = int(api.get(five).ok()["metadata"]["resourceVersion"]) + 1_000_000
    status = api.get(five, resourceVersion=version, resourceVersionMatch="NotOlderThan").refused(
        504, "Timeout"
    )
    assert status["message"].startswith(f"Timeout: Too large resource version: {version}, current: ")
    assert status["details"]["causes"] == [
        {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    ]


def test_match_without_a_version_is_refused(api: Api, five: str) -> None:
    status = api.get(five, resourceVersionMatch="Exact").refused(422, "Invalid")
    assert "resourceVersionMatch is forbidden unless resourceVersion is provided" in status["message"]


def test_a_table_has_the_columns_of_kubectl(api: Api, core: str, cluster: Cluster) -> None:
    api.post(f"{core}/pods", pod("shown", cluster.images["shell"])).ok()
    api.eventually(f"{core}/pods/shown", lambda p: p["status"]["phase"] == "Running")
    table = api.get(f"{core}/pods", accept=TABLE).ok()
    assert (table["kind"], table["apiVersion"]) == ("Table", "meta.k8s.io/v1")
    columns = {column["name"]: column for column in table["columnDefinitions"]}
    assert list(columns) == [
        "Name", "Ready", "Status", "Restarts", "Age", "IP", "Node", "Nominated Node", "Readiness Gates",
    ]  # fmt: skip
    assert [c["priority"] for c in columns.values()] == [0, 0, 0, 0, 0, 1, 1, 1, 1]
    (row,) = table["rows"]
    assert row["cells"][:4] == ["shown", "1/1", "Running", "0"]
    assert (row["object"]["kind"], row["object"]["metadata"]["name"]) == ("PartialObjectMetadata", "shown")
    assert "spec" not in row["object"]


def test_a_table_can_be_asked_for_without_objects(api: Api, five: str) -> None:
    table = api.get(five, accept=TABLE, includeObject="None", labelSelector="of").ok()
    assert [row["object"] for row in table["rows"]] == [None] * 5
    assert [row["cells"][:2] for row in table["rows"]] == [[name, 1] for name in "abcde"]


def test_metadata_alone_can_be_asked_for(api: Api, five: str) -> None:
    listed = api.get(five, accept=f"{PARTIAL_LIST},application/json", labelSelector="tier=front").ok()
    assert (listed["kind"], listed["apiVersion"]) == ("PartialObjectMetadataList", "meta.k8s.io/v1")
    assert names(listed) == ["a", "b"]
    assert all(item.keys() == {"metadata"} or "data" not in item for item in listed["items"])

    one = api.get(f"{five}/a", accept=PARTIAL).ok()
    assert (one["kind"], one["apiVersion"]) == ("PartialObjectMetadata", "meta.k8s.io/v1")
    assert one["metadata"]["labels"] == {"of": "five", "tier": "front"}
    assert "data" not in one


def test_the_server_says_who_it_is(api: Api) -> None:
    version = api.get("/version").ok()
    assert version["major"] == "1"
    assert version["gitVersion"].startswith(f"v1.{version['minor']}.")
    assert api.get("/readyz").text == "ok"


def test_discovery_lists_groups_and_kinds(api: Api) -> None:
    assert "v1" in api.get("/api").ok()["versions"]
    groups = {
        group["name"]: group["preferredVersion"]["version"] for group in api.get("/apis").ok()["groups"]
    }
    assert {
        "apps": "v1",
        "batch": "v1",
        "networking.k8s.io": "v1",
        "policy": "v1",
        "autoscaling": "v2",
    }.items() <= (groups.items())
    pods = {resource["name"]: resource for resource in api.get("/api/v1").ok()["resources"]}
    assert pods["pods"]["shortNames"] == ["po"]
    assert pods["pods"]["singularName"] == "pod"
    assert pods["pods"]["categories"] == ["all"]
    assert {"get", "list", "watch", "create", "delete", "deletecollection", "patch", "update"} == {
        *pods["pods"]["verbs"]
    }
    assert {"pods/log", "pods/exec", "pods/eviction", "pods/status"} <= pods.keys()
