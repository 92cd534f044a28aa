"""The Cluster screen and its board on the embedded cluster."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget

from lain_tui.app import LainApp
from lain_tui.core.config.settings import Settings
from lain_tui.core.errors import LainError
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.store import Store
from lain_tui.core.model.overview import NodeRow, Overview, Topic
from lain_tui.core.model.status import Severity, Usage
from lain_tui.core.overview.board import OverviewBoard
from lain_tui.core.target import Target
from lain_tui.screens.choose import ChooseScreen
from lain_tui.screens.detail import DetailScreen
from lain_tui.screens.operation import OperationScreen
from lain_tui.screens.overview.opening import status_of
from lain_tui.screens.overview.screen import OverviewScreen
from lain_tui.screens.places import Context
from lain_tui.widgets.choice_list import ChoiceList
from lain_tui.widgets.header import Header
from lain_tui.widgets.overview_list import HEALTHY, overview_lines, topic_key
from lain_tui.widgets.viewer import Viewer
from tests.embedded import EmbeddedCluster


@pytest.fixture(scope="module")
def running() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster() as cluster:
        yield cluster


@pytest.fixture
def demo(running: EmbeddedCluster) -> Iterator[EmbeddedCluster]:
    yield running
    running.clear_faults()


@pytest.fixture
def target(demo: EmbeddedCluster) -> Target:
    return Target(app="dummy", cluster="demo", namespace="default", kubeconfig=(demo.kubeconfig,))


async def test_one_picture_of_every_namespace(target: Target) -> None:
    async with looking(target) as board:
        await board.first_view()
        assert await board.until(lambda: board.complete and bool(board.view().version), 20)
        view = board.view()
        assert {row.name: row.state.split(",")[0] for row in view.nodes} == {
            "demo-1": "Ready",
            "demo-2": "Ready",
            "demo-3": "Ready",
        }
        assert view.nodes[0].name == "demo-3" and "MemoryPressure" in view.nodes[0].state
        assert [one.title for one in view.problems if one.topic is Topic.PODS] == ["CrashLoopBackOff, exit 1"]
        assert [one.title for one in view.problems if one.topic is Topic.INGRESSES] == [
            "service dummy-admin does not exist"
        ]
        assert view.version.startswith("v1.")


async def test_what_may_not_be_read_is_a_gap_and_the_rest_stays(
    demo: EmbeddedCluster, target: Target
) -> None:
    demo.fault(action="status", code=403, resource="nodes")
    async with looking(target) as board:
        view = await board.first_view()
        assert view.nodes == () and view.pods
        assert any(gap.pane == "nodes" and "you may not list nodes" in gap.reason for gap in view.gaps)


async def test_who_may_see_one_namespace_only_sees_that_one_and_is_told(
    demo: EmbeddedCluster, target: Target
) -> None:
    demo.fault(action="status", code=403, namespace="-")
    async with looking(target) as board:
        view = await board.first_view()
        assert await board.until(lambda: board.complete, 20)
        view = board.view()
        assert (view.namespace, view.blind, view.nodes) == ("default", "", ())
        assert [one.title for one in view.problems if one.topic is Topic.PODS] == ["CrashLoopBackOff, exit 1"]
        assert [gap.pane for gap in view.gaps] == ["namespace but default", "nodes"]
        assert (
            view.gaps[0].reason
            == "you may not list pods, deployments, replicasets and 5 more kinds in the whole cluster"
        )


async def test_who_may_see_no_pod_is_not_told_that_all_is_well(demo: EmbeddedCluster, target: Target) -> None:
    demo.fault(action="status", code=403, resource="pods")
    demo.fault(action="status", code=403, resource="nodes")
    app = OnOverview(target, Settings())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = app.screen
        assert isinstance(screen, OverviewScreen)
        while not screen.picture.blind:
            await pilot.pause(0.05)
        assert screen.picture.blind == "you may not list pods in namespace default"
        assert not any(one.topic is Topic.INGRESSES for one in screen.picture.problems), (
            "an ingress whose pods may not be seen is not known to have none"
        )


async def test_a_cluster_that_is_away_is_told() -> None:
    with EmbeddedCluster("empty") as gone:
        away = Target(cluster="gone", namespace="default", kubeconfig=(gone.kubeconfig,))
        async with KubeClient.open(away) as kube, Store(kube) as store:
            gone.stop()
            async with OverviewBoard(kube, store, away) as board:
                with pytest.raises(LainError):
                    await board.first_view(20)


@asynccontextmanager
async def looking(target: Target) -> AsyncIterator[OverviewBoard]:
    async with (
        KubeClient.open(target) as kube,
        Store(kube) as store,
        OverviewBoard(kube, store, target) as board,
    ):
        yield board


class OnOverview(LainApp):
    """Opens on the Cluster screen, over an empty one to go back to."""

    def get_default_screen(self) -> Screen[None]:
        return Screen()

    def on_mount(self) -> None:
        super().on_mount()
        self.push_screen(OverviewScreen(Context(self.session, self.target, self.settings)))


@asynccontextmanager
async def opened(
    target: Target, topics: frozenset[Topic] = frozenset(), *, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[OverviewScreen, Pilot[int]]]:
    """The screen, once its picture is there and has problems of these topics."""
    app = OnOverview(target, Settings())
    async with app.run_test(size=size) as pilot:
        screen = app.screen
        assert isinstance(screen, OverviewScreen)
        while not (screen.picture.synced and topics <= {one.topic for one in screen.picture.problems}):
            await pilot.pause(0.05)
        yield screen, pilot


def texts(widget: Widget) -> list[str]:
    rows = ["".join(part.text for part in widget.render_line(y)).rstrip() for y in range(widget.size.height)]
    return [row for row in rows if row]


async def test_enter_on_bad_pods_opens_their_app(target: Target) -> None:
    async with opened(target) as (screen, pilot):
        lines = screen.query_one(ChoiceList)
        assert any("CrashLoopBackOff" in text for text in texts(lines))
        key = next(one.key for one in screen.picture.problems if one.topic is Topic.PODS)
        lines.move_to(key)
        await pilot.press("enter")
        await pilot.pause()
        assert type(pilot.app.screen).__name__ == "StatusScreen"
        await pilot.press("escape")
        await pilot.pause()
        assert pilot.app.screen is screen


async def test_a_topic_folds_and_unfolds(target: Target) -> None:
    async with opened(target, size=(80, 24)) as (screen, pilot):
        lines = screen.query_one(ChoiceList)
        assert texts(lines)[1].lstrip(" !").startswith("demo-3")
        await pilot.press("home", "enter")
        await pilot.pause()
        assert texts(lines)[1].startswith(" ▾ pods"), "the nodes are folded away"
        await pilot.press("enter")
        await pilot.pause()
        assert texts(lines)[1].lstrip(" !").startswith("demo-3")


async def test_enter_opens_what_every_line_is_about(target: Target) -> None:
    async with opened(target, frozenset({Topic.EVENTS, Topic.SINGLETONS, Topic.URLS})) as (screen, pilot):
        lines = screen.query_one(ChoiceList)
        lines.move_to(topic_key(Topic.SINGLETONS))
        await pilot.press("enter")
        for problem in screen.picture.problems:
            if problem.topic is Topic.NODES:
                continue  # the nodes' own lines tell of it
            lines.move_to(problem.key)
            await pilot.press("enter")
            while pilot.app.screen is screen or isinstance(pilot.app.screen, ChooseScreen):
                await pilot.pause(0.05)
                if isinstance(pilot.app.screen, ChooseScreen):
                    await pilot.press("enter")
            if isinstance(pilot.app.screen, DetailScreen):
                while len(pilot.app.screen.query_one(Viewer).text) < 20:
                    await pilot.pause(0.05)
            await pilot.press("escape")
            await pilot.pause()
            assert pilot.app.screen is screen


async def test_a_filter_leaves_what_has_its_words_in_it(target: Target) -> None:
    async with opened(target, frozenset({Topic.INGRESSES, Topic.SINGLETONS})) as (screen, pilot):
        lines = screen.query_one(ChoiceList)
        await pilot.press("slash", *"default", "space", *"service", "enter")
        await pilot.pause()
        assert [text.strip().split("  ")[0] for text in texts(lines)] == [
            "▾ ingresses without pods",
            "! default/dummy-dummy-admin-localhost",
        ]
        await pilot.press("slash", *["backspace"] * 7, *"replica", "enter")
        await pilot.pause()
        assert "Deployments with one replica" in texts(lines)[-1], "nothing that is sought is folded away"
        assert "/default replica" in texts(screen.query_one(Header))[0]
        await pilot.press("escape")
        await pilot.pause()
        assert pilot.app.screen is screen and texts(lines)[0].startswith(" ▾ nodes")
        await pilot.press("escape")
        await pilot.pause()
        assert pilot.app.screen is not screen


async def test_marked_problems_are_deleted_together(demo: EmbeddedCluster, target: Target) -> None:
    async with opened(target, frozenset({Topic.PODS, Topic.INGRESSES})) as (screen, pilot):
        lines = screen.query_one(ChoiceList)
        await pilot.press("home", "ctrl+d")
        assert type(pilot.app.screen) is OverviewScreen, "a topic cannot be deleted"
        problems = [one for one in screen.picture.problems if one.topic in (Topic.PODS, Topic.INGRESSES)]
        for problem in problems:
            lines.move_to(problem.key)
            await pilot.press("space")
        assert sum("◆" in text for text in texts(lines)) == len(problems)
        await pilot.press("ctrl+d")
        operation = pilot.app.screen
        assert isinstance(operation, OperationScreen)
        while (plan := operation.plan) is None:
            await pilot.pause(0.05)
        assert plan.subject == "1 Pod and 1 Ingress on demo"
        assert {call.rpartition("/")[0] for call in plan.calls} == {
            "delete Pod default",
            "delete Ingress default",
        }
        await pilot.press("enter")
        app = pilot.app
        assert isinstance(app, OnOverview)
        while not app.session.operations.all or not app.session.operations.all[0].over:
            await pilot.pause(0.05)
        assert app.session.operations.all[0].succeeded
        await pilot.press("escape")
        while any(one.topic is Topic.INGRESSES for one in screen.picture.problems):
            await pilot.pause(0.05)


async def test_the_app_one_came_from_keeps_its_chart(target: Target, tmp_path: Path) -> None:
    own = msgspec.structs.replace(target, chart=tmp_path)
    app = OnOverview(own, Settings())
    async with app.run_test(size=(120, 40)) as pilot:
        context = Context(app.session, app.target, app.settings)
        assert status_of(context, "default", "dummy").target.chart == tmp_path
        assert status_of(context, "default", "hello").target.chart is None
        await pilot.pause()


def test_many_healthy_nodes_are_one_line_until_it_is_opened() -> None:
    usage = Usage(used=500, request=1000, limit=4000)
    healthy = tuple(NodeRow(name=f"n{number}", cpu=usage, memory=usage) for number in range(40))
    ill = NodeRow(name="ill", state="NotReady", severity=Severity.BROKEN)
    view = Overview(cluster="prod", nodes=(ill, *healthy))

    def told(**how: frozenset[str]) -> list[str]:
        lines = overview_lines(
            view, 120, datetime.now(UTC), **{"folded": frozenset(), "opened": frozenset(), **how}
        )
        return ["".join(text for text, _ in line).strip() for _, line in lines]

    assert [text.split("  ")[0] for text in told()] == ["▾ nodes", "✗ ill", "▸ 40 healthy nodes"]
    assert told()[2].endswith("cpu 12% used, 25% requested  memory 12% used, 25% requested")
    assert len(told(opened=frozenset({HEALTHY}))) == 43


async def test_nothing_is_deleted_in_read_only_mode(target: Target) -> None:
    app = OnOverview(msgspec.structs.replace(target, read_only=True), Settings())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = app.screen
        assert isinstance(screen, OverviewScreen)
        while not screen.picture.problems:
            await pilot.pause(0.05)
        screen.query_one(ChoiceList).move_to(screen.picture.problems[0].key)
        await pilot.press("ctrl+d")
        await pilot.pause()
        assert app.screen is screen
