"""The Cluster and Clusters screens, and the question what to copy, as they look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from textual.screen import Screen

from lain_tui.app import LainApp
from lain_tui.core.config.settings import Settings
from lain_tui.core.model.fleet import ProcStanding, Standing
from lain_tui.core.model.overview import NodeRow, Overview, Problem, Topic
from lain_tui.core.model.status import Link, Severity, Usage
from lain_tui.core.target import Target
from lain_tui.screens.copy import CopyScreen
from lain_tui.screens.fleet import FleetScreen
from lain_tui.screens.overview.screen import OverviewScreen
from lain_tui.screens.places import Context
from tests.screens.views import dummy_app
from tests.snapshots import Picture

NOW = datetime(2026, 3, 5, 8, 4, 35, tzinfo=UTC)
GI = 2.0**30
SIZES = [(80, 24), (120, 40), (200, 50)]
TARGET = Target(namespace="default", cluster="prod", app="dummy", release="dummy", protected=True)


def ago(**when: float) -> datetime:
    return NOW - timedelta(**when)


def node(name: str, pods: int, cpu: float, memory: float, **more: object) -> NodeRow:
    return NodeRow(
        name=name, pods=pods, version="v1.36.3", created=ago(days=90),
        cpu=Usage(used=cpu, request=2500, limit=4000), memory=Usage(used=memory * GI, request=9 * GI, limit=16 * GI),
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def problem(topic: Topic, severity: Severity, title: str, where: str, *lines: str, **more: object) -> Problem:
    return Problem(
        key=f"{topic}/{where}/{title}", topic=topic, severity=severity, title=title, where=where, lines=lines,
        namespace="default", **more,  # type: ignore[arg-type]
    )  # fmt: skip


OVERVIEW = Overview(
    cluster="prod",
    version="v1.36.3",
    nodes=(
        node("node-3", 61, 3100, 15.1, severity=Severity.RISK, state="Ready, MemoryPressure", detail="kubelet has insufficient memory available"),
        node("node-1", 48, 1200, 6.4),
        node("node-2", 52, 1900, 8.8, state="Ready, cordoned", taints=("dedicated=gpu:NoSchedule",)),
    ),
    problems=(
        problem(Topic.PODS, Severity.BROKEN, "CrashLoopBackOff, exit 1", "default/dummy",
                "dummy-worker-6d4f5c7b9-q9f7c  0/1, 14 restarts on node-1", app="dummy", kind="Pod", count=3,
                since=ago(minutes=4), name="dummy-worker-6d4f5c7b9-q9f7c", struck=("a", "b", "c")),
        problem(Topic.PODS, Severity.RISK, "near its memory limit", "billing/billing", app="billing", kind="Pod",
                count=2, since=ago(days=3), name="billing-web-5c9-x", struck=("d", "e")),
        problem(Topic.PODS, Severity.DONE, "Evicted: records that may be deleted", "default/reports", kind="Pod", count=12,
                since=ago(days=9), name="reports-1", struck=("f",)),
        problem(Topic.RELEASES, Severity.BROKEN, "stuck in pending-upgrade", "default/billing", since=ago(hours=2),
                app="billing", kind="Secret", name="sh.helm.release.v1.billing.v7"),
        problem(Topic.URLS, Severity.BROKEN, "502 bad gateway", "https://billing.example.com/"),
        problem(Topic.URLS, Severity.RISK, "certificate ends in 6 days", "https://dummy.example.com/"),
        problem(Topic.EVENTS, Severity.RISK, "FailedScheduling", "default, Pod", count=41, since=ago(minutes=1), kind="Pod", name="x"),
        problem(Topic.INGRESSES, Severity.RISK, "service dummy-admin does not exist", "default/dummy-admin",
                kind="Ingress", name="dummy-admin", struck=("dummy-admin",)),
        problem(Topic.SINGLETONS, Severity.OK, "Deployments with one replica", "default", "redis", "sentry", count=2),
    ),
    pods=161, bad_pods=5, namespaces=14, link=Link(live=True), synced=True,
)  # fmt: skip

TAG = "1634699031-1176662fba0a18b0a3a1e3b0ba2cb1f7d1f9aaaa"
OLD = "1634600000-aa90b1c8b0a18b0a3a1e3b0ba2cb1f7d1f9aaaa1"
STANDINGS = (
    Standing(
        cluster="prod", namespace="default", current=True, protected=True, revision=14, status="deployed",
        image_tag=OLD, user="timfei", updated=ago(days=2), version="v1.34.1",
        procs=(ProcStanding(name="web", summary="3 of 3, up to date", image_tag=OLD),
               ProcStanding(name="worker", summary="1 of 1, up to date", image_tag=OLD)),
    ),
    Standing(
        cluster="test", namespace="default", revision=57, status="deployed", image_tag=TAG, user="ci",
        updated=ago(hours=3), version="v1.36.3",
        procs=(ProcStanding(name="web", summary="1 of 1, up to date", image_tag=TAG),
               ProcStanding(name="worker", summary="0 of 1, unavailable for 4 m", severity=Severity.BROKEN, image_tag=TAG)),
    ),
    Standing(cluster="eu", namespace="default", error="10.0.0.9:6443 gave no answer within 10 s"),
)  # fmt: skip


class Still(LainApp):
    """One screen at a fixed time, of no cluster."""

    def __init__(self, make: type[OverviewScreen] | type[FleetScreen]) -> None:
        super().__init__(TARGET, Settings())
        self._make = make

    def get_default_screen(self) -> Screen[None]:
        return self._make(Context(self.session, self.target, self.settings), clock=lambda: NOW)

    def _open_session(self) -> None:  # type: ignore[override]
        pass


class StillFleet(FleetScreen):
    """Asks nobody."""

    def verb_reload(self) -> None:  # type: ignore[override]
        pass


@pytest.mark.parametrize("size", SIZES)
async def test_the_cluster_screen(picture: Picture, size: tuple[int, int]) -> None:
    app = Still(OverviewScreen)
    async with app.run_test(size=size) as pilot:
        app.screen.post_message(OverviewScreen.Pictured(OVERVIEW))
        await pilot.pause()
        await pilot.press(*["j"] * 5, "space", "k")
        await pilot.pause()
        picture(app, f"cluster-{size[0]}x{size[1]}")


@pytest.mark.parametrize("size", SIZES)
async def test_the_clusters_screen(picture: Picture, size: tuple[int, int]) -> None:
    app = Still(StillFleet)
    async with app.run_test(size=size) as pilot:
        targets = [Target(namespace="default", cluster=one.cluster, app="dummy") for one in STANDINGS]
        app.screen.post_message(FleetScreen.Known(list(targets)))
        for standing in STANDINGS:
            app.screen.post_message(FleetScreen.Answered(standing))
        await pilot.pause()
        await pilot.press("j")
        await pilot.pause()
        picture(app, f"clusters-{size[0]}x{size[1]}")


async def test_what_to_copy(picture: Picture) -> None:
    app = dummy_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.push_screen(CopyScreen("dummy-web-7c9f8d6b5-x2kqp"))
        await pilot.pause()
        await pilot.press("ctrl+t", "ctrl+o", *"dump.json")
        await pilot.pause()
        picture(app, "copy-80x24")
