"""The living picture of an app on the embedded cluster."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
import yaml

from lain_tui.core.errors import LainError
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.resources import DEPLOYMENTS, PODS, SECRETS
from lain_tui.core.kube.store import Store
from lain_tui.core.model.status import ProcRow, Severity, StatusView
from lain_tui.core.status.board import StatusBoard
from lain_tui.core.target import Target
from tests.embedded import EmbeddedCluster
from tests.kube.pace import QUICK


@pytest.fixture(scope="module")
def running() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster("demo") as cluster:
        yield cluster


@pytest.fixture
def demo(running: EmbeddedCluster) -> Iterator[EmbeddedCluster]:
    yield running
    running.clear_faults()
    running.come_up()


@asynccontextmanager
async def looking(cluster: EmbeddedCluster, app: str = "dummy") -> AsyncIterator[StatusBoard]:
    settings = yaml.safe_load(cluster.values.read_text())
    target = Target(
        namespace="default",
        cluster="demo",
        app=app,
        release=app,
        settings=settings,
        kubeconfig=(cluster.kubeconfig,),
    )
    async with (
        KubeClient.open(target) as kube,
        Store(kube, linger=0.05, pace=QUICK) as store,
        StatusBoard(kube, store, target, metrics_beat=0.5, urls_beat=60) as board,
    ):
        yield board


async def until(board: StatusBoard, holds: Callable[[StatusView], object]) -> StatusView:
    """The first picture for which it holds."""
    seen = board.version
    async with asyncio.timeout(60):
        while not holds(view := board.view()):
            seen = await board.changed(seen)
    return view


def proc(view: StatusView, name: str) -> ProcRow:
    return next(one for one in view.procs if one.name == name)


async def test_there_is_a_picture_at_once_and_a_whole_one_soon(demo: EmbeddedCluster) -> None:
    async with looking(demo) as board:
        assert not board.view().synced
        view = await board.first_view()
        assert [one.name for one in view.procs] == ["web", "worker", "daily"]
        assert proc(view, "web").hpa == (3, 6)
        assert proc(view, "worker").severity is Severity.BROKEN


async def test_the_release_the_metrics_and_the_urls_come_in_their_own_time(demo: EmbeddedCluster) -> None:
    async with looking(demo) as board:
        view = await until(
            board,
            lambda view: view.release and proc(view, "web").cpu.used if view.procs else None,
        )
        assert view.release is not None and (view.release.revision, view.release.user) == (5, "timfeirg")
        view = await until(board, lambda view: view.urls and all(url.checked for url in view.urls))
        broken, good = sorted(view.urls, key=lambda url: -url.severity)
        assert (good.status, broken.status) == (200, 503)
        assert broken.cause == "unavailable: no pod is ready behind it"


async def test_the_worst_is_explained_and_the_evidence_follows(demo: EmbeddedCluster) -> None:
    async with looking(demo) as board:
        await board.first_view()
        seen = board.version
        async with asyncio.timeout(60):
            while not (finding := board.finding()) or "MYSQL_HOST" not in " ".join(finding.explanation):
                seen = await board.changed(seen)
        assert finding.code == "crash-loop" and finding.pod.startswith("dummy-worker-")
        assert any("KeyError: 'MYSQL_HOST'" in one.text for one in finding.evidence)


async def test_a_healthy_app_has_nothing_to_explain(demo: EmbeddedCluster) -> None:
    async with looking(demo, "other") as board:
        view = board.view()
        assert board.worst() == "" and board.finding() is None and view.app == "other"


async def test_a_new_pod_is_in_the_picture_without_asking(demo: EmbeddedCluster) -> None:
    async with looking(demo) as board:
        await board.first_view()
        before = {pod.uid for pod in proc(board.view(), "web").pods}
        old = proc(board.view(), "web").pods[0]
        demo.request("DELETE", f"/api/v1/namespaces/default/pods/{old.name}")
        view = await until(board, lambda view: {pod.uid for pod in proc(view, "web").pods} - before)
        assert proc(view, "web").pods


async def test_a_lost_connection_keeps_the_picture_and_says_since_when(demo: EmbeddedCluster) -> None:
    async with looking(demo) as board:
        await until(board, lambda view: view.synced and view.link.live)
        demo.fault(action="down")
        view = await until(board, lambda view: not view.link.live)
        assert view.procs and view.synced and view.link.stale_since is not None and view.link.reason
        demo.come_up()
        board.retry_now()
        await until(board, lambda view: view.link.live)


@pytest.mark.parametrize(("resource", "pane"), [("events", "events"), ("horizontalpodautoscalers", "autoscalers"),
                                                ("ingresses", "urls"), ("secrets", "release")])  # fmt: skip
async def test_a_missing_right_leaves_a_gap_and_the_rest_stands(
    demo: EmbeddedCluster, resource: str, pane: str
) -> None:
    demo.fault(action="status", code=403, resource=resource)
    async with looking(demo) as board:
        view = await until(board, lambda view: view.synced and [gap for gap in view.gaps if gap.pane == pane])
        gap = next(gap for gap in view.gaps if gap.pane == pane)
        assert resource in gap.reason and "list" in f"{gap.reason} {gap.hint}"
        assert proc(view, "web").pods


async def test_objects_are_read_whole(demo: EmbeddedCluster) -> None:
    async with looking(demo) as board:
        view = await board.first_view()
        pod = proc(view, "worker").pods[0]
        described = await board.describe(PODS, pod.name, "default")
        assert described.title == f"Pod {pod.name}"
        assert "events" in [section.title for section in described.sections]
        assert "managedFields" not in await board.yaml(DEPLOYMENTS, "dummy-web", "default")
        assert "••••••••" in await board.yaml(SECRETS, "dummy-env", "default")


async def test_an_object_that_is_gone_is_a_sentence(demo: EmbeddedCluster) -> None:
    async with looking(demo) as board:
        with pytest.raises(LainError, match="nobody"):
            await board.yaml(PODS, "nobody", "default")


async def test_a_cluster_that_is_not_there_is_a_sentence_too(demo: EmbeddedCluster) -> None:
    demo.fault(action="down")
    async with asyncio.timeout(60):
        while await listening(demo):
            await asyncio.sleep(0.02)
    async with looking(demo) as board:
        with pytest.raises(LainError, match=r"127\.0\.0\.1"):
            await board.first_view()


async def listening(cluster: EmbeddedCluster) -> bool:
    place = urlsplit(cluster.url)
    try:
        _, writer = await asyncio.open_connection(place.hostname, place.port)
    except OSError:
        return False
    writer.close()
    return True
