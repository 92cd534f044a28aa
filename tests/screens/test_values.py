"""The Values screen, by its keys, on files of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from lain_tui.app import LainApp
from lain_tui.core.config.settings import Settings
from lain_tui.core.target import Target
from lain_tui.screens.values.screen import ValuesScreen
from lain_tui.widgets.value_tree import ValueTree
from tests.snapshots import Picture

CHART = """\
appname: shop

# of every container
env:
  LOG_LEVEL: info   # debug, info, warn
  LONG_TEXT: "a text that is longer than what most terminals have room for, so that it has to be cut off somewhere"

deployments:
  web:
    command: ["/lain/app/run.py"]
    replicaCount: 1
    resources:
      limits: {cpu: 1000m, memory: 80Mi}
  worker:
    command: ["/lain/app/worker.py"]
    replicaCount: 1

build:
  base: python:3.12
  prepare:
    script:
      - pip3 install -r requirements.txt
"""
PROD = """\
# production
deployments:
  web:
    replicaCount: 3   # since May
env:
  LOG_LEVEL: warn
build:
  prepare:
"""
CLUSTER = "registry: registry.example.com/team\nharbor_token: do-not-show\ndomain: prod.example.com\n"


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Target:
    chart, clusters = tmp_path / "shop" / "chart", tmp_path / "clusters"
    chart.mkdir(parents=True)
    clusters.mkdir()
    (chart / "values.yaml").write_text(CHART)
    (chart / "values-prod.yaml").write_text(PROD)
    (clusters / "values-prod.yaml").write_text(CLUSTER)
    (clusters / "values-test.yaml").write_text(
        "registry: registry.example.com/team\ndomain: test.example.com\n"
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LAIN_CLUSTER_VALUES_DIR", str(clusters))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    return Target(
        namespace="default",
        cluster="prod",
        app="shop",
        release="shop",
        chart=chart,
        settings_file=clusters / "values-prod.yaml",
    )


class ValuesApp(LainApp):
    """Opens on the Values screen, over an empty one to go back to."""

    def get_default_screen(self) -> Screen[None]:
        return Screen()

    def on_mount(self) -> None:
        super().on_mount()
        self.push_screen(ValuesScreen(self.target))


class Reader:
    def __init__(self, app: LainApp, pilot: Pilot[int]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def shown(self) -> str:
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips())

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, *words: str) -> None:
        """Wait until all the words are on the screen."""
        async with asyncio.timeout(60):
            while not all(word in self.shown for word in words):
                await asyncio.sleep(0.02)

    async def go_to(self, *path: str) -> None:
        self.app.screen.query_one(ValueTree).move_to("\0".join(path))
        await self.pilot.pause()

    async def give(self, text: str) -> None:
        self.app.screen.query_one(Input).value = text
        await self.press("enter")


@asynccontextmanager
async def reading(target: Target, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Reader]:
    app = ValuesApp(target, Settings())
    async with app.run_test(size=size, notifications=True) as pilot:
        reader = Reader(app, pilot)
        await reader.until("appname")
        yield reader


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_the_tree_as_it_looks(target: Target, picture: Picture, size: tuple[int, int]) -> None:
    async with reading(target, size) as reader:
        await reader.go_to("deployments", "web", "replicaCount")
        picture(reader.app, f"values-{size[0]}x{size[1]}")
        await reader.press("d")
        await reader.until("not set")
        picture(reader.app, f"values-compared-{size[0]}x{size[1]}")


async def test_each_value_stands_beside_the_file_that_set_it(target: Target) -> None:
    async with reading(target) as reader:
        await reader.go_to("deployments", "web", "replicaCount")
        await reader.until("3  over 1", "chart/values-prod.yaml:4  3  wins", "values.yaml:11", "overridden")
        await reader.until("since May"), "the file around it is shown"


async def test_what_is_switched_off_is_shown_as_null(target: Target) -> None:
    async with reading(target) as reader:
        await reader.go_to("build", "prepare")
        await reader.until("null  over")


async def test_a_secret_is_masked_until_it_is_asked_for(target: Target) -> None:
    async with reading(target) as reader:
        await reader.go_to("domain")
        assert "do-not-show" not in reader.shown
        await reader.press("c")
        await reader.go_to("harbor_token")
        await reader.press("c")
        assert "do-not-show" not in reader.app.clipboard
        await reader.press("x")
        await reader.until("do-not-show")


async def test_a_secret_is_edited_only_when_it_is_shown_and_never_told(target: Target) -> None:
    async with reading(target) as reader:
        await reader.go_to("harbor_token")
        await reader.press("e")
        await reader.until("it is secret: x shows it first")
        await reader.press("x", "e")
        await reader.give("another-one")
        await reader.until("harbor_token is set in values-prod.yaml")
        await reader.press("x")
        assert "another-one" not in reader.shown
    assert target.settings_file is not None
    assert target.settings_file.read_text() == CLUSTER.replace("do-not-show", "another-one")


async def test_a_text_over_several_lines_is_the_editors(target: Target) -> None:
    assert target.chart is not None
    (target.chart / "values.yaml").write_text(CHART + "notes: |\n  one\n  two\n")
    async with reading(target) as reader:
        await reader.go_to("notes")
        await reader.press("e")
        await reader.until("more than one line")


async def test_a_filter_shows_matches_with_their_maps(target: Target) -> None:
    async with reading(target) as reader:
        await reader.press("slash", *"values-prod", "space", *"replica", "enter")
        await reader.until("replicaCount", "deployments")
        assert "appname" not in reader.shown.partition("─")[0]
        await reader.press("escape")
        await reader.until("appname")


async def test_the_first_value_that_a_filter_finds_is_under_the_cursor(target: Target) -> None:
    async with reading(target) as reader:
        await reader.press("slash", *"cpu", "enter")
        await reader.until("─ deployments.web.resources.limits.cpu ─")


async def test_maps_fold(target: Target) -> None:
    async with reading(target) as reader:
        await reader.go_to("deployments", "web")
        await reader.press("left")
        await reader.until("▸ web", "4 keys")
        await reader.press("right")
        await reader.until("▾ web")
        await reader.press("z")
        await reader.until("▸ deployments")


async def test_two_clusters_side_by_side(target: Target) -> None:
    async with reading(target) as reader:
        await reader.press("d")
        await reader.until("against test", "prod.example.com", "test.example.com", "not set")
        assert "LONG_TEXT" not in reader.shown, "what is the same is left out"
        await reader.press("f")
        await reader.until("LONG_TEXT")
        await reader.press("escape")
        await reader.until("FROM")


async def test_an_edit_changes_one_line_and_is_undone(target: Target) -> None:
    assert target.chart is not None
    file = target.chart / "values-prod.yaml"
    async with reading(target) as reader:
        await reader.go_to("deployments", "web", "replicaCount")
        await reader.press("e")
        await reader.give("5")
        await reader.until("5  over 1")
        assert file.read_text() == PROD.replace(
            "replicaCount: 3   # since May", "replicaCount: 5   # since May"
        )
        await reader.press("u")
        await reader.until("3  over 1")
        assert file.read_text() == PROD


async def test_an_override_goes_into_the_clusters_own_file(target: Target) -> None:
    assert target.chart is not None
    async with reading(target) as reader:
        await reader.go_to("deployments", "worker", "replicaCount")
        await reader.press("o")
        await reader.give("2")
        await reader.until("2  over 1")
    assert (target.chart / "values.yaml").read_text() == CHART
    assert "  worker:\n    replicaCount: 2\n" in (target.chart / "values-prod.yaml").read_text()


async def test_a_removed_key_lets_the_layer_beneath_count(target: Target) -> None:
    assert target.chart is not None
    async with reading(target) as reader:
        await reader.go_to("env", "LOG_LEVEL")
        await reader.press("delete")
        await reader.until("Then values.yaml:5 counts again.")
        await reader.press("y")
        await reader.until("LOG_LEVEL is gone", "values.yaml:5  info")
    assert "env" not in (target.chart / "values-prod.yaml").read_text()


async def test_a_new_key(target: Target) -> None:
    assert target.chart is not None
    async with reading(target) as reader:
        await reader.press("n")
        await reader.give("env.NEW: 'on'")
        await reader.until("NEW")
    assert (target.chart / "values.yaml").read_text() == CHART.replace(
        'off somewhere"\n', "off somewhere\"\n  NEW: 'on'\n"
    )


async def test_what_helm_makes_of_the_text_is_told_while_it_is_typed(target: Target) -> None:
    async with reading(target) as reader:
        await reader.go_to("deployments", "web", "replicaCount")
        await reader.press("e")
        for text, told in (
            ("on", "true"),
            ("'on'", "text"),
            ("[1, 2]", "a list of 2"),
            ("[1,", "broken YAML"),
        ):
            reader.app.screen.query_one(Input).value = text
            await reader.until(told)
        await reader.press("escape")
        assert target.chart is not None
        assert (target.chart / "values-prod.yaml").read_text() == PROD


async def test_what_others_write_appears(target: Target) -> None:
    assert target.chart is not None
    async with reading(target) as reader:
        (target.chart / "values-prod.yaml").write_text("env: {LOG_LEVEL: from-elsewhere}\n")
        await reader.until("from-elsewhere")


async def test_a_broken_file_keeps_the_last_picture_and_says_where(target: Target) -> None:
    assert target.chart is not None
    async with reading(target) as reader:
        (target.chart / "values-prod.yaml").write_text("env:\n\tA: 1\n")
        async with asyncio.timeout(60):
            while not reader.app._notifications:
                await asyncio.sleep(0.02)
        (told,) = reader.app._notifications
        assert "values-prod.yaml:2: broken YAML" in told.message
        await reader.until("appname")


async def test_read_only_refuses_edits(target: Target) -> None:
    import msgspec

    async with reading(msgspec.structs.replace(target, read_only=True)) as reader:
        await reader.go_to("deployments", "web", "replicaCount")
        await reader.press("e")
        await reader.until("read-only: edit is off")


async def test_without_a_chart_it_says_so(tmp_path: Path) -> None:
    app = ValuesApp(Target(namespace="default", cluster="prod"), Settings())
    async with app.run_test(size=(80, 24)) as pilot:
        await Reader(app, pilot).until("no chart/values.yaml here", "lain-tui init")
