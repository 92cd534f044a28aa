"""What nobody should ask for: wrong paths, methods that a path has not, media types, shapes of an answer."""

from __future__ import annotations

import pytest

from tests.contract.api import APPLY, JSON, MERGE, STRATEGIC, TABLE, Api
from tests.contract.objects import config_map, deployment, pod

NOT_ALLOWED = "the server does not allow this method on the requested resource"
NO_RESOURCE = "the server could not find the requested resource"
OBJECTS = "application/json, application/yaml, application/vnd.kubernetes.protobuf"
STREAMS = "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch"


@pytest.fixture
def one(api: Api, core: str) -> str:
    """The path of a config map."""
    api.post(f"{core}/configmaps", config_map("one")).ok()
    return f"{core}/configmaps/one"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v2",
        "/apis/apps/v9",
        "/apis/apps/v9/deployments",
        "/api/v1/widgets",
        "/api/v1/namespaces/default/ConfigMaps",
        "/api/v1/namespaces/default/configmap",
        "/api/v1/namespaces/default//configmaps",
        "/api/v1/namespaces/default/nodes",
        "/api/v1/configmaps/kube-root-ca.crt",
        "/api/v1/namespaces/default/configmaps/kube-root-ca.crt/status",
    ],
)
def test_a_path_into_nothing(api: Api, path: str) -> None:
    assert api.get(path).refused(404, "NotFound")["message"] == NO_RESOURCE


@pytest.mark.parametrize(
    "path", ["/nothing", "/apis/example.com", "/apis/example.com/v1", "/apis/example.com/v1/x"]
)
def test_a_path_of_nobodys(api: Api, path: str) -> None:
    answer = api.get(path)
    assert (answer.status, answer.text) == (404, "404 page not found\n")


def test_a_slash_at_the_end_does_no_harm(api: Api, core: str, one: str) -> None:
    assert api.get(f"{one}/").ok()["metadata"]["name"] == "one"
    assert api.get(f"{core}/configmaps/").ok()["kind"] == "ConfigMapList"


def test_a_name_that_cannot_be_is_not_there(api: Api, core: str) -> None:
    for name in ("Bad_Name", "a" * 300):
        status = api.get(f"{core}/configmaps/{name}").refused(404, "NotFound")
        assert status["message"] == f'configmaps "{name}" not found'


def test_a_namespace_that_is_not_there(api: Api) -> None:
    path = "/api/v1/namespaces/nowhere-at-all/configmaps"
    assert api.get(path).ok()["items"] == [], "a list asks nobody whether its namespace is there"
    for dry in ({}, {"dryRun": "All"}):
        status = api.post(path, config_map("x"), **dry).refused(404, "NotFound")
        assert status["message"] == 'namespaces "nowhere-at-all" not found'


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "{core}/configmaps"),
        ("PATCH", "{core}/configmaps"),
        ("POST", "{core}/configmaps/one"),
        ("POST", "/api/v1/configmaps"),
        ("DELETE", "/api/v1/configmaps"),
        ("DELETE", "/api/v1/namespaces"),
        ("POST", "{apps}/deployments/web/status"),
        ("DELETE", "{apps}/deployments/web/status"),
        ("POST", "{apps}/deployments/web/scale"),
        ("POST", "{core}/pods/p/log"),
        ("DELETE", "{core}/pods/p/log"),
        ("GET", "{core}/pods/p/eviction"),
        ("GET", "{core}/pods/p/binding"),
        ("GET", "{core}/serviceaccounts/default/token"),
        ("GET", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"),
        ("POST", "/apis/metrics.k8s.io/v1beta1/nodes"),
        ("POST", "/version"),
        ("DELETE", "/api"),
        ("POST", "/api/v1"),
        ("DELETE", "/apis/apps/v1"),
    ],
)
def test_a_method_that_a_path_has_not(api: Api, core: str, apps: str, method: str, path: str) -> None:
    api.post(f"{core}/configmaps", config_map("one")).ok()
    answer = api.request(method, path.format(core=core, apps=apps), config_map("one"), type=MERGE)
    assert answer.refused(405, "MethodNotAllowed")["message"] == NOT_ALLOWED
    assert api.get(f"{core}/configmaps/one").status == 200, "and nothing has happened"


def test_metrics_are_not_to_be_watched(api: Api) -> None:
    status = api.get("/apis/metrics.k8s.io/v1beta1/nodes", watch="1").refused(405, "MethodNotAllowed")
    assert status["message"] == 'watch is not supported on resources of kind "nodes.metrics.k8s.io"'


def test_metrics_of_what_is_not_there(api: Api, namespace: str) -> None:
    base = "/apis/metrics.k8s.io/v1beta1"
    status = api.get(f"{base}/namespaces/{namespace}/pods/nope").refused(404, "NotFound")
    assert status["message"] == 'pods "nope" not found'
    assert api.get(f"{base}/nodes/nope").refused(404, "NotFound")["message"] == 'node "nope" not found'


@pytest.mark.parametrize("path", ["/api/v1/nodes/nope/proxy/healthz", "{core}/services/nope/proxy/", "{core}/pods/nope/proxy/"])  # fmt: skip
def test_a_proxy_to_what_is_not_there(api: Api, core: str, path: str) -> None:
    plural = path.split("/")[-4]
    status = api.get(path.format(core=core)).refused(404, "NotFound")
    assert status["message"] == f'{plural} "nope" not found'


@pytest.mark.parametrize(
    "media", ["text/plain", "application/xml", "application/x-www-form-urlencoded", STRATEGIC]
)
def test_an_object_in_an_unknown_format(api: Api, core: str, one: str, media: str) -> None:
    words = f"the body of the request was in an unknown format - accepted media types include: {OBJECTS}"
    for answer in (
        api.post(f"{core}/configmaps", config_map("x"), type=media),
        api.put(one, config_map("one"), type=media),
        api.request("DELETE", one, b"{}", type=media),
    ):
        assert answer.refused(415, "UnsupportedMediaType")["message"] == words


@pytest.mark.parametrize("media", [JSON, "application/yaml", "text/plain", "application/merge-patch"])
def test_a_patch_of_an_unknown_kind(api: Api, one: str, media: str) -> None:
    status = api.patch(one, {}, type=media).refused(415, "UnsupportedMediaType")
    assert status["message"] == "415: Unsupported Media Type"


def test_what_says_no_format_is_json(api: Api, core: str) -> None:
    body = b'{"metadata": {"name": "x"}}'
    assert api.request("POST", f"{core}/configmaps", body, type="", dryRun="All").status == 201


@pytest.mark.parametrize("accept", ["text/html", "application/xml", ";;"])
def test_an_answer_in_a_format_there_is_not(api: Api, core: str, one: str, accept: str) -> None:
    begins = "406: Not Acceptable\n\nAvailable representations: "
    for answer, given in (
        (api.get(one, accept=accept), OBJECTS),
        (api.get(f"{core}/configmaps", accept=accept), f"{OBJECTS}, {STREAMS}"),
        (api.post(f"{core}/configmaps", config_map("x"), accept=accept), OBJECTS),
        (api.get("/version", accept=accept), "application/json"),
        (api.get("/api/v1", accept=accept), OBJECTS),
    ):
        assert answer.refused(406, "NotAcceptable")["message"] == begins + given
    status = api.get("/apis", accept=accept).refused(406, "NotAcceptable")
    assert status["message"] == f"only the following media types are accepted: {OBJECTS}"


@pytest.mark.parametrize("shape", ["as=Table;v=v1alpha1;g=meta.k8s.io", "as=Chair;v=v1;g=meta.k8s.io"])
def test_an_answer_in_a_shape_there_is_not(api: Api, one: str, shape: str) -> None:
    status = api.get(one, accept=f"application/json;{shape}").refused(406, "NotAcceptable")
    assert status["message"] == f"only the following media types are accepted: {OBJECTS}"
    assert api.get(one, accept=f"application/json;{shape},application/json").ok()["kind"] == "ConfigMap"


def test_a_table_of_what_it_cannot_hold(api: Api, one: str) -> None:
    status = api.get(one, accept=TABLE, includeObject="All").refused(400, "BadRequest")
    assert status["message"] == (
        'Unable to convert to Table as requested: includeObject: Invalid value: "All": '
        "must be 'Metadata', 'Object', 'None', or empty"
    )
    assert api.patch(one, {}, accept=TABLE).ok()["kind"] == "Table", "any answer can be one"


def test_subresources_of_what_is_not_there(api: Api, core: str, apps: str) -> None:
    for answer in (
        api.get(f"{core}/pods/nope/log"),
        api.post(f"{core}/pods/nope/exec", {}, command="ls", stdout="true"),
        api.get(f"{core}/pods/nope/attach", stdout="true"),
        api.post(f"{core}/pods/nope/eviction", {"metadata": {"name": "nope"}}),
    ):
        assert answer.refused(404, "NotFound")["message"] == 'pods "nope" not found'
    status = api.get(f"{apps}/deployments/nope/scale").refused(404, "NotFound")
    assert status["message"] == 'deployments.apps "nope" not found'
    status = api.post(f"{core}/serviceaccounts/nope/token", {"spec": {}}).refused(404, "NotFound")
    assert status["message"] == 'serviceaccounts "nope" not found'


def test_an_eviction_of_another_pod(api: Api, core: str) -> None:
    api.post(f"{core}/pods", pod("p", "example.invalid/a:1")).ok()
    status = api.post(f"{core}/pods/p/eviction", {"metadata": {"name": "q"}}).refused(400, "BadRequest")
    assert status["message"] == "name in URL does not match name in Eviction object"
    status = api.post(f"{core}/pods/p/eviction", pod("p", "a:1")).refused(400, "BadRequest")
    assert status["message"] == (
        'Pod in version "v1" cannot be handled as a Eviction: '
        "converting (v1.Pod) to (policy.Eviction): unknown conversion"
    )


def test_a_scale_that_makes_no_sense(api: Api, apps: str) -> None:
    api.post(f"{apps}/deployments", deployment("web", "a:1", replicas=0)).ok()
    path = f"{apps}/deployments/web/scale"
    scale = {"metadata": {"name": "web"}, "spec": {"replicas": -1}}
    status = api.put(path, scale).refused(422, "Invalid")
    assert status["message"] == (
        'Scale.autoscaling "web" is invalid: '
        "spec.replicas: Invalid value: -1: must be greater than or equal to 0"
    )
    status = api.put(path, {"metadata": {"name": "x"}}).refused(400, "BadRequest")
    assert status["message"] == "the name of the object (x) does not match the name on the URL (web)"
    status = api.put(path, deployment("web", "a:1")).refused(400, "BadRequest")
    assert status["message"].endswith("converting (v1.Deployment) to (autoscaling.Scale): unknown conversion")
    status = api.patch(path, {"spec": {"replicas": "many"}}).refused(422, "Invalid")
    assert status["message"].startswith(' "" is invalid: patch: Invalid value: "{')
    assert status["message"].endswith("json: cannot unmarshal string into Go struct field ScaleSpec.spec.replicas of type int32")  # fmt: skip


def test_an_apply_needs_its_manager_and_nothing_else_may_force(api: Api, one: str) -> None:
    status = api.request("PATCH", one, config_map("one"), type=APPLY).refused(422, "Invalid")
    assert status["message"].endswith("fieldManager: Required value: is required for apply patch")
    status = api.patch(one, {}, force="true").refused(422, "Invalid")
    assert status["message"].endswith("force: Forbidden: may not be specified for non-apply patch")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize(
    ("path", "status"), [("v2", 200), ("v3", 200), ("v3/api/v1", 200), ("v3/apis/nope/v1", 404)]
)
def test_to_openapi_any_method_is_as_good_as_a_get(api: Api, method: str, path: str, status: int) -> None:
    answer = api.request(method, f"/openapi/{path}")
    assert (answer.status, bool(answer.data)) == (status, status == 200 and method != "HEAD")


V2 = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"


@pytest.mark.parametrize(
    ("path", "accept", "media"),
    [
        ("v2", V2, V2),
        ("v2", V2.replace("v2.v1", "v2@v1"), V2),
        ("v2", "*/*", JSON),
        ("v2", "text/html, application/*", JSON),
        ("v2", "text/html", ""),
        ("v2", "application/yaml", ""),
        ("v2", V2.replace("v2.v1", "v3.v1"), ""),
        ("v3", "text/html", "text/plain; charset=utf-8"),
        ("v3/apis/apps/v1", JSON, JSON),
        ("v3/apis/apps/v1", "application/yaml", ""),
        ("v3/apis/apps/v1", V2, ""),
    ],
)
def test_openapi_in_the_forms_that_there_are(api: Api, path: str, accept: str, media: str) -> None:
    answer = api.get(f"/openapi/{path}", accept=accept)
    if not media:
        assert (answer.status, answer.data) == (406, b"")
        return
    assert (answer.status, answer.headers["Content-Type"]) == (200, media)
    if path == "v2" and media == JSON:
        names = {name.rpartition(".")[2].removeprefix("V1") for name in answer.json["definitions"]}
        assert answer.json["swagger"] == "2.0" and {"Pod", "Deployment", "ObjectMeta"} <= names


@pytest.mark.parametrize("path", ["/api", "/api/v1", "/version", "/apis/apps/v1"])
def test_discovery_is_read_with_get_alone(api: Api, path: str) -> None:
    for method in ("HEAD", "OPTIONS", "TRACE", "POST"):
        assert api.request(method, path).status == 405, method


@pytest.mark.parametrize("path", ["/apis", "/apis/apps"])
def test_but_that_of_groups_with_any_method(api: Api, path: str) -> None:
    for method in ("HEAD", "OPTIONS", "TRACE", "POST"):
        assert api.request(method, path).status == 200, method
