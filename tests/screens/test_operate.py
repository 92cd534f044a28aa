"""The Operate screen: as it looks, and by its keys on the embedded cluster."""

from __future__ import annotations

import asyncio
import math
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from lain_tui.app import LainApp
from lain_tui.core.config.settings import Settings
from lain_tui.core.insight.advice import Asked, advise
from lain_tui.core.model.advice import Measured, ProcAdvice, Report
from lain_tui.core.model.forwards import ForwardRow
from lain_tui.core.model.jobs import Run, RunState, Work
from lain_tui.core.model.status import Link
from lain_tui.core.target import Target
from lain_tui.core.values.layers import Values
from lain_tui.screens.operate.advice import AdviceScreen
from lain_tui.screens.operate.screen import OperateScreen
from lain_tui.screens.places import Context
from lain_tui.widgets.work_lines import forward_lines
from tests.embedded import EmbeddedCluster
from tests.snapshots import Picture

NOW = datetime(2026, 3, 5, 8, 4, 35, tzinfo=UTC)


def run(name: str, state: RunState, hours: float, seconds: float | None = 133, **more: object) -> Run:
    return Run(name=name, state=state, started=NOW - timedelta(hours=hours), seconds=seconds, **more)  # type: ignore[arg-type]


WORK = [
    Work(
        name="daily",
        resource="dummy-daily",
        kind="CronJob",
        schedule="0 17 * * *",
        next_run=NOW + timedelta(hours=9),
        runs=(
            run("dummy-daily-manual-1f2e3d", RunState.RUNNING, 0.1, None, by_hand=True),
            run(
                "dummy-daily-29401020",
                RunState.FAILED,
                15,
                3600,
                reason="DeadlineExceeded",
                fault="past its deadline",
            ),
            run("dummy-daily-29399580", RunState.DONE, 39, 140),
        ),
    ),
    Work(name="reports", resource="dummy-reports", kind="CronJob", schedule="*/15 * * * *", suspended=True),
    Work(
        name="web-job-419f3b",
        resource="dummy-web-job-419f3b",
        kind="Job",
        runs=(run("dummy-web-job-419f3b", RunState.DONE, 2, 12),),
    ),
]


class OperateApp(LainApp):
    """Opens on the Operate screen, over an empty one to go back to."""

    def get_default_screen(self) -> Screen[None]:
        return Screen()

    def on_mount(self) -> None:
        self.push_screen(OperateScreen(Context(self.session, self.target, self.settings)))


class StillApp(LainApp):
    """A fixed picture at a fixed time, of no cluster."""

    def get_default_screen(self) -> Screen[None]:
        return OperateScreen(Context(self.session, self.target, self.settings), clock=lambda: NOW)

    def _open_session(self) -> None:  # type: ignore[override]
        pass


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_as_it_looks(picture: Picture, size: tuple[int, int]) -> None:
    target = Target(namespace="default", cluster="prod", app="dummy", release="dummy", protected=True)
    app = StillApp(target, Settings())
    async with app.run_test(size=size) as pilot:
        app.screen.post_message(OperateScreen.Pictured(WORK, Link(live=True)))
        await pilot.pause()
        await pilot.pause()
        picture(app, f"operate-{size[0]}x{size[1]}")


def test_a_forwarded_port_tells_where_it_leads_and_how_it_fares() -> None:
    row = ForwardRow(name="web", pod="dummy-web-x2kqp", local=8080, remote=80, connections=2, sent=2048)
    broken = ForwardRow(name="web", pod="", local=8081, remote=81, error="nothing listens on that port")
    first, second = ("".join(text for text, _ in line) for _, line in forward_lines([row, broken]))
    assert first.split() == [
        *("●", "127.0.0.1:8080", "→", "web", "80", "2", "connections", "open"),
        *("2.0", "kB", "out,", "0", "B", "in", "dummy-web-x2kqp"),
    ]
    assert second.endswith("nothing listens on that port")


ADVICE = Report(
    source="Prometheus, the last 7d",
    procs=(
        ProcAdvice(
            proc="web",
            cpu=Measured(samples=tuple(150 + 100 * math.sin(n / 40) for n in range(500)), top=247.0),
            memory=Measured(
                samples=tuple(float(2**20 * (280 + n % 20)) for n in range(500)), top=300.0 * 2**20
            ),
            oom_kills=2,
            throttled=0.12,
            advice=advise(
                Asked(proc="web", pods=3, cpu_request="2", cpu_limit="500m", memory_request="2Gi"),
                Measured(top=247.0),
                Measured(top=300.0 * 2**20),
            ),
        ),
        ProcAdvice(proc="worker", cpu=Measured(skipped="no samples"), memory=Measured(skipped="no samples")),
    ),
)


class AdviceApp(StillApp):
    def get_default_screen(self) -> Screen[None]:
        return AdviceScreen(Context(self.session, self.target, self.settings))


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_advice_as_it_looks(picture: Picture, size: tuple[int, int]) -> None:
    app = AdviceApp(Target(namespace="default", cluster="prod", app="dummy", release="dummy"), Settings())
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        app.screen.post_message(AdviceScreen.Measured(ADVICE, Values([])))
        await pilot.pause()
        await pilot.press("down")
        await pilot.pause()
        picture(app, f"advice-{size[0]}x{size[1]}")


async def test_an_advice_is_written_after_its_line_was_shown(demo: EmbeddedCluster, tmp_path: Path) -> None:
    chart = tmp_path / "chart"
    chart.mkdir()
    file = chart / "values.yaml"
    file.write_text(
        "appname: dummy\ndeployments:\n  web:\n    resources:\n      limits: {cpu: 500m}  # mine\n"
    )
    async with operating(demo, chart=chart) as operator:
        await operator.press("a")
        await operator.until("limits.cpu", "1000m")
        await operator.press("down", "w")
        await operator.until(
            "Write deployments.web.resources.limits.cpu?", "+      limits: {cpu: 1000m}  # mine"
        )
        assert "500m" in file.read_text()
        await operator.press("y")
        await operator.until("it takes effect with the next deploy")
    assert file.read_text().endswith("      limits: {cpu: 1000m}  # mine\n")


# By its keys


@pytest.fixture(scope="module")
def demo() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster(speed=10) as cluster:
        yield cluster


class Operator:
    def __init__(self, app: LainApp, pilot: Pilot[int]) -> None:
        self.app, self.pilot = app, pilot

    def shown(self) -> str:
        """The screen's lines, then what was told in its corner (wrapped on screen)."""
        strips = self.app.screen._compositor.render_strips(self.app.size)
        lines = ["".join(part.text for part in strip) for strip in strips]
        return "\n".join([*lines, *(notice.message for notice in self.app._notifications)])

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, *words: str) -> str:
        async with asyncio.timeout(30):
            while not all(word in (shown := self.shown()) for word in words):
                await asyncio.sleep(0.05)
        return shown

    async def answer(self, text: str) -> None:
        self.app.screen.query_one("FilterBar Input", Input).value = text
        await self.press("enter")


@asynccontextmanager
async def operating(cluster: EmbeddedCluster, **more: object) -> AsyncIterator[Operator]:
    known = {"namespace": "default", "cluster": "demo", "app": "dummy", "release": "dummy"}
    target = Target(**{**known, "kubeconfig": (cluster.kubeconfig,), **more})  # type: ignore[arg-type]
    app = OperateApp(target, Settings())
    async with app.run_test(size=(120, 40)) as pilot:
        operator = Operator(app, pilot)
        await operator.until("daily", "* * *")
        yield operator


async def test_a_cronjob_runs_now_after_its_plan_was_agreed_to(demo: EmbeddedCluster) -> None:
    async with operating(demo) as operator:
        await operator.press("n")
        await operator.until("create job dummy-daily-manual-", "from cronjob dummy-daily")
        await operator.press("enter")
        await operator.until("✓ create job")
        await operator.press("escape")
        await operator.until("by hand")


async def test_a_cronjob_is_suspended_and_resumed(demo: EmbeddedCluster) -> None:
    async with operating(demo) as operator:
        for word, state in (("suspend true", "suspended"), ("suspend false", "in ")):
            await operator.press("u")
            await operator.until(word)
            await operator.press("enter")
            await operator.until("Done.")
            await operator.press("escape")
            await operator.until("NEXT RUN", state)


async def test_a_job_is_asked_for_in_a_line(demo: EmbeddedCluster) -> None:
    async with operating(demo) as operator:
        await operator.press("J")
        await operator.answer("web -- sh -c 'echo hello'")
        await operator.until("create job dummy-web-job-", "sh -c echo hello", "Image and env of web")


async def test_a_port_is_forwarded_and_stays_when_the_screen_is_left(demo: EmbeddedCluster) -> None:
    async with operating(demo) as operator:
        await operator.press("f")
        await operator.answer("web :5000")
        await operator.until("→ web 5000", "dummy-web-")
        (row,) = operator.app.session.forwards.rows
        await operator.press("escape")
        answer = await asyncio.to_thread(_fetch, row.local)
        assert answer.startswith("hello from dummy-web-")


def _fetch(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as answer:
        return str(answer.read().decode())


async def test_what_cannot_be_read_is_told_and_nothing_is_begun(demo: EmbeddedCluster) -> None:
    async with operating(demo) as operator:
        await operator.press("f")
        await operator.answer("web http")
        await operator.until("'http' is no port")
        assert operator.app.session.forwards.rows == []


async def test_the_log_of_a_run_is_one_key_away(demo: EmbeddedCluster) -> None:
    async with operating(demo) as operator:
        await operator.press("down", "enter")
        await operator.until("dummy-daily-", "kept")


async def test_read_only_refuses_what_changes(demo: EmbeddedCluster) -> None:
    async with operating(demo, read_only=True) as operator:
        await operator.press("n")
        await operator.until("read-only: run now is off")
