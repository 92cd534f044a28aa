"""The Build screen as it looks, without an engine, and its pane of steps with a build of any kind."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.screen import Screen

from lain_tui.app import LainApp
from lain_tui.core.config.settings import Settings
from lain_tui.core.errors import LainError
from lain_tui.core.image.log import MOST, BuildLog
from lain_tui.core.image.progress import BuildProgress
from lain_tui.core.model.build import BuildEvent, BuildLine, BuildStep, ImageReady, LayerProgress, StepState
from lain_tui.core.model.plan import Plan, Step
from lain_tui.core.operations.operation import begun
from lain_tui.core.target import Target
from lain_tui.screens.build.log import BuildLogScreen
from lain_tui.screens.build.screen import BuildScreen
from lain_tui.screens.operations import Operations
from lain_tui.screens.themes import DARK
from lain_tui.widgets.build_history import BuildHistory
from lain_tui.widgets.build_steps import BuildSteps
from tests.snapshots import Picture

SIZES = [(80, 24), (120, 40), (200, 50)]
VALUES = """\
appname: shop
build:
  base: python:3.12
  env:
    GREETING: 'say "hi" # for $5'
  prepare:
    script:
      - pip3 install -r requirements.txt
    keep: [.venv]
  script:
    - pip3 install -r requirements.txt && python -m compileall -q src && python manage.py collectstatic --no-input
release:
  dest_base: python:3.12-slim
  copy: [/lain/app]
"""


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Target:
    chart = tmp_path / "shop" / "chart"
    chart.mkdir(parents=True)
    (chart / "values.yaml").write_text(VALUES)
    (chart / "values-prod.yaml").write_text("release: {dest_base: 'python:3.12-alpine'}\n")
    (tmp_path / "prod.yaml").write_text("registry: registry.example.com/team\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    when = "2026-01-02T03:04:05 +0000"
    dates = {
        "GIT_AUTHOR_DATE": when,
        "GIT_COMMITTER_DATE": when,
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
    }
    identity = ["-c", "user.name=Dev", "-c", "user.email=dev@example.com", "-c", "commit.gpgsign=false"]
    for words in (
        ["init", "-q", "-b", "main"],
        ["add", "-A"],
        [*identity, "commit", "-qm", "fix login redirect"],
    ):
        subprocess.run(["git", *words], cwd=chart.parent, env=dates, check=True)
    return Target(
        namespace="default", cluster="prod", app="shop", chart=chart, settings_file=tmp_path / "prod.yaml",
        settings={"registry": "registry.example.com/team"},
    )  # fmt: skip


class BuildApp(LainApp):
    def get_default_screen(self) -> Screen[None]:
        return Screen()

    def on_mount(self) -> None:
        super().on_mount()
        self.push_screen(BuildScreen(self.session.operations, self.target))


def words(app: App[int]) -> str:
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def until(app: App[int], *texts: str) -> None:
    async with asyncio.timeout(60):
        # Where a line is broken depends on how long the folder's name is.
        while not all("".join(text.split()) in "".join(words(app).split()) for text in texts):
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("size", SIZES)
async def test_before_a_build(target: Target, picture: Picture, size: tuple[int, int]) -> None:
    app = BuildApp(target, Settings())
    async with app.run_test(size=size) as pilot:
        await until(app, "no docker engine runs here")
        await pilot.pause()
        picture(app, f"build-{size[0]}x{size[1]}")


async def test_each_instruction_stands_beside_its_value_stage_by_stage(target: Target) -> None:
    app = BuildApp(target, Settings())
    async with app.run_test(size=(120, 40)) as pilot:
        await until(
            app, "FROM python:3.12-alpine AS release", "values-prod.yaml:1", "build.script", "values.yaml:10"
        )
        await pilot.press("t")
        await until(app, "FROM python:3.12 AS prepare", "build.prepare.keep", "values.yaml:9")
        await pilot.press("t")
        await until(app, "FROM registry.example.com/team/shop:prepare AS build", "lain's default")


async def test_a_dirty_tree_is_said_and_asked_about(target: Target) -> None:
    assert target.chart is not None
    (target.chart.parent / "new.py").write_text("")
    app = BuildApp(target, Settings())
    async with app.run_test(size=(120, 40)) as pilot:
        await until(app, "marked -dirty")
        await pilot.press("b")
        await until(app, "docker build --target=release", "uncommitted changes", "y do it")
        await pilot.press("n")
        assert not app.session.operations.all


async def test_what_cannot_be_done_says_why(target: Target) -> None:
    app = BuildApp(target, Settings())
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(app, "no docker engine runs here")
        for key, reason in (
            ("s", "has not been built here yet"),
            ("l", "nothing has been built yet"),
            ("ctrl+x", "no build is under way"),
            ("r", "the cluster has no remote docker"),
        ):
            await pilot.press(key)
            await until(app, reason)


async def test_a_build_without_an_engine_fails_with_the_sentence(target: Target) -> None:
    app = BuildApp(target, Settings())
    async with app.run_test(size=(120, 40)) as pilot:
        await until(app, "no docker engine runs here")
        await pilot.press("b")
        await until(app, "build failed after", "Start docker, or name another engine")
        await pilot.press("l")
        await until(app, "log", "no docker engine runs here")


async def test_values_that_are_wrong_say_where(target: Target) -> None:
    assert target.chart is not None
    (target.chart / "values.yaml").write_text("appname: shop\nbuild:\n  script: [make]\n")
    app = BuildApp(target, Settings())
    async with app.run_test(size=(120, 40)):
        await until(app, "values.yaml:2", "base is missing")


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def progress(*events: tuple[float, BuildEvent]) -> BuildProgress:
    """A build that told these, each after so many seconds."""
    clock = Clock()
    made = BuildProgress("build and push", "registry.example.com/team/shop:1767323045-2f1c9a8", clock=clock)
    made._began_at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    for seconds, event in events:
        clock.now = 100 + seconds
        made.take(event)
    return made


def step(id: str, title: str, state: StepState, **more: object) -> BuildStep:
    return BuildStep(id=id, title=title, state=state, **more)  # type: ignore[arg-type]


RUN = "[build 4/4] RUN (pip3 install -r requirements.txt) && (python manage.py collectstatic)"
STEPS: list[tuple[float, BuildEvent]] = [
    (0, step("1", "pull registry.example.com/team/shop:prepare", StepState.RUNNING)),
    (1, LayerProgress(step="1", layer="a1b2c3d4e5f6", action="Downloading", current=1_000_000, total=45_000_000)),
    (3, LayerProgress(step="1", layer="a1b2c3d4e5f6", action="Downloading", current=45_000_000, total=45_000_000)),
    (3, step("1", "pull registry.example.com/team/shop:prepare", StepState.DONE)),
    (3, step("2", "pull python:3.12-slim", StepState.WARNED, detail="the one that is here is used: no such host")),
    (3, step("3", "[build 2/4] WORKDIR /lain/app", StepState.CACHED, seconds=0.0)),
    (3, step("4", "[build 3/4] ADD --chown=1001:1001 . /lain/app", StepState.DONE, seconds=0.4)),
    (4, step("5", RUN, StepState.RUNNING)),
    (5, BuildLine(step="5", text="Collecting flask")),
    (6, BuildLine(step="5", text="\x1b[31mERROR: No matching distribution found for flsk\x1b[0m")),
]  # fmt: skip
PUSH: list[tuple[float, BuildEvent]] = [
    *STEPS[:-1],
    (9, step("5", RUN, StepState.DONE, seconds=5.0)),
    (9, step("6", "push registry.example.com/team/shop:1767323045-2f1c9a8", StepState.RUNNING)),
    (10, LayerProgress(step="6", layer="5f70bf18a086", action="Layer already exists")),
    (
        10,
        LayerProgress(step="6", layer="d3b0c3e7aa11", action="Pushing", current=2_000_000, total=48_000_000),
    ),
    (
        11,
        LayerProgress(step="6", layer="d3b0c3e7aa11", action="Pushing", current=20_000_000, total=48_000_000),
    ),
    (11, LayerProgress(step="6", layer="77aa00bb11cc", action="Waiting")),
]


class StepsApp(App[int]):
    def __init__(self, *builds: BuildProgress) -> None:
        super().__init__()
        self._builds = builds
        self.register_theme(DARK)
        self.theme = DARK.name

    def compose(self) -> ComposeResult:
        yield BuildSteps()
        yield BuildHistory()

    def on_mount(self) -> None:
        views = [build.view() for build in self._builds]
        self.query_one(BuildSteps).show(views[-1])
        self.query_one(BuildHistory).show(views, len(views) - 1)


def failed() -> BuildProgress:
    made = progress(*STEPS)
    made.end(LainError("the build failed: it ended with exit code 1\nCollecting flask", where=RUN))
    return made


def finished() -> BuildProgress:
    made = progress(*PUSH[:11], (12, ImageReady(image="shop:1", size=120_400_000, seconds=12)))
    made.end()
    return made


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["running", "failed", "done"])
async def test_a_build_as_it_looks(picture: Picture, size: tuple[int, int], name: str) -> None:
    builds = {"running": [progress(*PUSH)], "failed": [finished(), failed()], "done": [failed(), finished()]}
    app = StepsApp(*builds[name])
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        picture(app, f"build-{name}-{size[0]}x{size[1]}")


def test_the_failing_steps_lines_come_first() -> None:
    app_lines = BuildSteps()
    app_lines._view = failed().view()
    text = ["".join(part for part, _ in line) for line in app_lines.lines(100)]
    assert text[0].strip() == "Collecting flask"
    assert "No matching distribution" in text[1]
    assert "it ended with exit code 1" in "".join(text[2:4])


def test_a_push_tells_bytes_and_rate() -> None:
    view = progress(*PUSH).view()
    pushing = view.steps[-1]
    assert (pushing.moved, round(pushing.rate)) == (20_000_000, 18_000_000)
    assert view.steps[0].moved == 45_000_000
    assert [step.state for step in view.steps[:4]] == ["done", "warned", "cached", "done"]


def test_the_log_is_kept_whole_with_the_seconds_of_each_line() -> None:
    log = failed().log.text
    assert "    5.0      Collecting flask\n" in log
    assert "    3.0  cached: [build 2/4] WORKDIR /lain/app\n" in log
    assert "it ended with exit code 1" in log.splitlines()[-2] + log.splitlines()[-1]
    assert "    6.0  failed: " in log


def test_steps_side_by_side_name_themselves_when_it_is_their_turn() -> None:
    log = progress(
        (0, step("1", "[build 2/2] RUN (make)", StepState.RUNNING)),
        (1, step("2", "[tools 2/2] RUN (fetch)", StepState.RUNNING)),
        (2, BuildLine(step="2", text="fetching")),
        (3, BuildLine(step="2", text="fetched")),
        (4, BuildLine(step="1", text="making")),
    ).log.text
    assert log.splitlines()[2:] == [
        "    2.0      fetching",
        "    3.0      fetched",
        "    4.0  … [build 2/2] RUN (make)",
        "    4.0      making",
    ]


class Endless:
    """A change that goes on until it is stopped."""

    plan = Plan(verb="build", subject="shop")

    async def run(self) -> AsyncIterator[Step]:
        yield begun("build")
        await asyncio.Event().wait()


class LogApp(App[int]):
    def __init__(self, build: BuildProgress) -> None:
        super().__init__()
        self.build = build
        self.register_theme(DARK)
        self.theme = DARK.name

    def on_mount(self) -> None:
        self.running = Operations(lambda _: None).start(Endless())
        self.push_screen(BuildLogScreen(self.build, self.running))


@pytest.mark.parametrize("size", SIZES)
async def test_a_builds_log_as_it_looks(picture: Picture, size: tuple[int, int]) -> None:
    app = LogApp(failed())
    async with app.run_test(size=size) as pilot:
        await until(app, "No matching distribution")
        await pilot.pause()
        picture(app, f"build-log-{size[0]}x{size[1]}")


async def test_the_log_of_a_running_build_follows_it() -> None:
    build = progress(*STEPS[:8])
    app = LogApp(build)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(app, "◌", RUN[:20])
        for number in range(100):
            build.take(BuildLine(step="5", text=f"compiled {number}"))
        await until(app, "compiled 99")
        await pilot.press("g")
        for number in range(100, 140):
            build.take(BuildLine(step="5", text=f"compiled {number}"))
        await until(app, "lines below", "compiled 3")
        assert "compiled 139" not in words(app)
        await pilot.press("G")
        await until(app, "compiled 139")
        await pilot.press("slash", *"compiled", "space", *"13", "enter")
        await until(app, "of 11")
        build.take(BuildLine(step="5", text="compiled 13 again"))
        await until(app, "of 12")
        await pilot.press("c")
        assert "compiled 77\n" in app.clipboard
        await pilot.press("escape", "ctrl+x")
        assert app.running.cancelled
        build.end(LainError("the build failed: it ended with exit code 1", where=RUN))
        await until(app, "build and push failed after")


def test_a_log_longer_than_anybody_reads_loses_its_oldest_lines_and_says_so() -> None:
    log = BuildLog()
    for number in range(MOST + 5):
        log.write(0, f"line {number}")
    assert log.gone == 5
    assert log.since(0)[0].endswith("line 5")
    assert [line[-6:] for line in log.since(MOST + 3)] == ["200003", "200004"]
    assert log.text.startswith("… 5 older lines are gone\n")
