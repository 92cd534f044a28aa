"""Patches: merge, strategic merge and JSON patch."""

from __future__ import annotations

import base64

import pytest

from tests.contract.api import JSON, JSON_PATCH, MERGE, STRATEGIC, Api, Obj
from tests.contract.objects import config_map, deployment, service


@pytest.fixture
def web(api: Api, apps: str) -> str:
    """The path of a deployment of no replicas with two containers and two variables."""
    body = deployment("web", "a:1", replicas=0)
    spec = body["spec"]["template"]["spec"]
    spec["containers"] = [
        {"name": "main", "image": "a:1", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]},
        {"name": "side", "image": "b:1", "ports": [{"containerPort": 80}, {"containerPort": 81}]},
    ]
    spec["tolerations"] = [{"key": "a", "operator": "Exists"}, {"key": "b", "operator": "Exists"}]
    api.post(f"{apps}/deployments", body).ok()
    return f"{apps}/deployments/web"


def of_pods(body: Obj) -> Obj:
    return {"spec": {"template": {"spec": body}}}


def pod_spec(answer: Obj) -> Obj:
    spec: Obj = answer["spec"]["template"]["spec"]
    return spec


# ---- merge patch (RFC 7386)


def test_merge_adds_changes_and_removes_keys(api: Api, core: str) -> None:
    api.post(f"{core}/configmaps", config_map("one", {"keep": "1", "change": "1", "drop": "1"})).ok()
    patch = {"data": {"change": "2", "drop": None, "new": "3"}}
    assert api.patch(f"{core}/configmaps/one", patch, MERGE).ok()["data"] == {
        "keep": "1",
        "change": "2",
        "new": "3",
    }


def test_merge_replaces_whole_lists(api: Api, web: str) -> None:
    patch = of_pods({"containers": [{"name": "only", "image": "c:1"}]})
    assert [c["name"] for c in pod_spec(api.patch(web, patch, MERGE).ok())["containers"]] == ["only"]


def test_a_patch_with_a_version_is_conditional(api: Api, core: str) -> None:
    made = api.post(f"{core}/configmaps", config_map("one")).ok()
    path = f"{core}/configmaps/one"
    api.patch(path, {"data": {"key": "new"}}).ok()
    old = {"metadata": {"resourceVersion": made["metadata"]["resourceVersion"]}, "data": {"key": "late"}}
    api.patch(path, old).refused(409, "Conflict")


def test_a_patch_that_changes_nothing_makes_no_version(api: Api, core: str) -> None:
    made = api.post(f"{core}/configmaps", config_map("one")).ok()
    same = api.patch(f"{core}/configmaps/one", {"data": {"key": "value"}}).ok()
    assert same["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]


def test_nothing_to_patch(api: Api, core: str) -> None:
    api.patch(f"{core}/configmaps/nope", {"data": {}}).refused(404, "NotFound")


def test_a_patch_of_no_known_kind_is_refused(api: Api, core: str) -> None:
    api.post(f"{core}/configmaps", config_map("one")).ok()
    status = api.patch(f"{core}/configmaps/one", {}, JSON).refused(415, "UnsupportedMediaType")
    assert status["message"] == "415: Unsupported Media Type"


# ---- strategic merge patch


def test_strategic_merges_containers_by_name(api: Api, web: str) -> None:
    patched = pod_spec(
        api.patch(web, of_pods({"containers": [{"name": "side", "image": "b:2"}]}), STRATEGIC).ok()
    )
    assert {c["name"]: c["image"] for c in patched["containers"]} == {"main": "a:1", "side": "b:2"}


def test_strategic_merges_variables_by_name(api: Api, web: str) -> None:
    env = [{"name": "B", "value": "two"}, {"name": "C", "value": "3"}]
    patched = pod_spec(
        api.patch(web, of_pods({"containers": [{"name": "main", "env": env}]}), STRATEGIC).ok()
    )
    (main,) = (c for c in patched["containers"] if c["name"] == "main")
    assert {e["name"]: e["value"] for e in main["env"]} == {"A": "1", "B": "two", "C": "3"}


def test_strategic_deletes_one_of_a_list(api: Api, web: str) -> None:
    patch = of_pods({"containers": [{"name": "side", "$patch": "delete"}]})
    assert [c["name"] for c in pod_spec(api.patch(web, patch, STRATEGIC).ok())["containers"]] == ["main"]


def test_strategic_replaces_when_told(api: Api, web: str) -> None:
    patch = of_pods({"containers": [{"name": "new", "image": "c:1"}, {"$patch": "replace"}]})
    assert [c["name"] for c in pod_spec(api.patch(web, patch, STRATEGIC).ok())["containers"]] == ["new"]


def test_strategic_takes_an_order(api: Api, web: str) -> None:
    patch = of_pods({"$setElementOrder/containers": [{"name": "side"}, {"name": "main"}]})
    assert [c["name"] for c in pod_spec(api.patch(web, patch, STRATEGIC).ok())["containers"]] == [
        "side",
        "main",
    ]


def test_strategic_deletes_from_a_list_of_plain_values(api: Api, core: str) -> None:
    api.post(f"{core}/configmaps", config_map("one", finalizers=["example.com/a", "example.com/b"])).ok()
    patch = {"metadata": {"$deleteFromPrimitiveList/finalizers": ["example.com/a"]}}
    patched = api.patch(f"{core}/configmaps/one", patch, STRATEGIC).ok()
    assert patched["metadata"]["finalizers"] == ["example.com/b"]
    api.patch(f"{core}/configmaps/one", {"metadata": {"finalizers": None}}).ok()


def test_strategic_keeps_only_some_keys_when_told(api: Api, web: str) -> None:
    """`$retainKeys` is how kubectl changes a strategy without the other strategy's fields staying behind."""
    patch = {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}
    assert api.patch(web, patch, STRATEGIC).ok()["spec"]["strategy"] == {"type": "Recreate"}


def test_strategic_merges_ports_by_number(api: Api, core: str) -> None:
    api.post(f"{core}/services", service("web")).ok()
    patch = {"spec": {"ports": [{"port": 81, "name": "more"}]}}
    patched = api.patch(f"{core}/services/web", patch, STRATEGIC).ok()
    assert {p["port"] for p in patched["spec"]["ports"]} == {80, 81}


def test_strategic_replaces_lists_without_a_key(api: Api, web: str) -> None:
    patch = of_pods({"tolerations": [{"key": "c", "operator": "Exists"}]})
    assert [t["key"] for t in pod_spec(api.patch(web, patch, STRATEGIC).ok())["tolerations"]] == ["c"]


def test_strategic_leaves_labels_and_removes_nulls(api: Api, web: str) -> None:
    api.patch(web, {"metadata": {"labels": {"a": "1", "b": "2"}}}, STRATEGIC).ok()
    patched = api.patch(web, {"metadata": {"labels": {"a": None, "c": "3"}}}, STRATEGIC).ok()
    assert patched["metadata"]["labels"] == {"app": "web", "b": "2", "c": "3"}


def test_string_data_is_merged_into_a_secret(api: Api, core: str) -> None:
    api.post(f"{core}/secrets", {"metadata": {"name": "s"}, "stringData": {"a": "1", "b": "1"}}).ok()
    patched = api.patch(f"{core}/secrets/s", {"stringData": {"b": "2"}, "data": {"a": None}}, STRATEGIC).ok()
    assert {key: base64.b64decode(value) for key, value in patched["data"].items()} == {"b": b"2"}


# ---- JSON patch (RFC 6902)


def test_json_patch_runs_its_operations_in_order(api: Api, core: str) -> None:
    api.post(f"{core}/configmaps", config_map("one", {"a": "1", "b": "2"})).ok()
    patched = api.patch(
        f"{core}/configmaps/one",
        [
            {"op": "test", "path": "/data/a", "value": "1"},
            {"op": "replace", "path": "/data/a", "value": "one"},
            {"op": "remove", "path": "/data/b"},
            {"op": "add", "path": "/data/c", "value": "3"},
            {"op": "copy", "from": "/data/c", "path": "/data/d"},
            {"op": "move", "from": "/data/a", "path": "/data/e"},
            {"op": "add", "path": "/metadata/annotations", "value": {"example.com/x": "y"}},
            {"op": "replace", "path": "/metadata/annotations/example.com~1x", "value": "z"},
        ],
        JSON_PATCH,
    ).ok()
    assert patched["data"] == {"c": "3", "d": "3", "e": "one"}
    assert patched["metadata"]["annotations"] == {"example.com/x": "z"}


def test_json_patch_changes_lists_by_place(api: Api, web: str) -> None:
    patched = api.patch(
        web,
        [
            {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "a:2"},
            {
                "op": "add",
                "path": "/spec/template/spec/containers/0/env/-",
                "value": {"name": "Z", "value": "9"},
            },
            {"op": "remove", "path": "/spec/template/spec/containers/0/env/0"},
        ],
        JSON_PATCH,
    ).ok()
    main = pod_spec(patched)["containers"][0]
    assert main["image"] == "a:2"
    assert [e["name"] for e in main["env"]] == ["B", "Z"]


def test_a_json_patch_whose_test_fails_changes_nothing(api: Api, core: str) -> None:
    made = api.post(f"{core}/configmaps", config_map("one")).ok()
    patch = [
        {"op": "replace", "path": "/data/key", "value": "new"},
        {"op": "test", "path": "/data/key", "value": "value"},
    ]
    status = api.patch(f"{core}/configmaps/one", patch, JSON_PATCH).refused(422, "Invalid")
    assert status["message"] == "the server rejected our request due to an error in our request"
    assert api.get(f"{core}/configmaps/one").ok() == made


def test_a_json_patch_of_what_is_not_there_is_refused(api: Api, core: str) -> None:
    api.post(f"{core}/configmaps", config_map("one")).ok()
    patch = [{"op": "remove", "path": "/data/nope"}]
    status = api.patch(f"{core}/configmaps/one", patch, JSON_PATCH).refused(422, "Invalid")
    assert status["message"] == "the server rejected our request due to an error in our request"


def test_a_json_patch_must_be_a_list(api: Api, core: str) -> None:
    api.post(f"{core}/configmaps", config_map("one")).ok()
    api.patch(f"{core}/configmaps/one", {"op": "remove", "path": "/data"}, JSON_PATCH).refused(
        400, "BadRequest"
    )
