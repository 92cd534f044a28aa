"""`t` in Status: what and where to, the plan, and the file is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from lain_tui.app import LainApp
from lain_tui.core.config.settings import Settings
from lain_tui.core.target import Target
from lain_tui.screens.copy import CopyScreen
from lain_tui.screens.operation import OperationScreen
from tests.embedded import EmbeddedCluster


@pytest.fixture(scope="module")
def demo() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster() as cluster:
        yield cluster


async def until_asked(app: LainApp, pilot: Pilot[int]) -> CopyScreen:
    """On web's row, with `t` pressed."""
    while not getattr(app.screen, "picture", None) or not app.screen.picture.synced:  # type: ignore[attr-defined]
        await pilot.pause(0.05)
    await pilot.press("home", "t")
    while not isinstance(app.screen, CopyScreen):
        await pilot.pause(0.05)
    return app.screen


def fill(screen: CopyScreen, source: str, destination: str) -> None:
    screen.query_one("#source", Input).value = source
    screen.query_one("#destination", Input).value = destination


async def test_a_file_comes_out_and_goes_in(demo: EmbeddedCluster, tmp_path: Path) -> None:
    app = LainApp(
        Target(
            app="dummy", release="dummy", cluster="demo", namespace="default", kubeconfig=(demo.kubeconfig,)
        ),
        Settings(),
    )
    async with app.run_test(size=(100, 30)) as pilot:
        fill(await until_asked(app, pilot), ":/lain/app/run.py", f"{tmp_path}/")
        await pilot.press("enter", "enter")
        await _do(app, pilot)
        assert (tmp_path / "run.py").read_text() == "print('hello')\n"
        (tmp_path / "more").write_text("more")
        fill(await until_asked(app, pilot), f"{tmp_path}/more", ":/tmp/")
        await pilot.press("enter", "enter")
        await _do(app, pilot)
        fill(await until_asked(app, pilot), ":/tmp/more", f"{tmp_path}/back")
        await pilot.press("enter", "enter")
        await _do(app, pilot)
        assert (tmp_path / "back").read_text() == "more"


async def test_what_cannot_be_meant_is_told_in_place(demo: EmbeddedCluster) -> None:
    app = LainApp(
        Target(
            app="dummy", release="dummy", cluster="demo", namespace="default", kubeconfig=(demo.kubeconfig,)
        ),
        Settings(),
    )
    async with app.run_test(size=(100, 30)) as pilot:
        screen = await until_asked(app, pilot)
        for source, destination in (("here", "there"), (":/a", ":/b"), (":/a/../b", "."), ("", ".")):
            fill(screen, source, destination)
            await pilot.press("enter", "enter")
            await pilot.pause()
            assert app.screen is screen and screen.query(".-error")
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is not screen


async def _do(app: LainApp, pilot: Pilot[int]) -> None:
    """Agree to the plan, wait for its end, and go back to Status."""
    count = len(app.session.operations.all)
    while not isinstance(app.screen, OperationScreen) or app.screen.plan is None:
        await pilot.pause(0.05)
    await pilot.press("enter")
    while len(app.session.operations.all) == count or not app.session.operations.all[-1].over:
        await pilot.pause(0.05)
    running = app.session.operations.all[-1]
    assert running.succeeded, running.error
    await pilot.press("escape")
    await pilot.pause()
