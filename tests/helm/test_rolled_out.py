"""How long a release took that somebody else deployed: told while the cluster knows it, and otherwise not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lain_tui.core.helm.history import History
from lain_tui.core.helm.sdk import SdkHelm
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.target import Target
from tests.embedded import EmbeddedCluster
from tests.helms import write_chart

DEPLOYMENT = """\
apiVersion: apps/v1
kind: {{ .Values.kind }}
metadata: {name: "{{ .Release.Name }}"}
spec:
  {{ if eq .Values.kind "StatefulSet" }}serviceName: web{{ end }}
  selector: {matchLabels: {app: "{{ .Release.Name }}"}}
  template:
    metadata: {labels: {app: "{{ .Release.Name }}"}}
    spec:
      containers:
      - name: web
        image: "lain.test/{{ .Values.program }}:{{ .Values.imageTag }}"
"""
NAMES = iter(range(1000))


@pytest.fixture(scope="module")
def cluster() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster("empty", speed=1) as embedded:
        yield embedded


@pytest.fixture
def release() -> str:
    return f"web-{next(NAMES)}"


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    return write_chart(tmp_path / "chart", "imageTag: one\nkind: Deployment\nprogram: web\n", DEPLOYMENT)


Deploy = Callable[..., Any]


@pytest.fixture
def deploy(chart: Path, target: Target, release: str) -> Deploy:
    async def upgrade(**values: str) -> None:
        await SdkHelm().upgrade(chart, values, on=target, release=release, timeout=30)

    return upgrade


async def newest(kube: KubeClient, release: str) -> tuple[float | None, int]:
    """The seconds of the newest revision, and how many revisions of another are said to have taken any."""
    history = History(kube, "default", release)
    first, *others = [one async for one in history.details(await history.revisions())]
    return first.ready_after, sum(one.ready_after is not None for one in others)


async def ready(cluster: EmbeddedCluster, release: str, kind: str = "deployments") -> None:
    def is_ready(body: Any) -> bool:
        status = body.get("status") or {}
        seen = status.get("observedGeneration") == body["metadata"]["generation"]
        conditions = {one["type"]: one["reason"] for one in status.get("conditions") or ()}
        done = conditions.get("Progressing") == "NewReplicaSetAvailable" or kind != "deployments"
        return bool(seen and done and status.get("readyReplicas") == 1 == status.get("updatedReplicas"))

    path = f"/apis/apps/v1/namespaces/default/{kind}/{release}"
    await asyncio.to_thread(cluster.wait_for, path, is_ready, 60.0)


async def test_it_is_told_of_the_newest_once_its_pods_are_ready(
    deploy: Deploy, cluster: EmbeddedCluster, kube: KubeClient, release: str
) -> None:
    await deploy()
    assert await newest(kube, release) == (None, 0), "not before they are"
    await ready(cluster, release)
    seconds, others = await newest(kube, release)
    assert seconds is not None and 0 <= seconds < 60 and others == 0


async def test_of_a_revision_that_replaced_no_pod_nothing_is_told(
    deploy: Deploy, cluster: EmbeddedCluster, kube: KubeClient, release: str
) -> None:
    await deploy()
    await ready(cluster, release)
    await asyncio.sleep(1.1)  # the API's times have no fractions
    await deploy()
    assert await newest(kube, release) == (None, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "lain.test/web:by-hand"}]}}}},
        {"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "now"}}}}},
        {"spec": {"template": {"metadata": {"labels": {"team": "a"}}}}},
    ],
    ids=["another image", "a restart", "a label"],
)
async def test_once_somebody_has_changed_the_pods_past_helm_it_is_known_no_more(
    deploy: Deploy, cluster: EmbeddedCluster, kube: KubeClient, release: str, change: dict[str, Any]
) -> None:
    await deploy()
    await ready(cluster, release)
    path = f"/apis/apps/v1/namespaces/default/deployments/{release}?fieldManager=somebody"
    cluster.request("PATCH", path, change, "application/strategic-merge-patch+json")
    await ready(cluster, release)
    assert await newest(kube, release) == (None, 0)


async def test_scaling_down_past_helm_does_not_touch_it(
    deploy: Deploy, cluster: EmbeddedCluster, kube: KubeClient, release: str
) -> None:
    """Scaling up would: without a probe the time until the new pod runs looks as a crash does."""
    await deploy()
    await ready(cluster, release)
    before = await newest(kube, release)
    path = f"/apis/apps/v1/namespaces/default/deployments/{release}"
    cluster.request("PATCH", f"{path}/scale", {"spec": {"replicas": 0}}, "application/merge-patch+json")
    await asyncio.to_thread(
        cluster.wait_for, path, lambda body: not body["status"].get("availableReplicas"), 60.0
    )
    assert before[0] is not None and await newest(kube, release) == before


async def test_a_pod_that_nothing_probes_and_that_crashed_since_was_never_ready(
    deploy: Deploy, cluster: EmbeddedCluster, kube: KubeClient, release: str
) -> None:
    await deploy(program="crash")

    def is_away(body: Any) -> bool:
        conditions = {one["type"]: one for one in (body.get("status") or {}).get("conditions") or ()}
        rolled = conditions.get("Progressing", {}).get("reason") == "NewReplicaSetAvailable"
        return rolled and conditions["Available"]["status"] == "False"

    path = f"/apis/apps/v1/namespaces/default/deployments/{release}"
    await asyncio.to_thread(cluster.wait_for, path, is_away, 60.0)
    assert await newest(kube, release) == (None, 0)


async def test_stateful_sets_keep_no_such_time(
    deploy: Deploy, cluster: EmbeddedCluster, kube: KubeClient, release: str
) -> None:
    await deploy(kind="StatefulSet")
    await ready(cluster, release, "statefulsets")
    assert await newest(kube, release) == (None, 0)
