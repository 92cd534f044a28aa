"""Queries that make no sense: options of every verb, and selectors."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.api import Api
from tests.contract.objects import config_map, pod


@pytest.fixture
def many(core: str) -> str:
    return f"{core}/configmaps"


@pytest.fixture
def one(api: Api, many: str) -> str:
    """The path of a config map."""
    api.post(many, config_map("one")).ok()
    return f"{many}/one"


LIST = 'ListOptions.meta.k8s.io "" is invalid: '
MATCH = f"{LIST}resourceVersionMatch: "
UNSIGNED = 'strconv.ParseUint: parsing "{0}": invalid syntax'
SIGNED = 'strconv.ParseInt: parsing "{0}": invalid syntax'


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({"limit": "x"}, 400, SIGNED.format("x")),
        ({"timeoutSeconds": "x"}, 400, SIGNED.format("x")),
        ({"resourceVersion": "x"}, 400, f'invalid resource version: resourceVersion: Invalid value: "x": {UNSIGNED.format("x")}'),
        ({"resourceVersion": "-1"}, 400, f'invalid resource version: resourceVersion: Invalid value: "-1": {UNSIGNED.format("-1")}'),
        ({"continue": "x"}, 400, "invalid continue token: continue key is not valid: illegal base64 data at input byte 0"),
        ({"continue": "e30"}, 400, "invalid continue token: continue key is not valid: server does not recognize this encoded version "),
        ({"resourceVersion": "1", "resourceVersionMatch": "Maybe"}, 422,
         f'{MATCH}Unsupported value: "Maybe": supported values: "Exact", "NotOlderThan", ""'),
        ({"resourceVersion": "0", "resourceVersionMatch": "Exact"}, 422,
         f'{MATCH}Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
        ({"resourceVersion": "1", "resourceVersionMatch": "Exact", "continue": "x"}, 422,
         f"{MATCH}Forbidden: resourceVersionMatch is forbidden when continue is provided"),
        ({"sendInitialEvents": "true"}, 422,
         f"{LIST}sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list"),
    ],
)  # fmt: skip
def test_of_a_list(api: Api, many: str, query: dict[str, Any], status: int, words: str) -> None:
    reason = {400: "BadRequest", 422: "Invalid"}[status]
    assert api.get(many, **query).refused(status, reason)["message"] == words


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"resourceVersion": "1", "resourceVersionMatch": "NotOlderThan"},
         f"{MATCH}Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"),
        ({"continue": "x"}, f"{MATCH}Forbidden: resourceVersionMatch is forbidden when continue is provided"),
        ({"sendInitialEvents": "true"},
         f"{MATCH}Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"),
        ({"sendInitialEvents": "true", "resourceVersionMatch": "Exact"},
         f"{LIST}[resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan, "
         'resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"]'),
    ],
)  # fmt: skip
def test_of_a_watch(api: Api, many: str, query: dict[str, Any], words: str) -> None:
    answer = api.get(many, watch="1", timeoutSeconds="1", **query)
    assert answer.refused(422, "Invalid")["message"] == words


def test_of_a_version_that_is_no_number(api: Api, many: str, one: str) -> None:
    words = f'resourceVersion: Invalid value: "x": {UNSIGNED.format("x")}'
    for answer in (
        api.get(one, resourceVersion="x"),
        api.get(many, watch="1", resourceVersion="x", timeoutSeconds="1"),
    ):
        assert (answer.status, answer.json["message"]) == (500, words)
        assert "reason" not in answer.json


def test_a_version_that_is_yet_to_come(api: Api, one: str) -> None:
    status = api.get(one, resourceVersion="999999999").refused(504, "Timeout")
    assert status["message"].startswith("Timeout: Too large resource version: 999999999, current: ")


def test_anything_but_no_is_yes(api: Api, many: str, one: str) -> None:
    watched = api.get(many, watch="maybe", timeoutSeconds="1")
    assert '"type":"ADDED"' in watched.text
    assert api.get(many, watch="false").ok()["kind"] == "ConfigMapList"
    assert api.get(many, watch="0").ok()["kind"] == "ConfigMapList"


OPTIONS = {"POST": "CreateOptions", "PUT": "UpdateOptions", "PATCH": "PatchOptions"}


@pytest.mark.parametrize("method", [*OPTIONS])
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"dryRun": "Some"}, 'dryRun: Unsupported value: ["Some"]: supported values: "All"'),
        ({"dryRun": ""}, 'dryRun: Unsupported value: [""]: supported values: "All"'),
        ({"fieldValidation": "Never"}, 'fieldValidation: Unsupported value: "Never": supported values: "", "Ignore", "Strict", "Warn"'),
        ({"fieldManager": "m" * 129}, "fieldManager: Too long: may not be more than 128 bytes"),
        ({"fieldManager": "a\nb"}, 'fieldManager: Invalid value: "a\\nb": invalid character U+000A (at position 1)'),
    ],
)  # fmt: skip
def test_of_a_write(api: Api, many: str, one: str, method: str, query: dict[str, str], words: str) -> None:
    path, kind = (many, "application/json") if method == "POST" else (one, "application/json")
    if method == "PATCH":
        kind = "application/merge-patch+json"
    body = config_map("x" if method == "POST" else "one")
    status = api.request(method, path, body, type=kind, **query).refused(422, "Invalid")
    assert status["message"] == f'{OPTIONS[method]}.meta.k8s.io "" is invalid: {words}'
    assert status["details"].keys() == {"group", "kind", "causes"}


def test_dry_run_may_be_said_twice(api: Api, many: str) -> None:
    assert api.post(many, config_map("x"), dryRun=["All", "All"]).status == 201


@pytest.mark.parametrize(
    ("query", "body", "words"),
    [
        ({"dryRun": "Some"}, {}, 'dryRun: Unsupported value: ["Some"]: supported values: "All"'),
        ({"propagationPolicy": "Maybe"}, {}, 'propagationPolicy: Unsupported value: "Maybe": supported values: "Foreground", "Background", "Orphan", "nil"'),
        ({}, {"propagationPolicy": "Orphan", "orphanDependents": True},
         'propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set'),
    ],
)  # fmt: skip
def test_of_a_delete(api: Api, one: str, query: dict[str, str], body: dict[str, Any], words: str) -> None:
    status = api.delete(one, body or None, **query).refused(422, "Invalid")
    assert status["message"] == f'DeleteOptions.meta.k8s.io "" is invalid: {words}'
    assert api.get(one).status == 200


def test_a_delete_whose_grace_is_a_word(api: Api, one: str) -> None:
    status = api.delete(one, gracePeriodSeconds="soon").refused(400, "BadRequest")
    assert status["message"] == SIGNED.format("soon")


PART = "unable to parse requirement: "
KEY = "name part must consist of alphanumeric characters, '-', '_' or '.'"
VALUE = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.'"
NUMBER = "for 'Gt', 'Lt' operators, the value must be an integer"


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        ("a=b=c", "found '=', expected: ',' or 'end of string'"),
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ("!a=b", "found '=', expected: ',' or 'end of string'"),
        ("a,,b", "found ',', expected: identifier after ','"),
        ("a=b,", "found '', expected: identifier after ','"),
        (",", "found ',', expected: !, identifier, or 'end of string'"),
        ("=b", "found '=', expected: !, identifier, or 'end of string'"),
        ("(a)", "found '(', expected: !, identifier, or 'end of string'"),
        ("!", f"{PART}found '', expected: identifier"),
        ("a b", f"{PART}found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a in b", f"{PART}found 'b' expected: '('"),
        ("a notin", f"{PART}found '' expected: '('"),
        ("a in (b", f"{PART}found '', expected: ',' or ')'"),
        ("a in (b c)", f"{PART}found 'c', expected: ',' or ')'"),
        ("-a=b", f'{PART}<nil>: Invalid value: "-a": {KEY}'),
        ("é=b", f'{PART}<nil>: Invalid value: "é": {KEY}'),
        ("a/b/c=d", f'{PART}<nil>: Invalid value: "a/b/c": a valid label key must consist of'),
        ("a=-b", f'{PART}values[0][a]: Invalid value: "-b": {VALUE}'),
        ("a in (-)", f'{PART}values[0][a]: Invalid value: "-": {VALUE}'),
        ("a=" + "b" * 64, "must be no more than 63 bytes"),
        ("a>x", f'{PART}values[0]: Invalid value: "x": {NUMBER}'),
        ("a<", f'{PART}values[0]: Invalid value: "": {NUMBER}'),
    ],
)
def test_of_a_label_selector(api: Api, many: str, selector: str, words: str) -> None:
    for answer in (
        api.get(many, labelSelector=selector),
        api.get(many, labelSelector=selector, watch="1", timeoutSeconds="1"),
        api.delete(many, labelSelector=selector),
    ):
        message = answer.refused(400, "BadRequest")["message"]
        assert message.startswith(words) or message.endswith(words), message


@pytest.mark.parametrize("selector", ["a=", "a==", "a!=", " ", "a in ()", "a in (b,)", "a in (,b)", "in", "in in (in)", "notin notin (in)", "a>5,b<3"])  # fmt: skip
def test_label_selectors_that_are_taken(api: Api, many: str, selector: str) -> None:
    api.get(many, labelSelector=selector).ok()


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        ("nope", "invalid selector: 'nope'; can't understand 'nope'"),
        ("metadata.name>a", "invalid selector: 'metadata.name>a'; can't understand 'metadata.name>a'"),
        ("nope=a", "field label not supported: nope"),
        ("=a", "field label not supported: "),
        ("metadata.name=a=b", "invalid field selector: unescaped character in value: 61"),
        ("metadata.name=a\\", "invalid field selector: invalid escape sequence: \\"),
        ("metadata.name=\\z", "invalid field selector: invalid escape sequence: \\z"),
    ],
)
def test_of_a_field_selector(api: Api, core: str, selector: str, words: str) -> None:
    for answer in (
        api.get(f"{core}/pods", fieldSelector=selector),
        api.get(f"{core}/pods", fieldSelector=selector, watch="1", timeoutSeconds="1"),
        api.delete(f"{core}/pods", fieldSelector=selector),
    ):
        assert answer.refused(400, "BadRequest")["message"] == words


@pytest.mark.parametrize("path", [
    "{core}/services", "{core}/secrets", "{core}/events", "{core}/replicationcontrollers", "/api/v1/nodes", "/api/v1/namespaces",
])  # fmt: skip
def test_kinds_with_fields_of_their_own_refuse_in_other_words(api: Api, core: str, path: str) -> None:
    status = api.get(path.format(core=core), fieldSelector="spec.nope=a").refused(400, "BadRequest")
    assert status["message"] == "field label not supported: spec.nope"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/namespaces/{0}/persistentvolumeclaims",
        "/apis/apps/v1/namespaces/{0}/deployments",
        "/apis/apps/v1/namespaces/{0}/replicasets",
        "/apis/batch/v1/namespaces/{0}/cronjobs",
        "/apis/networking.k8s.io/v1/namespaces/{0}/ingresses",
        "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    ],
)
def test_other_kinds_say_what_they_can_be_selected_by(api: Api, namespace: str, path: str) -> None:
    status = api.get(path.format(namespace), fieldSelector="spec.nope=a").refused(400, "BadRequest")
    assert status["message"] == (
        '"spec.nope" is not a known field selector: only "metadata.name", "metadata.namespace"'
    )


def test_services_and_jobs_are_selected_by_fields_of_their_own(api: Api, core: str, namespace: str) -> None:
    api.post(f"{core}/services", {"metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}}).ok()
    found = api.get(f"{core}/services", fieldSelector="spec.type=ClusterIP").ok()["items"]
    assert [item["metadata"]["name"] for item in found] == ["web"]
    assert api.get(f"{core}/services", fieldSelector="spec.clusterIP=None").ok()["items"] == []
    jobs = f"/apis/batch/v1/namespaces/{namespace}/jobs"
    assert api.get(jobs, fieldSelector="status.successful=1").ok()["items"] == []
    status = api.get(jobs, fieldSelector="spec.nope=1").refused(400, "BadRequest")
    assert status["message"] == 'field label "spec.nope" not supported for Job'


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"tailLines": "x"}, SIGNED.format("x")),
        ({"sinceTime": "yesterday"}, 'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"'),
        ({"tailLines": "-1"}, 'PodLogOptions "p" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0'),
        ({"limitBytes": "0"}, 'PodLogOptions "p" is invalid: limitBytes: Invalid value: 0: must be greater than 0'),
        ({"sinceSeconds": "1", "sinceTime": "2026-01-01T00:00:00Z"},
         'PodLogOptions "p" is invalid: []: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified'),
        ({"stream": "Both"}, 'PodLogOptions "p" is invalid: stream: Forbidden: may not be specified'),
        ({"container": "nope"}, "container nope is not valid for pod p"),
    ],
)  # fmt: skip
def test_of_a_log(api: Api, core: str, query: dict[str, str], words: str) -> None:
    api.post(f"{core}/pods", pod("p", "example.invalid/a:1")).ok()
    status = api.get(f"{core}/pods/p/log", **query).json
    assert (status["code"], status["message"]) == (422 if "is invalid" in words else 400, words)
