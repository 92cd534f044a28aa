"""Kinds that users define: served from then on as any other, kept to their schema, and gone with their definition."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.api import APPLY, JSON_PATCH, MERGE, PARTIAL_LIST, STRATEGIC, TABLE, Api
from tests.contract.conftest import Program
from tests.contract.objects import WIDGET, Obj, custom_kind

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


@pytest.fixture
def group(api: Api) -> Iterator[str]:
    """A group with one kind, Widget, served; gone after the test."""
    name = f"{uuid.uuid4().hex[:8]}.example.com"
    api.post(DEFINITIONS, custom_kind(name)).ok()
    established(api, name)
    yield name
    api.delete(f"{DEFINITIONS}/widgets.{name}")


def established(api: Api, group: str) -> None:
    def is_so(found: Obj) -> bool:
        conditions = found["status"].get("conditions") or []
        return any((each["type"], each["status"]) == ("Established", "True") for each in conditions)

    api.eventually(f"{DEFINITIONS}/widgets.{group}", is_so)
    api.eventually(f"/apis/{group}/v1", lambda found: found["resources"])


@pytest.fixture
def widgets(group: str, namespace: str) -> str:
    return f"/apis/{group}/v1/namespaces/{namespace}/widgets"


def widget(widgets: str, name: str = "one", **spec: Any) -> Obj:
    return {
        "apiVersion": "/".join(widgets.split("/")[2:4]),
        "kind": "Widget",
        "metadata": {"name": name},
        "spec": {"size": 3, **spec},
    }


def test_a_definition_is_filled_in_and_accepted(api: Api, group: str) -> None:
    found = api.get(f"{DEFINITIONS}/widgets.{group}").ok()
    assert found["spec"]["names"] == {
        "kind": "Widget", "listKind": "WidgetList", "plural": "widgets", "singular": "widget",
        "shortNames": ["wd"], "categories": ["all"],
    }  # fmt: skip
    assert found["spec"]["conversion"] == {"strategy": "None"}
    assert found["status"]["storedVersions"] == ["v1"]
    assert found["status"]["acceptedNames"] == found["spec"]["names"]
    assert [(each["type"], each["reason"]) for each in found["status"]["conditions"]] == [
        ("NamesAccepted", "NoConflicts"),
        ("Established", "InitialNamesAccepted"),
    ]


def test_it_is_discovered(api: Api, group: str) -> None:
    assert api.get(f"/apis/{group}").ok()["preferredVersion"]["groupVersion"] == f"{group}/v1"
    kinds = {each["name"]: each for each in api.get(f"/apis/{group}/v1").ok()["resources"]}
    assert set(kinds) == {"widgets", "widgets/status"}
    told = kinds["widgets"]
    assert (told["kind"], told["singularName"], told["namespaced"]) == ("Widget", "widget", True)
    assert (told["shortNames"], told["categories"]) == (["wd"], ["all"])
    assert sorted(kinds["widgets/status"]["verbs"]) == ["get", "patch", "update"]
    api.eventually("/openapi/v3", lambda found: f"apis/{group}/v1" in found["paths"])


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"metadata": {"name": "other.example.com"}}, {"metadata.name"}),
        ({"spec": {"scope": "Somewhere"}}, {"spec.scope"}),
        ({"spec": {"versions": None}}, {"spec.versions", "status.storedVersions"}),
    ],
    ids=["another name", "no scope", "no version"],
)
def test_a_definition_that_makes_no_sense_is_refused(api: Api, change: Obj, fields: set[str]) -> None:
    body = custom_kind("nonsense.example.com")
    for part, values in change.items():
        body[part] |= values
    status = api.post(DEFINITIONS, body).refused(422, "Invalid")
    assert {cause["field"] for cause in status["details"]["causes"]} == fields


def test_a_schema_has_to_say_what_it_is(api: Api) -> None:
    body = custom_kind("untyped.example.com")
    (version,) = body["spec"]["versions"]
    version["schema"]["openAPIV3Schema"] = {"properties": {"a": {}}}
    status = api.post(DEFINITIONS, body).refused(422, "Invalid")
    assert [(cause["field"], cause["message"]) for cause in status["details"]["causes"]] == [
        (
            "spec.validation.openAPIV3Schema.properties[a].type",
            "Required value: must not be empty for specified object fields",
        ),
        ("spec.validation.openAPIV3Schema.type", "Required value: must not be empty at the root"),
    ]


def test_one_is_created_with_its_defaults_and_without_what_the_schema_does_not_know(
    api: Api, widgets: str
) -> None:
    body = {
        **widget(widgets, free={"any": [1]}, bogus=1, parts=[{"name": "a", "bad": 1}]),
        "status": {"phase": "Up"},
    }
    answer = api.post(widgets, body, fieldValidation="Warn")
    made = answer.ok()
    assert made["spec"] == {"size": 3, "colour": "red", "free": {"any": [1]}, "parts": [{"name": "a"}]}
    assert "status" not in made and made["metadata"]["generation"] == 1
    assert sorted(answer.warnings) == ['unknown field "spec.bogus"', 'unknown field "spec.parts[0].bad"']
    strict = api.post(widgets, widget(widgets, "two", bogus=1), fieldValidation="Strict")
    assert strict.refused(400, "BadRequest")["message"] == (
        'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec.bogus"'
    )
    assert api.post(widgets, body).refused(409, "AlreadyExists")


def test_what_does_not_fit_is_refused_with_every_cause(api: Api, widgets: str) -> None:
    wrong = widget(
        widgets, size=20, colour="green", code="b", tags=["x", "x"], parts=[{"count": 1}], free=3,
        amounts={"k": "x"},
    )  # fmt: skip
    status = api.post(widgets, wrong).refused(422, "Invalid")
    assert {(cause["field"], cause["reason"], cause["message"]) for cause in status["details"]["causes"]} == {
        ("spec.parts[0].name", "FieldValueRequired", "Required value"),
        (
            "spec.size",
            "FieldValueInvalid",
            "Invalid value: 20: spec.size in body should be less than or equal to 10",
        ),
        (
            "spec.colour",
            "FieldValueNotSupported",
            'Unsupported value: "green": supported values: "red", "blue"',
        ),
        (
            "spec.free",
            "FieldValueTypeInvalid",
            'Invalid value: "integer": spec.free in body must be of type object: "integer"',
        ),
        (
            "spec.amounts.k",
            "FieldValueTypeInvalid",
            'Invalid value: "string": spec.amounts.k in body must be of type integer: "string"',
        ),
        ("spec.code", "FieldValueInvalid", "Invalid value: \"b\": spec.code in body should match '^a'"),
        ("spec.tags[1]", "FieldValueDuplicate", 'Duplicate value: "x"'),
    }
    missing = {**widget(widgets, "Bad_Name"), "spec": {}}
    fields = [c["field"] for c in api.post(widgets, missing).refused(422, "Invalid")["details"]["causes"]]
    assert fields == ["metadata.name", "spec.size"]
    lost = api.post(widgets, {**widget(widgets), "kind": "Gadget"}).refused(422, "Invalid")
    assert lost["details"]["causes"] == [
        {"reason": "FieldValueInvalid", "message": 'Invalid value: "Gadget": must be Widget', "field": "kind"}
    ]


def test_it_is_patched_but_not_strategically(api: Api, widgets: str) -> None:
    api.post(widgets, widget(widgets, tags=["a"])).ok()
    one = f"{widgets}/one"
    changed = api.patch(one, {"spec": {"size": 4, "tags": ["b"]}}, MERGE).ok()
    assert (changed["spec"]["tags"], changed["metadata"]["generation"]) == (["b"], 2)
    assert (
        api.patch(one, [{"op": "remove", "path": "/spec/tags"}], JSON_PATCH).ok()["spec"].get("tags") is None
    )
    labelled = api.patch(one, {"metadata": {"labels": {"x": "y"}}}, MERGE).ok()
    assert labelled["metadata"]["generation"] == 3, "metadata is no new generation"
    refused = api.patch(one, {"spec": {"size": 5}}, STRATEGIC).refused(415, "UnsupportedMediaType")
    assert refused["message"].endswith(f"include: {JSON_PATCH}, {MERGE}, {APPLY}")
    assert api.patch(one, {"spec": {"size": 0}}, MERGE).refused(422, "Invalid")
    assert api.put(one, widget(widgets)).refused(422, "Invalid")["details"]["causes"][0]["field"] == (
        "metadata.resourceVersion"
    )
    assert api.put(one, {**labelled, "spec": {"size": 6}}).ok()["spec"] == {"size": 6, "colour": "red"}


def test_it_is_applied_by_several(api: Api, widgets: str) -> None:
    one = f"{widgets}/one"
    mine = widget(widgets, tags=["mine"], parts=[{"name": "a", "count": 1}])
    made = api.apply(one, mine, manager="me")
    assert made.status == 201
    (owner,) = made.ok()["metadata"]["managedFields"]
    assert owner["fieldsV1"]["f:spec"] == {
        "f:parts": {'k:{"name":"a"}': {".": {}, "f:count": {}, "f:name": {}}},
        "f:size": {},
        "f:tags": {'v:"mine"': {}},
    }
    theirs = widget(widgets, tags=["theirs"], parts=[{"name": "b", "count": 2}])
    both = api.apply(one, theirs, manager="them").ok()["spec"]
    assert sorted(both["tags"]) == ["mine", "theirs"] and len(both["parts"]) == 2
    clash = api.apply(one, widget(widgets, size=5), manager="them").refused(409, "Conflict")
    assert clash["details"]["causes"][0]["field"] == ".spec.size"


def test_its_status_is_its_own(api: Api, widgets: str) -> None:
    made = api.post(widgets, widget(widgets)).ok()
    told = api.put(
        f"{widgets}/one/status", {**made, "spec": {"size": 9}, "status": {"phase": "Up", "no": 1}}
    ).ok()
    assert (told["spec"]["size"], told["status"]) == (3, {"phase": "Up"})
    assert told["metadata"]["generation"] == 1
    api.patch(f"{widgets}/one", {"status": {"phase": "Down"}}).ok()
    assert api.get(f"{widgets}/one").ok()["status"] == {"phase": "Up"}


def test_it_is_listed_watched_and_deleted(api: Api, widgets: str, group: str) -> None:
    with api.watch(widgets) as watch:
        api.post(widgets, widget(widgets)).ok()
        api.patch(f"{widgets}/one", {"metadata": {"labels": {"x": "y"}}}).ok()
        found = api.get(widgets, labelSelector="x=y").ok()
        assert (found["kind"], found["apiVersion"]) == ("WidgetList", f"{group}/v1")
        assert [(each["apiVersion"], each["kind"]) for each in found["items"]] == [(f"{group}/v1", "Widget")]
        assert [each["metadata"]["name"] for each in api.get(f"/apis/{group}/v1/widgets").ok()["items"]] == [
            "one"
        ]
        names = api.get(widgets, accept=PARTIAL_LIST, fieldSelector="metadata.name=one").ok()["items"]
        assert names[0]["metadata"]["name"] == "one" and "spec" not in names[0]
        told = api.delete(f"{widgets}/one").ok()
        assert (told["kind"], told["details"]["kind"]) == ("Status", "widgets")
        watch.wait_for(lambda event: event["type"] == "DELETED")
    assert [event["type"] for event in watch.seen] == ["ADDED", "MODIFIED", "DELETED"]
    assert watch.seen[0]["object"]["kind"] == "Widget"
    assert api.get(f"{widgets}/one").refused(404, "NotFound")["message"] == f'widgets.{group} "one" not found'


def test_its_table_has_the_columns_of_the_custom_kind(api: Api, widgets: str) -> None:
    api.post(widgets, widget(widgets)).ok()
    api.patch(f"{widgets}/one/status", {"status": {"phase": "Up"}}).ok()
    table = api.get(widgets, accept=TABLE).ok()
    columns = [(each["name"], each["type"], each["format"]) for each in table["columnDefinitions"]]
    assert columns == [("Name", "string", "name"), ("Size", "integer", ""), ("Phase", "string", "")]
    assert [row["cells"] for row in table["rows"]] == [["one", 3, "Up"]]


def test_a_definition_that_changes_changes_what_is_served(api: Api, widgets: str, group: str) -> None:
    api.post(widgets, widget(widgets)).ok()
    name = f"{DEFINITIONS}/widgets.{group}"
    grown = custom_kind(group)
    (version,) = grown["spec"]["versions"]
    properties = {**WIDGET["properties"], "size": {"type": "integer", "maximum": 99}}  # type: ignore[dict-item]
    version["schema"]["openAPIV3Schema"]["properties"]["spec"] = {"type": "object", "properties": properties}
    newer = {**version, "name": "v2", "storage": False}
    assert api.patch(name, {"spec": {"versions": [version, newer]}}).ok()["metadata"]["generation"] == 2
    api.eventually(f"/apis/{group}", lambda found: len(found["versions"]) == 2)
    # What has been served so far is served a moment longer.
    api.eventually(
        f"/apis/{group}/v2/widgets", lambda found: found["items"][0]["apiVersion"] == f"{group}/v2"
    )
    api.eventually(
        f"/apis/{group}/v1/widgets",
        lambda _: api.patch(f"{widgets}/one", {"spec": {"size": 50}}).status == 200,
    )


def test_it_goes_with_its_definition_and_holds_it_up_until_then(api: Api, group: str, widgets: str) -> None:
    path = f"{DEFINITIONS}/widgets.{group}"
    api.post(
        widgets, {**widget(widgets), "metadata": {"name": "held", "finalizers": ["example.com/held"]}}
    ).ok()
    told = api.delete(path).ok()
    assert told["metadata"]["finalizers"] == ["customresourcecleanup.apiextensions.k8s.io"]
    held = api.eventually(f"{widgets}/held", lambda found: found["metadata"].get("deletionTimestamp"))
    assert api.get(path).ok()["metadata"]["deletionTimestamp"]
    api.patch(f"{widgets}/held", {"metadata": {"finalizers": None}}).ok()
    assert held["kind"] == "Widget"
    api.gone(path)
    api.gone(widgets)


def test_one_of_the_whole_cluster(api: Api) -> None:
    group = f"{uuid.uuid4().hex[:8]}.example.com"
    api.post(DEFINITIONS, custom_kind(group, scope="Cluster", subresources=None)).ok()
    try:
        established(api, group)
        path = f"/apis/{group}/v1/widgets"
        made = api.post(path, {**widget(path), "status": {"phase": "Up"}}).ok()
        assert "namespace" not in made["metadata"] and made["status"] == {"phase": "Up"}
        assert api.get(f"/apis/{group}/v1/namespaces/default/widgets").status == 404
        assert api.get(f"{path}/one/status").status == 404
    finally:
        api.delete(f"{DEFINITIONS}/widgets.{group}")


def test_kubectl_takes_it_as_any_other(kubectl: Program, widgets: str, group: str) -> None:
    body = json.dumps(widget(widgets, size=3))
    assert kubectl("apply", "-f", "-", input=body) == f"widget.{group}/one created\n"
    assert kubectl("apply", "-f", "-", input=body.replace('"size": 3', '"size": 4')).endswith(" configured\n")
    head, row = kubectl("get", f"widgets.{group}").splitlines()
    assert (head.split(), row.split()) == (["NAME", "SIZE", "PHASE"], ["one", "4"])
    assert re.search(r"^ +Size: +4$", kubectl("describe", f"widgets.{group}", "one"), re.MULTILINE)
    assert "FIELDS:" in kubectl("explain", "widgets.spec", f"--api-version={group}/v1")
    assert "unknown field" in kubectl.fails("apply", "-f", "-", input=body.replace("size", "sise"))
    assert kubectl("delete", f"widgets.{group}", "one").startswith(f'widget.{group} "one" deleted')
    assert f"widgets.{group}" in kubectl("get", "crd")
