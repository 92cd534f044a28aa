"""What the diff says that will be in the cluster is what helm then makes of it: all of its versions are the referee."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lain_tui.core.diff.keys import ObjectKey
from lain_tui.core.diff.merged import merged
from lain_tui.core.diff.normal import normal
from lain_tui.core.diff.report import changes_in_words, text_of
from lain_tui.core.helm.objects import split_manifest
from lain_tui.core.helm.runner import Helm
from lain_tui.core.target import Target
from tests.diff.test_compare import as_the_server_has_it, deployment, diff
from tests.embedded import EmbeddedCluster
from tests.helms import HELMS, open_helm, write_chart

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  annotations: {kept: "1" {{ if .Values.more }}, gone: "1" {{ end }}}
spec:
  selector: {matchLabels: {app: "{{ .Release.Name }}"}}
  template:
    metadata: {labels: {app: "{{ .Release.Name }}"}}
    spec:
      containers:
      - name: web
        image: "lain.test/web:{{ .Values.imageTag }}"
        env:
        - {name: A, value: "1"}
        - {name: B, value: "{{ .Values.imageTag }}"}
        {{ if .Values.more }}
        - {name: GONE, value: "1"}
        {{ end }}
"""
BY_HAND: dict[str, Any] = {
    "metadata": {"labels": {"by": "hand"}, "annotations": {"by": "hand"}},
    "spec": {
        "template": {
            "spec": {
                "nodeSelector": {"disk": "fast"},
                "volumes": [{"name": "scratch", "emptyDir": {}}],
                "containers": [
                    {
                        "name": "web",
                        "env": [{"name": "DRIFT", "value": "1"}, {"name": "A", "$patch": "delete"}],
                        "volumeMounts": [{"name": "scratch", "mountPath": "/scratch"}],
                    }
                ],
            }
        }
    },
}


@pytest.fixture(scope="module")
def cluster() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster("empty", speed=10) as embedded:
        yield embedded


@pytest.fixture
def target(cluster: EmbeddedCluster) -> Target:
    return Target(namespace="default", cluster="demo", app="web", kubeconfig=(cluster.kubeconfig,))


@pytest.fixture(params=HELMS)
async def runner(request: pytest.FixtureRequest) -> Helm:
    return await open_helm(request.param)


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    return write_chart(tmp_path / "chart", "imageTag: one\nmore: true\n", DEPLOYMENT)


async def test_what_others_wrote_stays_and_what_helm_speaks_of_becomes_as_it_says(
    runner: Helm, target: Target, chart: Path, cluster: EmbeddedCluster, request: pytest.FixtureRequest
) -> None:
    release = "web-" + request.node.callspec.params["runner"].replace(" ", "")
    path = f"/apis/apps/v1/namespaces/default/deployments/{release}"
    after = {"imageTag": "two", "more": False}

    async def rendered(values: dict[str, Any]) -> dict[str, Any]:
        (one,) = split_manifest(await runner.render(chart, values, release=release, namespace="default"))
        return one.body

    await runner.upgrade(chart, {}, on=target, release=release, timeout=30)
    cluster.request(
        "PATCH", f"{path}?fieldManager=somebody", BY_HAND, "application/strategic-merge-patch+json"
    )
    live = json.loads(json.dumps(cluster.get(path)))
    foreseen = normal(merged(await rendered({}), live, await rendered(after)))
    await runner.upgrade(chart, after, on=target, release=release, timeout=30)
    became = normal(cluster.get(path))
    assert foreseen == became
    (container,) = became["spec"]["template"]["spec"]["containers"]
    assert [one["name"] for one in container["env"]] == ["A", "B", "DRIFT"]


def test_what_others_added_restarts_nothing_and_is_drift_all_the_same() -> None:
    body = deployment()
    live = as_the_server_has_it(body)
    live["spec"]["template"]["spec"]["containers"][0]["env"].append({"name": "DRIFT", "value": "1"})
    (one,) = diff([body], [body], {ObjectKey("apps", "Deployment", "dummy-web"): live}).objects
    assert one.drift and not one.live_lines and not one.restarts


def test_a_number_that_somebody_set_goes_back_and_both_are_shown() -> None:
    body = deployment(replicas=1)
    live = as_the_server_has_it(deployment(replicas=3))
    result = diff([body], [body], {ObjectKey("apps", "Deployment", "dummy-web"): live})
    assert next(text_of(result, against_live=True)).startswith("~ Deployment dummy-web (set back)  3 to 1")
    assert changes_in_words(result) == "Nothing changes; 1 object is set back."
    (one,) = result.objects
    marked = [f"{line.mark.value} {line.text.strip()}" for line in one.live_lines if line.mark in ("+", "-")]
    assert marked == ["- replicas: 3", "+ replicas: 1"]
    assert one.restarts == "3 to 1 pod, none restarts"


@pytest.mark.parametrize(
    ("release", "live", "following", "becomes"),
    [
        ({"a": 1}, {"a": 1}, {}, {}),
        ({}, {"a": 1}, {}, {"a": 1}),
        ({"a": 1}, {"a": 2}, {"a": 1}, {"a": 1}),
        ({}, {}, {"a": 1}, {"a": 1}),
        ({"a": [1]}, {"a": [1, 2]}, {"a": [1]}, {"a": [1]}),
        ({"a": 1}, {"a": 1}, {"a": None}, {}),
    ],
    ids=["taken away", "somebody's own", "set back", "new", "a list without names", "null"],
)
def test_field_by_field(release: Any, live: Any, following: Any, becomes: Any) -> None:
    assert merged(release, live, following) == becomes


def test_ports_of_a_service_are_told_apart_by_their_number() -> None:
    def service(*ports: int) -> dict[str, Any]:
        return {"kind": "Service", "spec": {"ports": [{"port": port} for port in ports]}}

    assert merged(service(80), service(80, 9000), service(81)) == service(81, 9000)
