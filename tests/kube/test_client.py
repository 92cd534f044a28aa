"""What the client asks, and what it makes of the answers."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from lain_tui.core.kube.calls import Trace, parse_call
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import (
    AlreadyExists,
    ApiAbsent,
    BadAnswer,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    KubeError,
    NotFound,
    ServerFault,
    TooManyRequests,
)
from lain_tui.core.kube.exec import open_exec
from lain_tui.core.kube.resources import DEPLOYMENTS, NODES, PODS, SECRETS, WATCHED
from tests.kube import kubeconfigs
from tests.kube.api import PODS_PATH, Answer, Api, pod, status


def json_answer(body: Any, code: int = 200) -> Answer:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response(body, status=code)

    return answer


# -- lists


async def test_a_long_list_comes_in_pages(api: Api, kube: KubeClient) -> None:
    for number in range(7):
        api.put(f"pod-{number}")
    page = await kube.list_page(PODS, "dummy", limit=3)
    assert [item.metadata.name for item in page.items] == [f"pod-{number}" for number in range(7)]
    assert page.version == str(api.version)
    assert [seen.query["limit"] for seen in api.seen] == ["3", "3", "3"]


async def test_a_list_whose_snapshot_expires_between_pages_is_read_again_whole(
    api: Api, kube: KubeClient
) -> None:
    for number in range(7):
        api.put(f"pod-{number}")

    async def last_of_its_snapshot(request: web.Request) -> web.StreamResponse:
        answer = await api.list_pods(request)
        api.compact()
        api.put("late")
        return answer

    api.next.append(last_of_its_snapshot)
    page = await kube.list_page(PODS, "dummy", limit=3)
    names = [item.metadata.name for item in page.items]
    assert len(names) == len(set(names)) == 8 and "late" in names
    assert "limit" not in api.seen[-1].query, "whole: it cannot expire again"


async def test_lists_ask_for_selectors_and_the_newest(api: Api, kube: KubeClient) -> None:
    await kube.list(PODS, "dummy", selector="app in (a, b),!c", fields="status.phase!=Running")
    query = api.seen[0].query
    assert query["labelSelector"] == "app in (a, b),!c" and query["fieldSelector"] == "status.phase!=Running"
    assert "resourceVersion" not in query


async def test_secrets_are_listed_without_their_data(api: Api, kube: KubeClient) -> None:
    path = "/api/v1/namespaces/dummy/secrets"
    api.always["GET", path] = json_answer({"kind": "PartialObjectMetadataList", "items": None})
    assert await kube.list(SECRETS, "dummy") == []
    assert api.seen[0].headers["Accept"] == "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


async def test_an_object_is_read_typed_or_raw(api: Api, kube: KubeClient) -> None:
    api.always["GET", f"{PODS_PATH}/web"] = json_answer(pod("web"))
    assert (await kube.get(PODS, "web", "dummy")).status.phase == "Running"
    assert json.loads(await kube.get_raw(PODS, "web", "dummy")) == pod("web")
    api.always["GET", f"{PODS_PATH}/web"] = json_answer([1])
    with pytest.raises(BadAnswer, match="not a Pod"):
        await kube.get(PODS, "web", "dummy")


def test_paths_are_those_of_the_api() -> None:
    assert PODS.path() == "/api/v1/pods"
    assert PODS.path("a b", "c/d", "log") == "/api/v1/namespaces/a%20b/pods/c%2Fd/log"
    assert DEPLOYMENTS.path("ns", "web") == "/apis/apps/v1/namespaces/ns/deployments/web"
    assert NODES.path("ignored", "n1") == "/api/v1/nodes/n1"
    assert len({(kind.group, kind.plural) for kind in WATCHED}) == len(WATCHED)


# -- changes


async def test_every_kind_of_change_is_sent_as_the_api_wants_it(api: Api, kube: KubeClient) -> None:
    one = f"{PODS_PATH}/web"
    for method, path in (("POST", PODS_PATH), ("PUT", one), ("PATCH", one), ("DELETE", one)):
        api.always[method, path] = json_answer(pod("web"))
    await kube.create(PODS, {"a": 1}, "dummy", dry_run=True)
    await kube.replace(PODS, "web", pod("web"), "dummy")
    await kube.patch(PODS, "web", {"metadata": {"labels": {}}}, "dummy", resource_version="7")
    await kube.patch(PODS, "web", [{"op": "remove", "path": "/x"}], "dummy", type="json")
    await kube.patch(PODS, "web", {}, "dummy", type="strategic", subresource="")
    await kube.patch(PODS, "web", b"kind: Pod", "dummy", type="apply", force=True, field_manager="me")
    await kube.delete(PODS, "web", "dummy", uid="u", resource_version="7", propagation="Foreground", grace=0)
    create, replace, merge, json_patch, strategic, apply, delete = api.seen
    assert create.query == {"dryRun": "All", "fieldManager": "lain-tui"}
    assert replace.headers["Content-Type"] == "application/json"
    assert merge.headers["Content-Type"] == "application/merge-patch+json"
    assert json.loads(merge.body) == {"metadata": {"labels": {}, "resourceVersion": "7"}}
    assert json_patch.headers["Content-Type"] == "application/json-patch+json"
    assert strategic.headers["Content-Type"] == "application/strategic-merge-patch+json"
    assert apply.headers["Content-Type"] == "application/apply-patch+yaml"
    assert (apply.body, apply.query) == (b"kind: Pod", {"fieldManager": "me", "force": "true"})
    options = json.loads(delete.body)
    assert options["preconditions"] == {"uid": "u", "resourceVersion": "7"}
    assert (options["propagationPolicy"], options["gracePeriodSeconds"]) == ("Foreground", 0)
    with pytest.raises(ValueError, match="resource_version"):
        await kube.patch(PODS, "web", [], "dummy", type="json", resource_version="7")


async def test_an_eviction_that_a_budget_forbids_is_not_repeated(api: Api, kube: KubeClient) -> None:
    path = f"{PODS_PATH}/web/eviction"
    message = "Cannot evict pod as it would violate the pod's disruption budget."
    causes = [{"reason": "DisruptionBudget", "message": "The disruption budget web needs 1 healthy pods"}]
    api.always["POST", path] = status(429, message, "TooManyRequests", causes=causes, retryAfterSeconds=1)
    with pytest.raises(TooManyRequests, match=r"disruption budget: The disruption budget web needs 1"):
        await kube.evict("web", "dummy")
    assert len(api.seen) == 1
    assert json.loads(api.seen[0].body)["kind"] == "Eviction"


# -- answers that are errors


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (
            status(404, 'pods "web" not found', "NotFound", name="web", kind="pods"),
            NotFound,
            'pods "web" not found',
        ),
        (status(404), ApiAbsent, "does not serve pods"),
        (status(409, "the object has been modified", "Conflict"), Conflict, "read it again"),
        (status(409, 'pods "web" already exists', "AlreadyExists"), AlreadyExists, "already exists"),
        (status(410, "too old", "Expired"), Gone, "too old"),
        (
            status(422, "Pod is invalid", "Invalid", causes=[{"message": "must be > 0"}]),
            Invalid,
            "must be > 0",
        ),
        (status(500, "etcdserver: no leader"), ServerFault, "500: etcdserver: no leader"),
        (status(418, "teapot"), KubeError, "teapot"),
    ],
)
async def test_each_failure_has_its_error(
    api: Api, kube: KubeClient, answer: Answer, error: type[KubeError], words: str
) -> None:
    api.next.append(answer)
    with pytest.raises(error, match=words) as caught:
        await kube.get(PODS, "web", "dummy")
    assert type(caught.value) is error


async def test_a_kubelet_that_does_not_know_the_pod_is_not_a_cluster_without_exec(
    api: Api, kube: KubeClient
) -> None:
    api.next += [status(404, "pod does not exist"), status(400, "you must request an upgrade")]
    with pytest.raises(NotFound, match="the node does not know pod web"):
        async with open_exec(kube, "dummy", "web", "main", ["true"]):
            pass


async def test_forbidden_says_what_to_ask_for(api: Api, kube: KubeClient) -> None:
    api.next.append(
        status(403, 'pods "web" is forbidden: User "jane" cannot delete resource "pods"', "Forbidden")
    )
    with pytest.raises(Forbidden) as caught:
        await kube.delete(PODS, "web", "dummy")
    error = caught.value
    assert (error.verb, error.resource, error.namespace) == ("delete", "pods", "dummy")
    assert "you may not delete pods in namespace dummy" in str(error)
    assert "kubectl auth can-i delete pods -n dummy" in error.hint


async def test_a_quota_that_refuses_is_told_in_its_own_words(api: Api, kube: KubeClient) -> None:
    api.next.append(
        status(403, 'pods "web" is forbidden: exceeded quota: small, requested: cpu=1', "Forbidden")
    )
    with pytest.raises(Forbidden, match="exceeded quota: small, requested: cpu=1"):
        await kube.create(PODS, {}, "dummy")


async def test_a_proxys_error_page_is_not_shown_as_html(api: Api, kube: KubeClient) -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response(status=502, text="<html><h1>Bad Gateway</h1></html>")

    api.next.append(page)
    with pytest.raises(ServerFault) as caught:
        await kube.server_version()
    assert "502" in str(caught.value) and "<" not in str(caught.value)


async def test_429_is_waited_out_as_long_as_it_says(api: Api, kube: KubeClient) -> None:
    loop = asyncio.get_running_loop()
    api.next.append(status(429, "busy", retryAfterSeconds=1))
    started = loop.time()
    assert (await kube.server_version()).git_version == "v1.35.0"
    assert loop.time() - started >= 1.0
    api.next.append(status(429, "busy", retryAfterSeconds=600))
    with pytest.raises(TooManyRequests) as caught:
        await kube.server_version()
    assert caught.value.retry_after == 600


@pytest.mark.parametrize(
    ("method", "path", "watch", "expected"),
    [
        ("GET", "/api/v1/pods", False, ("list", "pods", "", "", "")),
        ("GET", "/api/v1/namespaces/ns/pods", True, ("watch", "pods", "", "ns", "")),
        ("GET", "/api/v1/namespaces/ns", False, ("get", "namespaces", "", "", "ns")),
        ("GET", "/api/v1/namespaces/ns/pods/web/log", False, ("get", "pods/log", "", "ns", "web")),
        (
            "POST",
            "/api/v1/namespaces/ns/pods/web/eviction",
            False,
            ("create", "pods/eviction", "", "ns", "web"),
        ),
        (
            "PATCH",
            "/apis/apps/v1/namespaces/ns/deployments/web",
            False,
            ("patch", "deployments", "apps", "ns", "web"),
        ),
        ("GET", "/version", False, ("get", "/version", "", "", "")),
    ],
)
def test_a_request_is_named_as_permissions_name_it(
    method: str, path: str, watch: bool, expected: tuple[str, ...]
) -> None:
    call = parse_call(method, path, watch=watch)
    assert (call.verb, call.resource, call.group, call.namespace, call.name) == expected


# -- the rest


async def test_may_i(api: Api, kube: KubeClient) -> None:
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    api.always["POST", path] = json_answer({"status": {"allowed": True}}, 201)
    assert await kube.can_i("delete", DEPLOYMENTS, "dummy")
    attributes = json.loads(api.seen[0].body)["spec"]["resourceAttributes"]
    assert attributes == {
        "verb": "delete",
        "group": "apps",
        "version": "v1",
        "resource": "deployments",
        "namespace": "dummy",
    }


async def test_a_kind_is_found_by_the_name_in_a_manifest(api: Api, kube: KubeClient) -> None:
    resources = [
        {"name": "widgets/status", "kind": "Widget", "namespaced": True},
        {"name": "widgets", "kind": "Widget", "namespaced": True},
    ]
    api.always["GET", "/apis/example.com/v1"] = json_answer({"resources": resources})
    kind = await kube.kind_of("example.com/v1", "Widget")
    assert kind.path("ns", "one") == "/apis/example.com/v1/namespaces/ns/widgets/one"
    with pytest.raises(LookupError):
        await kube.kind_of("example.com/v1", "Gadget")
    with pytest.raises(ApiAbsent):
        await kube.kind_of("other.example/v1", "Widget")


async def test_requests_are_traced_without_secrets(api: Api, tmp_path: Path) -> None:
    traces: list[Trace] = []
    server = api.url.replace("http://", "http://user:hidden@")
    file = kubeconfigs.write(tmp_path / "config", server, user={"token": "s3cret"})
    async with KubeClient.open(kubeconfigs.target(file), on_request=traces.append) as kube:
        await kube.server_version()
        with pytest.raises(KubeError):
            await kube.request("GET", "/api/v1/x", params=[("command", "s3cret"), ("command", "y")])
        await api.down()
        with pytest.raises(KubeError):
            await kube.server_version()
    assert [(trace.method, trace.status) for trace in traces] == [("GET", 200), ("GET", 404), ("GET", None)]
    assert traces[0].url == f"{api.url}/version" and traces[0].seconds > 0
    assert "s3cret" not in str(traces) and "hidden" not in str(traces)
