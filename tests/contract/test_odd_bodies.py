"""Bodies that are no objects, objects of another kind, and objects that are not the one their path names."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.contract.api import APPLY, JSON_PATCH, MERGE, STRATEGIC, Api
from tests.contract.objects import config_map, deployment, pod

UNRECOGNIZED = "the object provided is unrecognized (must be of type ConfigMap): "
PARSE = f"{UNRECOGNIZED}couldn't get version/kind; json parse error: "
TYPE_META = (
    'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
)
CONVERTING = "unknown conversion"
SCHEME = 'in scheme "pkg/runtime/scheme.go:111"'
URL = "the name of the object ({}) does not match the name on the URL (one)"
NAMELESS = "the name of the object (one based on URL) was undeterminable: name must be provided"
ELSEWHERE = "the namespace of the provided object does not match the namespace sent on the request"


@pytest.fixture
def many(core: str) -> str:
    return f"{core}/configmaps"


@pytest.fixture
def one(api: Api, many: str) -> str:
    """The path of a config map."""
    api.post(many, config_map("one")).ok()
    return f"{many}/one"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "unexpected end of JSON input (<empty>)"),
        (b'{"metadata":', 'unexpected end of JSON input ({"metadata":)'),
        (b'{"metadata":{"name":"tr"}} x', "invalid character 'x' after top-level value ({\"metadata\":{\"name\":\"tr\"}} x)"),
        (b'{"metadata" 7}', "invalid character '7' after object key ({\"metadata\" 7})"),
        (b'{"a":1 "b"}', "invalid character '\"' after object key:value pair ({\"a\":1 \"b\"})"),
        (b"{7}", "invalid character '7' looking for beginning of object key string ({7})"),
        (b"hello", "invalid character 'h' looking for beginning of value (68656c6c6f)"),
        (bytes(range(32)), "invalid character '\\x00' looking for beginning of value (" + bytes(range(30)).hex() + " ...)"),
        (b"[]", f"json: cannot unmarshal array into Go value of type {TYPE_META} (5b5d)"),
        (b'"x"', f"json: cannot unmarshal string into Go value of type {TYPE_META} (227822)"),
        (b"7", f"json: cannot unmarshal number into Go value of type {TYPE_META} (37)"),
        (b'{"kind":7}', 'json: cannot unmarshal number into Go struct field .kind of type string ({"kind":7})'),
    ],
    ids=lambda value: ascii(value[:20]) if isinstance(value, bytes) else "",
)  # fmt: skip
def test_a_body_that_is_no_object(api: Api, many: str, one: str, raw: bytes, words: str) -> None:
    for method, path in (("POST", many), ("PUT", one)):
        status = api.request(method, path, raw).refused(400, "BadRequest")
        assert status["message"] == PARSE + words


def test_a_body_of_nothing_has_no_name(api: Api, many: str, one: str) -> None:
    status = api.request("POST", many, b"null").refused(422, "Invalid")
    assert status["message"].endswith("metadata.name: Required value: name or generateName is required")
    assert status["details"].keys() == {"kind", "causes"}
    assert api.request("PUT", one, b"{}").refused(400, "BadRequest")["message"] == NAMELESS


def test_broken_yaml(api: Api, many: str) -> None:
    raw = b"metadata: {name: yam\n"
    status = api.request("POST", many, raw, type="application/yaml").refused(400, "BadRequest")
    assert status["message"] == (
        f"{UNRECOGNIZED}yaml: line 1: did not find expected ',' or '}}' ({raw.hex()})"
    )


@pytest.mark.parametrize(
    ("kind", "raw", "words"),
    [
        (MERGE, b"", "error decoding patch: unexpected end of JSON input"),
        (STRATEGIC, b"", "unexpected end of JSON input"),
        (JSON_PATCH, b"{", "error decoding patch: unexpected end of JSON input"),
        (MERGE, b"[]", "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}"),
        (STRATEGIC, b'"x"', "json: cannot unmarshal string into Go value of type map[string]interface {}"),
        (JSON_PATCH, b"{}", "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"),
        (MERGE, b"null", "Invalid JSON Patch"),
        (APPLY, b"{", "error decoding YAML: error converting YAML to JSON: yaml: line 1: did not find expected node content"),
        (APPLY, b"[]", "error decoding YAML: error unmarshaling JSON: while decoding JSON: "
                       "json: cannot unmarshal array into Go value of type map[string]interface {}"),
        (APPLY, b"", "invalid object type: /, Kind="),
    ],
)  # fmt: skip
def test_a_patch_that_is_none(api: Api, one: str, kind: str, raw: bytes, words: str) -> None:
    query = {"fieldManager": "tester"} if kind == APPLY else {}
    status = api.request("PATCH", one, raw, type=kind, **query).refused(400, "BadRequest")
    assert status["message"] == words


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"{", "couldn't get version/kind; json parse error: unexpected end of JSON input"),
        (b"[]", f"couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type {TYPE_META}"),
        (b'{"kind":"Status","apiVersion":"v1"}', f"converting (v1.Status) to (v1.DeleteOptions): {CONVERTING}"),
        (b'{"gracePeriodSeconds":"soon"}', "json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64"),
    ],
)  # fmt: skip
def test_a_delete_with_a_body_that_makes_no_sense(api: Api, one: str, raw: bytes, words: str) -> None:
    assert api.request("DELETE", one, raw).refused(400, "BadRequest")["message"] == words
    assert api.get(one).status == 200


def test_a_body_too_large(api: Api, many: str, one: str) -> None:
    large = config_map("one", {"a": "x" * (3 << 20)})
    for answer in (api.post(many, large), api.put(one, large), api.patch(one, large)):
        status = answer.refused(413, "RequestEntityTooLarge")
        assert status["message"] == "Request entity too large: limit is 3145728"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"kind": "Nope"}, f'Nope in version "v1" cannot be handled as a ConfigMap: no kind "Nope" is registered for version "v1" {SCHEME}'),
        ({"apiVersion": "v2"}, f'ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2" {SCHEME}'),
        ({"kind": "List"}, f'List in version "v1" cannot be handled as a ConfigMap: converting (v1.List) to (core.ConfigMap): {CONVERTING}'),
        ({"kind": "ConfigMapList"}, f'ConfigMapList in version "v1" cannot be handled as a ConfigMap: converting (v1.ConfigMapList) to (core.ConfigMap): {CONVERTING}'),
        ({"kind": "ServiceAccount"}, f'ServiceAccount in version "v1" cannot be handled as a ConfigMap: converting (v1.ServiceAccount) to (core.ConfigMap): {CONVERTING}'),
        ({"kind": "Secret"}, 'Secret in version "v1" cannot be handled as a ConfigMap: illegal base64 data at input byte 4'),
    ],
)  # fmt: skip
def test_an_object_of_another_kind(api: Api, many: str, one: str, said: dict[str, str], words: str) -> None:
    for answer in (api.post(many, {**config_map("x"), **said}), api.put(one, {**config_map("one"), **said})):
        assert answer.refused(400, "BadRequest")["message"] == words
    status = api.apply(one, {**config_map("one"), **said}).refused(400, "BadRequest")
    version, kind = said.get("apiVersion", "v1"), said.get("kind", "ConfigMap")
    assert status["message"] == f"invalid object type: /{version}, Kind={kind}"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"apiVersion": "extensions/v1beta1"}, "the API version in the data (extensions/v1beta1) does not match the expected API version (apps/v1)"),
        ({"apiVersion": "apps/v1beta2"}, "the API version in the data (apps/v1beta2) does not match the expected API version (apps/v1)"),
        ({"apiVersion": "v1"}, f'Deployment in version "v1" cannot be handled as a Deployment: no kind "Deployment" is registered for version "v1" {SCHEME}'),
        ({"apiVersion": "v1", "kind": "Pod", "spec": {}}, f'Pod in version "v1" cannot be handled as a Deployment: converting (v1.Pod) to (apps.Deployment): {CONVERTING}'),
        ({"apiVersion": "a/b/c"}, 'the object provided is unrecognized (must be of type Deployment): unexpected GroupVersion string: a/b/c ({"apiVersion": "a/b/c", "kind" ...)'),
    ],
)  # fmt: skip
def test_a_deployment_of_another_version(api: Api, apps: str, body: dict[str, Any], words: str) -> None:
    status = api.post(f"{apps}/deployments", {**deployment("web", "a:1"), **body}).refused(400, "BadRequest")
    assert status["message"] == words


def test_kind_and_version_may_be_left_to_the_path(api: Api, many: str) -> None:
    for name in ("kind", "apiVersion"):
        body = {key: value for key, value in config_map("x").items() if key != name}
        assert api.post(many, body, dryRun="All").ok()[name] == config_map("x")[name]


def test_a_patch_keeps_the_kind(api: Api, one: str) -> None:
    status = api.patch(one, {"apiVersion": "v2"}).refused(422, "Invalid")
    assert status["message"].startswith(' "" is invalid: patch: Invalid value: "{')
    assert status["message"].endswith(f': no kind "ConfigMap" is registered for version "v2" {SCHEME}')
    kept = api.patch(one, {"kind": "Secret"}, STRATEGIC).ok()
    assert kept["kind"] == "ConfigMap", "a strategic one looks at fields only"


def test_a_name_that_is_not_the_paths(api: Api, one: str) -> None:
    other = config_map("two")
    for answer in (api.put(one, other), api.patch(one, {"metadata": {"name": "two"}}), api.apply(one, other)):
        assert answer.refused(400, "BadRequest")["message"] == URL.format("two")
    for metadata in ({"name": None}, None):
        status = api.patch(one, {"metadata": metadata}).refused(400, "BadRequest")
        assert status["message"] == NAMELESS


def test_a_namespace_that_is_not_the_paths(api: Api, many: str, one: str) -> None:
    other = config_map("one", namespace="other")
    for answer in (
        api.post(many, other),
        api.put(one, other),
        api.apply(one, other),
        api.patch(one, {"metadata": {"namespace": "other"}}),
    ):
        assert answer.refused(400, "BadRequest")["message"] == ELSEWHERE


def test_an_identity_is_for_life(api: Api, one: str) -> None:
    for kind in (MERGE, STRATEGIC):
        status = api.patch(one, {"metadata": {"uid": "x"}}, kind).refused(422, "Invalid")
        assert status["message"] == (
            'ConfigMap "one" is invalid: metadata.uid: Invalid value: "x": field is immutable'
        )


def test_versions_are_the_servers_to_give(api: Api, many: str, one: str) -> None:
    for answer in (
        api.put(one, config_map("one", resourceVersion="1")),
        api.patch(one, {"metadata": {"resourceVersion": "1"}}),
    ):
        answer.refused(409, "Conflict")
    for answer, words in (
        (api.put(one, config_map("one", resourceVersion="abc")), 'strconv.ParseUint: parsing "abc": invalid syntax'),
        (api.post(many, config_map("x", resourceVersion="1")), "resourceVersion should not be set on objects to be created"),
    ):  # fmt: skip
        assert (answer.status, answer.json["message"]) == (500, words)
        assert "reason" not in answer.json


def test_a_delete_of_what_was_there_before(api: Api, one: str) -> None:
    kept = api.get(one).ok()["metadata"]
    status = api.delete(one, {"preconditions": {"uid": "x"}}).refused(409, "Conflict")
    assert status["message"] == (
        f'Operation cannot be fulfilled on ConfigMap "one": the UID in the precondition (x) does not match '
        f"the UID in record ({kept['uid']}). The object might have been deleted and then recreated"
    )
    assert status["details"] == {"name": "one", "kind": "ConfigMap"}
    status = api.delete(one, {"preconditions": {"resourceVersion": "1"}}).refused(409, "Conflict")
    assert status["message"].endswith("The object might have been modified")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("yesterday", 'cannot parse "yesterday" as "2006"'),
        ("2026-01-01", 'cannot parse "" as "T"'),
        ("2026-01-01T00:00:00", 'cannot parse "" as "Z07:00"'),
        ("2026-01-01T00:00:00Zx", 'parsing time "2026-01-01T00:00:00Zx": extra text: "x"'),
        ("2026-13-01T00:00:00Z", 'parsing time "2026-13-01T00:00:00Z": month out of range'),
        ("2026-02-30T00:00:00Z", 'parsing time "2026-02-30T00:00:00Z": day out of range'),
    ],
)
def test_a_time_that_is_none(api: Api, many: str, text: str, words: str) -> None:
    status = api.post(many, config_map("x", creationTimestamp=text)).refused(400, "BadRequest")
    assert status["message"].startswith('ConfigMap in version "v1" cannot be handled as a ConfigMap: parsing')
    assert status["message"].endswith(words)


LABEL = "a lowercase RFC 1123 label must consist of"
SUBDOMAIN = "a lowercase RFC 1123 subdomain must consist of"
KINDS = {
    "services": {"spec": {"ports": [{"port": 80}]}},
    "pods": {"spec": pod("x", "a:1")["spec"]},
    "secrets": {},
}


@pytest.mark.parametrize(
    ("plural", "name", "words"),
    [
        ("services", "a.b", "must not contain dots"),
        ("services", "Bad_", LABEL),
        ("services", "a..b", LABEL),
        ("services", "a" * 64, "must be no more than 63 characters"),
        ("pods", "Bad_", SUBDOMAIN),
        ("secrets", "a..b", SUBDOMAIN),
        ("secrets", "a" * 254, "must be no more than 253 characters"),
    ],
)
def test_a_name_that_cannot_be(api: Api, core: str, plural: str, name: str, words: str) -> None:
    body = {"metadata": {"name": name}, **KINDS[plural]}
    status = api.post(f"{core}/{plural}", body, dryRun="All").refused(422, "Invalid")
    (cause,) = status["details"]["causes"]
    assert cause["field"] == "metadata.name"
    assert cause["message"].startswith(f"Invalid value: {json.dumps(name)}: {words}")


def test_a_service_may_begin_with_a_digit(api: Api, core: str) -> None:
    body = {"metadata": {"name": "1st"}, **KINDS["services"]}
    assert api.post(f"{core}/services", body, dryRun="All").status == 201


def test_a_generated_name_is_checked_with_its_stem(api: Api, many: str) -> None:
    body = {"metadata": {"generateName": "Bad_"}}
    status = api.post(many, body).refused(422, "Invalid")
    assert [cause["field"] for cause in status["details"]["causes"]] == [
        "metadata.generateName",
        "metadata.name",
    ]
    assert api.post(many, {"metadata": {"generateName": "good-"}}, dryRun="All").status == 201


def test_a_name_that_makes_a_strange_host_is_warned_of(api: Api, core: str, apps: str) -> None:
    said = "metadata.name: this is used in {}, which can result in surprising behavior; a DNS label is recommended: [{}]"
    dots = "must not contain dots"
    answer = api.post(f"{core}/pods", pod("a.b", "a:1"), dryRun="All")
    assert answer.warnings == [said.format("the Pod's hostname", dots)]
    web = deployment("web", "a:1")
    web["metadata"]["name"] = "a.b"
    answer = api.post(f"{apps}/deployments", web, dryRun="All")
    assert answer.warnings == [said.format("Pod names and hostnames", dots)]


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"labels": {"a/b/c": "d"}}, 'labels: Invalid value: "a/b/c": a valid label key must consist of'),
        ({"labels": {"/a": "d"}}, 'labels: Invalid value: "/a": prefix part must be non-empty'),
        ({"labels": {"a" * 254 + "/b": "d"}}, "prefix part must be no more than 253 bytes"),
        ({"finalizers": ["a/b/c"]}, 'finalizers: Invalid value: "a/b/c": a valid label key must consist of'),
        ({"finalizers": ["x.y/z w"]}, 'finalizers: Invalid value: "x.y/z w": name part must consist of'),
        ({"ownerReferences": [{"apiVersion": "v1", "kind": "Event", "name": "e", "uid": "u"}]}, "/v1, Kind=Event is disallowed from being an owner"),
    ],
)  # fmt: skip
def test_metadata_that_cannot_be(api: Api, many: str, metadata: dict[str, Any], words: str) -> None:
    status = api.post(many, config_map("x", **metadata)).refused(422, "Invalid")
    assert words in status["message"]
