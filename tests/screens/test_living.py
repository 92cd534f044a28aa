"""The whole app on the embedded cluster: it finds its way, acts, and bears what goes wrong."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace
from textual.color import Color
from textual.pilot import Pilot

from lain_tui.app import LainApp
from lain_tui.core.config.settings import Settings
from lain_tui.core.target import Target
from lain_tui.screens.frame import as_text
from lain_tui.screens.picker import PickerScreen
from lain_tui.screens.status.screen import StatusScreen
from lain_tui.widgets.ascii import AsciiGlyphs
from lain_tui.widgets.pod_table import PodTable
from tests.embedded import EmbeddedCluster


@pytest.fixture(scope="module")
def running() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster("demo") as cluster:
        yield cluster


@pytest.fixture
def demo(running: EmbeddedCluster) -> Iterator[EmbeddedCluster]:
    yield running
    running.clear_faults()
    running.come_up()


class User:
    def __init__(self, app: LainApp, pilot: Pilot[int]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def shown(self) -> str:
        return as_text(self.app)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, *words: str, gone: str = "") -> None:
        """Wait until all the words are on the screen, and others no longer."""
        await self.until_true(
            lambda: all(word in self.shown for word in words) and (not gone or gone not in self.shown)
        )

    async def until_true(self, holds: Callable[[], Any]) -> None:
        async with asyncio.timeout(60):
            while not holds():
                await asyncio.sleep(0.05)


def target(kubeconfig: Path, app: str = "dummy", **more: Any) -> Target:
    return Target(namespace="default", cluster="demo", app=app, release=app, kubeconfig=(kubeconfig,), **more)


@asynccontextmanager
async def using(where: Target, size: tuple[int, int] = (120, 40)) -> AsyncIterator[User]:
    app = LainApp(where, Settings())
    async with app.run_test(size=size) as pilot:
        yield User(app, pilot)


async def test_it_comes_up_on_the_pod_that_crashes_and_says_why(demo: EmbeddedCluster) -> None:
    settings = yaml.safe_load(demo.values.read_text())
    async with using(target(demo.kubeconfig, settings=settings)) as user:
        await user.until(
            "CrashLoopBackOff", "KeyError: 'MYSQL_HOST'", "rev 5", "3 of 3, up to date", "503", "● live"
        )
        assert "MYSQL_HOST is in none of: Secret dummy-env, values env." in user.shown


async def test_without_an_app_one_is_picked_and_escape_comes_back(demo: EmbeddedCluster) -> None:
    async with using(replace(target(demo.kubeconfig), app="", release="")) as user:
        assert isinstance(user.app.screen, PickerScreen)
        await user.until("dummy", "rev 5")
        await user.press("slash", *"dum", "enter", "enter")
        await user.until("PROC / POD", "3 of 3, up to date")
        await user.press("escape")
        await user.until_true(lambda: isinstance(user.app.screen, PickerScreen))


async def test_a_deleted_pod_is_replaced_before_the_readers_eyes(demo: EmbeddedCluster) -> None:
    async with using(target(demo.kubeconfig)) as user:
        await user.until("3 of 3, up to date")
        await user.press("home", "down")
        row = user.app.screen.query_one(PodTable).row
        assert row is not None and row.pod is not None
        await user.press("ctrl+d")
        await user.until(f"delete pod {row.pod.name}")
        await user.press("y")
        tail = row.pod.name.rpartition("-")[2]
        await user.until("3 of 3, up to date", gone=f"…-{tail}")


async def test_what_another_screen_covers_is_not_pictured_and_is_up_to_date_when_it_is_seen_again(
    demo: EmbeddedCluster,
) -> None:
    async with using(target(demo.kubeconfig)) as user:
        await user.until("3 of 3, up to date")
        status = user.app.screen
        assert isinstance(status, StatusScreen)
        await user.press("h")
        await user.until("rev")
        covered = status.picture
        pods = "/api/v1/namespaces/default/pods"
        gone = next(
            pod["metadata"]["name"]
            for pod in demo.request("GET", pods)["items"]
            if pod["metadata"]["name"].startswith("dummy-web-")
        )
        demo.request("DELETE", f"{pods}/{gone}")
        await user.until_true(
            lambda: (
                sum(
                    pod["status"]["phase"] == "Running"
                    for pod in demo.request("GET", pods)["items"]
                    if pod["metadata"]["name"].startswith("dummy-web-") and pod["metadata"]["name"] != gone
                )
                == 3
            )
        )
        assert status.picture is covered
        await user.press("escape")
        await user.until("3 of 3, up to date", gone=f"…-{gone.rpartition('-')[2]}")
        assert status.picture is not covered


async def test_a_missing_right_takes_one_line_and_names_verb_and_resource(demo: EmbeddedCluster) -> None:
    demo.fault(action="status", code=403, resource="events")
    async with using(target(demo.kubeconfig), (80, 24)) as user:
        await user.until("no events:", "list", "CrashLoopBackOff")


async def test_a_lost_connection_keeps_the_picture_until_it_is_back(demo: EmbeddedCluster) -> None:
    async with using(target(demo.kubeconfig)) as user:
        await user.until("● live", "3 of 3, up to date")
        demo.fault(action="down")
        await user.until("stale since", "3 of 3, up to date", "ctrl+r now")
        demo.come_up()
        await user.press("ctrl+r")
        await user.until("● live", gone="stale")


async def test_with_no_cluster_there_it_opens_explains_and_goes_on_once_there_is(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    cluster = EmbeddedCluster("demo", port=port)
    kubeconfig = tmp_path / "kubeconfig"
    config = {
        "current-context": "demo",
        "contexts": [{"name": "demo", "context": {"cluster": "demo"}}],
        "clusters": [{"name": "demo", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
    }
    kubeconfig.write_text(yaml.safe_dump(config))
    async with using(target(kubeconfig)) as user:
        await user.until("No connection to demo.", f"127.0.0.1:{port} refuses the connection")
        await asyncio.to_thread(cluster.start)
        try:
            await user.press("ctrl+r")
            await user.until("● live", "3 of 3, up to date")
        finally:
            cluster.stop()


async def test_a_cluster_that_is_slow_to_answer_is_being_connected_to_and_not_lost(
    demo: EmbeddedCluster,
) -> None:
    demo.fault(action="latency", seconds=0.5, verb="list", count=0)
    seen: set[str] = set()

    def there(user: User) -> bool:
        seen.add(user.shown)
        return "3 of 3, up to date" in user.shown

    async with using(target(demo.kubeconfig)) as user:
        await user.until_true(lambda: there(user))
    assert any("Connecting to demo" in screen for screen in seen)
    assert not [screen for screen in seen if "No connection" in screen or "not connected" in screen]


async def test_a_kubeconfig_that_cannot_be_read_is_a_sentence_on_the_screen(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text("clusters: [")
    async with using(target(kubeconfig)) as user:
        await user.until("No connection to demo.", "not YAML")
        assert isinstance(user.app.screen, StatusScreen)


async def test_no_field_blinks(demo: EmbeddedCluster) -> None:
    async with using(target(demo.kubeconfig)) as user:
        for keys in (["question_mark"], ["escape", "slash"], ["escape", "ctrl+p"]):
            await user.press(*keys)
            focused = user.app.focused
            assert focused is not None
            assert getattr(focused, "cursor_blink", False) is False


async def test_every_glyph_has_a_stand_in_where_the_terminal_knows_ascii_alone(demo: EmbeddedCluster) -> None:
    app = LainApp(target(demo.kubeconfig), Settings(ascii=True))
    async with app.run_test(size=(120, 40)) as pilot:
        await User(app, pilot).until("CrashLoopBackOff", "KeyError")
        (ascii_only,) = [one for one in app.get_line_filters() if isinstance(one, AsciiGlyphs)]
        painted = [
            ascii_only.apply(list(strip), Color(0, 0, 0)) for strip in app.screen._compositor.render_strips()
        ]
    left = {sign for line in painted for segment in line for sign in segment.text if not sign.isascii()}
    assert all("\u4e00" <= sign <= "\u9fff" for sign in left), "only what the log itself says in Chinese"
