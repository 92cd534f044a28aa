"""The Build screen with a real engine and a real registry, by its keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from lain_tui.app import LainApp
from lain_tui.core.config.settings import Settings
from lain_tui.core.image.build import NETWORK
from lain_tui.core.target import Target
from lain_tui.screens.build.screen import BuildScreen
from tests.docker_daemon import Daemon
from tests.image.conftest import Repository

BUILD = {
    "base": "base:1",
    "prepare": {"script": ["echo gold > treasure.txt"], "keep": ["treasure.txt"]},
    "script": ["echo compiling; cat treasure.txt"],
}


class BuildApp(LainApp):
    def get_default_screen(self) -> Screen[None]:
        return Screen()

    def on_mount(self) -> None:
        super().on_mount()
        self.open()

    def open(self) -> None:
        self.push_screen(BuildScreen(self.session.operations, self.target))


class Reader:
    def __init__(self, app: BuildApp, pilot: Pilot[int]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def shown(self) -> str:
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips())

    async def until(self, *texts: str) -> None:
        async with asyncio.timeout(60):
            while not all(text in self.shown for text in texts):
                await asyncio.sleep(0.02)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()


@pytest.fixture
def engine(daemon: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Daemon:
    for name, text in daemon.environment.items():
        monkeypatch.setenv(name, text)
    monkeypatch.setenv(NETWORK, "host")
    monkeypatch.setenv("HOME", str(tmp_path))
    return daemon


@asynccontextmanager
async def reading(repository: Repository, registry: str, **values: Any) -> AsyncIterator[Reader]:
    repository.values(registry=registry, build=BUILD, **values)
    repository.commit("fix login redirect")
    target = Target(namespace="default", cluster="prod", app="dummy", chart=repository.folder / "chart")
    app = BuildApp(target, Settings())
    async with app.run_test(size=(150, 44)) as pilot:
        reader = Reader(app, pilot)
        await reader.until("Engine", "docker ")
        yield reader


async def test_build_and_push_then_again_with_everything_cached(
    engine: Daemon, registry: str, repository: Repository
) -> None:
    async with reading(repository, f"{registry}/screen") as reader:
        await reader.press("P")
        await reader.until("build and push done after", "✓ push", "compiling")
        tag = repository.git("log", "-1", "--format=%ct-%H")
        assert f"{registry}/screen/dummy:{tag}" in reader.shown
        await reader.press("b")
        await reader.until("build done after", "cached", "Builds of this run")
        await reader.press("left_square_bracket")
        await reader.until("build and push done after")
        await reader.press("l")
        await reader.until("compiling", f"push {registry}/screen/dummy:latest")


async def test_leaving_ends_no_build_and_stopping_leaves_no_image(
    engine: Daemon, registry: str, repository: Repository
) -> None:
    slow = {**BUILD, "prepare": None, "script": ["echo begun; sleep 300"]}
    async with reading(repository, f"{registry}/slow") as reader:
        repository.values(registry=f"{registry}/slow", build=slow)
        repository.commit("slow")
        await reader.press("b")
        await reader.until("begun")
        await reader.pilot.resize_terminal(80, 24)
        await reader.until("ctrl+x stop")
        await reader.press("escape")
        assert not isinstance(reader.app.screen, BuildScreen)
        assert reader.app.session.operations.under_way
        reader.app.open()
        await reader.until("begun", "◌ build")
        await reader.press("b")
        assert len(reader.app.session.operations.all) == 1, "one at a time"
        await reader.press("ctrl+x")
        await reader.until("stopped; no image was named")
    tag = repository.git("log", "-1", "--format=%ct-%H")
    assert engine.docker("inspect", f"{registry}/slow/dummy:{tag}", check=False).returncode != 0


async def test_a_prepare_image_that_is_out_of_date_is_said_before_the_build(
    engine: Daemon, registry: str, repository: Repository
) -> None:
    repository.write("requirements.txt", "flask")
    async with reading(repository, f"{registry}/stale") as reader:
        await reader.until("pulled, or made when the registry has none")
        await reader.press("p")
        await reader.until("prepare and push done after")
        await reader.press("tab")
        await reader.until("the engine has it")
        repository.write("requirements.txt", "django")
        await reader.press("ctrl+r")
        await reader.until("requirements.txt has changed since it was made", "p makes it anew")
