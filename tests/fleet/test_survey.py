"""The same app on several clusters: asked at once, each telling how it stands or why it cannot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from lain_tui.app import LainApp
from lain_tui.core.config.settings import Settings
from lain_tui.core.errors import LainError
from lain_tui.core.fleet.kubectl import kubectl_skew
from lain_tui.core.fleet.skew import skews
from lain_tui.core.fleet.survey import survey
from lain_tui.core.fleet.targets import Unresolved, fleet
from lain_tui.core.fleet.values import differing_values, masked_diff
from lain_tui.core.model.diff import Mark
from lain_tui.core.model.fleet import Standing
from lain_tui.core.model.status import Severity
from lain_tui.core.model.values import MASK
from lain_tui.core.target import Target
from lain_tui.screens.detail import DetailScreen
from lain_tui.screens.fleet import FleetScreen
from lain_tui.screens.places import Context
from lain_tui.widgets.choice_list import ChoiceList
from lain_tui.widgets.viewer import Viewer
from tests.embedded import EmbeddedCluster

AWAY = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def demo() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster() as cluster:
        yield cluster


@pytest.fixture
def kubeconfig(demo: EmbeddedCluster, tmp_path: Path) -> Path:
    """One with three contexts: two to the same living cluster, one to a server that is away."""
    file = tmp_path / "config"
    servers = {"east": demo.url, "west": demo.url, "away": AWAY}
    clusters = ", ".join(f"{{name: {name}, cluster: {{server: '{url}'}}}}" for name, url in servers.items())
    contexts = ", ".join(f"{{name: {name}, context: {{cluster: {name}, user: u}}}}" for name in servers)
    file.write_text(
        f"current-context: east\nclusters: [{clusters}]\ncontexts: [{contexts}]\nusers: [{{name: u, user: {{}}}}]\n"
    )
    return file


@pytest.fixture
def here(kubeconfig: Path) -> Target:
    return Target(
        app="dummy",
        release="dummy",
        cluster="east",
        context="east",
        namespace="default",
        kubeconfig=(kubeconfig,),
    )


async def standings(here: Target, env: dict[str, str]) -> dict[str, Standing]:
    targets = fleet(here, env=env, settings=Settings())
    return {one.cluster: one async for one in survey(targets, here)}


async def test_each_context_of_the_kubeconfig_is_asked(here: Target, tmp_path: Path) -> None:
    found = await standings(here, {"HOME": str(tmp_path)})
    assert set(found) == {"east", "west", "away"}
    assert [name for name, one in found.items() if one.current] == ["east"]
    west = found["west"]
    assert (west.revision, west.status, west.severity) == (5, "deployed", Severity.BROKEN)
    assert {proc.name for proc in west.procs} == {"web", "worker"}
    assert "worker: 0 of 1" in west.summary and west.version.startswith("v1.")


async def test_one_that_is_away_does_not_hold_up_the_others(here: Target, tmp_path: Path) -> None:
    away = (await standings(here, {"HOME": str(tmp_path)}))["away"]
    assert "refuses the connection" in away.error and away.severity is Severity.RISK


def test_from_one_of_lains_clusters_it_is_all_of_them(kubeconfig: Path, tmp_path: Path) -> None:
    kube = tmp_path / ".kube"
    kube.mkdir()
    for name in ("test", "prod"):
        (kube / f"kubeconfig-{name}").write_text(kubeconfig.read_text())
    (kube / "kubeconfig-broken").write_text("contexts: [")
    env = {"HOME": str(tmp_path)}
    here = Target(app="dummy", cluster="test", namespace="default", kubeconfig=(kube / "kubeconfig-test",))
    found = fleet(here, env=env, settings=Settings())
    assert [one.cluster for one in found] == ["broken", "prod", "test"]
    assert isinstance(found[0], Unresolved) and "kubeconfig-broken" in found[0].reason


def test_the_embedded_cluster_never_leads_to_a_real_one(here: Target, tmp_path: Path) -> None:
    kube = tmp_path / ".kube"
    kube.mkdir()
    (kube / "kubeconfig-prod").write_text("current-context: p\n")
    found = fleet(here, env={"HOME": str(tmp_path)}, settings=Settings())
    assert {one.cluster for one in found} == {"east", "west", "away"}


async def test_enter_goes_over_and_the_current_one_goes_back(
    here: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    app = LainApp(here, Settings())
    async with app.run_test(size=(100, 24)) as pilot:
        status = app.screen
        screen = FleetScreen(Context(app.session, here, Settings()))
        await app.push_screen(screen)
        choices = screen.query_one(ChoiceList)
        while choices.key != "east":
            await pilot.pause(0.05)
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen is status, "it is where one is already"
        await app.push_screen(screen := FleetScreen(Context(app.session, here, Settings())))
        choices = screen.query_one(ChoiceList)
        while choices.key != "east":
            await pilot.pause(0.05)
        choices.move_to("west")
        await pilot.press("enter")
        await pilot.pause()
    assert app.next_target is not None and app.next_target.context == "west"


@pytest.mark.parametrize(
    ("settings", "option", "held"),
    [
        (Settings(read_only=("east",)), False, set()),
        (Settings(read_only=("west",)), False, {"west"}),
        (Settings(read_only=("west",)), True, {"west", "away"}),
        (Settings(read_only=True), True, {"west", "away"}),
    ],
    ids=["only here", "only there", "there, and by option", "everywhere"],
)
def test_what_is_read_only_here_is_so_elsewhere_only_when_it_was_asked_for(
    here: Target, tmp_path: Path, settings: Settings, option: bool, held: set[str]
) -> None:
    own = msgspec.structs.replace(here, read_only=option or settings.reads_only("east"))
    found = fleet(own, env={"HOME": str(tmp_path)}, settings=settings)
    targets = [one for one in found if isinstance(one, Target) and one.cluster != "east"]
    assert {one.cluster for one in targets if one.read_only} == held


async def test_what_differs_in_the_values_that_were_deployed(here: Target) -> None:
    assert await differing_values(here, here) == ()
    there = msgspec.structs.replace(here, app="hello", release="hello")
    lines = await differing_values(here, there)
    assert Mark.REMOVED in {line.mark for line in lines} and Mark.ADDED in {line.mark for line in lines}
    assert any(line.mark is Mark.ADDED and line.text == "appname: hello" for line in lines)
    nothing = msgspec.structs.replace(here, release="nothing")
    with pytest.raises(LainError, match="east: there is no release nothing in namespace default"):
        await differing_values(here, nothing)


@pytest.mark.parametrize(
    ("printed", "words"),
    [
        ('{"clientVersion": {"gitVersion": "v1.35.2"}}', ""),
        ('{"clientVersion": {"gitVersion": "v1.33.2-gke.1"}}',
         "kubectl v1.33.2-gke.1 is 3 minor versions older than east, v1.36.3: one is supported"),
        ('{"clientVersion": {"gitVersion": "v1.38.0"}}',
         "kubectl v1.38.0 is 2 minor versions newer than east, v1.36.3: one is supported"),
        ("no JSON", ""),
    ],
    ids=["near enough", "older", "newer", "no kubectl at all"],
)  # fmt: skip
async def test_a_kubectl_that_is_too_far_from_the_cluster_is_told(
    here: Target, tmp_path: Path, printed: str, words: str
) -> None:
    program = tmp_path / "kubectl"
    program.write_text(f"#!/bin/sh\nprintf '%s' '{printed}'\n")
    program.chmod(0o755)
    assert await kubectl_skew(here, {"PATH": str(tmp_path)}, patience=30) == words
    assert await kubectl_skew(here, {"PATH": str(tmp_path / "nowhere")}) == ""


def test_secrets_are_told_apart_and_never_shown() -> None:
    old = {"db": {"password": "one", "host": "a"}, "token": "same", "list": [{"secret_key": "x"}]}
    new = {
        "db": {"password": "two", "host": "b"},
        "token": "same",
        "list": [{"secret_key": "y"}],
        "api_key": "z",
    }
    text = "".join(line.text for line in masked_diff(old, new))
    assert not {"one", "two", "same", "x", "y", "z"} & set(re.findall(r"\w+", text))
    assert f"password: {MASK}" in text.replace('"', "") and f"password: {MASK} (another)" in text.replace(
        '"', ""
    )
    assert f"api_key: {MASK}" in text.replace('"', "") and "host: b" in text


async def test_v_shows_what_differs_on_the_cluster_under_the_cursor(
    here: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    app = LainApp(here, Settings())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = FleetScreen(Context(app.session, here, Settings()))
        await app.push_screen(screen)
        choices = screen.query_one(ChoiceList)
        while choices.key != "east":
            await pilot.pause(0.05)
        await pilot.press("v")
        assert app.screen is screen, "these are the values here"
        choices.move_to("west")
        await pilot.press("v")
        await pilot.pause()
        assert isinstance(app.screen, DetailScreen)
        while "No value differs on west." not in app.screen.query_one(Viewer).text:
            await pilot.pause(0.05)


def test_version_skew_is_told_from_the_newest_on() -> None:
    versions = {"prod": "v1.34.1", "test": "v1.36.3", "eu": "v1.36.0+k3s1", "old": "v1.35.9", "away": ""}
    standings = [Standing(cluster=name, version=version) for name, version in versions.items()]
    assert skews(standings) == {
        "prod": "2 minor versions behind test",
        "old": "1 minor version behind test",
    }
    assert skews([]) == {}
