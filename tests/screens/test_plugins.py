"""The user's own commands on the Status screen: shown before they run, and refused where changes are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from lain_tui.app import LainApp
from lain_tui.core.config.settings import Plugin, Settings
from lain_tui.core.errors import LainError
from lain_tui.core.target import Target
from lain_tui.screens.confirm import ConfirmScreen
from lain_tui.screens.keymap import unknown_actions
from lain_tui.screens.status.plugged import plugged
from lain_tui.screens.status.screen import StatusScreen
from lain_tui.widgets.header import Header
from lain_tui.widgets.key_footer import KeyFooter
from lain_tui.widgets.log_bar import LogBar, LogState
from lain_tui.widgets.pod_table import PodTable
from lain_tui.widgets.title_bar import TitleBar
from tests.screens.views import FixedBoard, FixedSource, StatusApp, view

HEAP = Plugin(key="H", command=("jmap", "-n", "$NAMESPACE", "$POD"), label="heap")


class PluggedApp(StatusApp):
    def __init__(self, plugin: Plugin, **options: bool) -> None:
        super().__init__(FixedSource(FixedBoard(view(), {}), **options))
        self.plugin = plugin

    def get_default_screen(self) -> StatusScreen:
        return plugged({"heap-dump": self.plugin})(self.source)


@asynccontextmanager
async def opened(plugin: Plugin = HEAP, **options: bool) -> AsyncIterator[Pilot[int]]:
    app = PluggedApp(plugin, **options)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(lambda: app.screen.query_one(PodTable).row is not None and "heap" in footer(app))
        yield pilot


def footer(app: StatusApp) -> str:
    return " ".join(hint.label for hint in app.screen.query_one(KeyFooter)._hints)


async def until(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.01)


def said(pilot: Pilot[int]) -> list[str]:
    return [note.message for note in pilot.app._notifications]


async def test_it_is_shown_resolved_before_it_runs() -> None:
    async with opened() as pilot:
        await pilot.press("j", "H")
        await until(lambda: isinstance(pilot.app.screen, ConfirmScreen))
        words = "".join(text for line in pilot.app.screen.query_one("_Words").lines(70) for text, _ in line)
        assert "jmap -n default dummy-" in words
        await pilot.press("n")
        await until(lambda: isinstance(pilot.app.screen, StatusScreen))


async def test_read_only_refuses_what_may_change_something() -> None:
    async with opened(read_only=True) as pilot:
        await pilot.press("H")
        await until(lambda: bool(said(pilot)))
        assert said(pilot) == ["read-only: heap is off"]


async def test_read_only_lets_through_what_says_that_it_changes_nothing() -> None:
    harmless = Plugin(key="H", command=("echo", "$APP"), label="heap", changes=False)
    async with opened(harmless, read_only=True) as pilot:
        await pilot.press("H")
        await until(lambda: isinstance(pilot.app.screen, ConfirmScreen))


@pytest.mark.parametrize(("key", "owner"), [("l", "logs"), ("slash", "filter"), ("T", "sort by restarts")])
def test_a_key_that_is_taken_is_told(key: str, owner: str) -> None:
    with pytest.raises(LainError, match=f"plugin heap: the key {key} is that of '{owner}'"):
        plugged({"heap": Plugin(key=key, command=("true",))})


def test_a_key_map_with_an_unknown_action_is_told_with_the_nearest() -> None:
    (sentence,) = unknown_actions(["status.logz", "status.yaml", "app.quit"])
    assert sentence.startswith(
        "The key map names 'status.logz', which nothing has. Did you mean 'status.logs'?"
    )


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (Settings(theme="drakula"), "Did you mean 'dracula'?"),
        (Settings(colours={"prod": "rde"}), "there is no colour 'rde'"),
    ],
)
def test_looks_that_do_not_exist_are_told(settings: Settings, told: str) -> None:
    with pytest.raises(LainError) as caught:
        LainApp(Target(namespace="n", cluster="c", app="a"), settings)
    assert told in str(caught.value)


async def test_a_cluster_has_its_colour() -> None:
    app = LainApp(Target(namespace="n", cluster="staging"), Settings(colours={"stag*": "#336699"}))
    async with app.run_test():
        assert app.theme_variables["cluster-colour"] == "#336699"
        log_bar = LogBar(LogState(subject="a", cluster="staging"))
        bars = (Header("a", "staging", "n"), TitleBar("a", "staging"), log_bar)
        await app.screen.mount(*bars)
        for bar in bars:
            assert (" staging ", "badge-own") in bar.lines(80)[0]


async def test_the_answer_is_not_a_key_of_the_screen_beneath() -> None:
    async with opened() as pilot:
        await pilot.press("j", "H", "y")
        await until(lambda: bool(said(pilot)), 10)
        assert isinstance(pilot.app.screen, StatusScreen), "y would show the YAML"
        assert said(pilot) == ["there is no terminal here that could be lent"]
