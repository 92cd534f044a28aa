"""The Logs screen on the embedded cluster, by its keys."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from lain_tui.app import LainApp
from lain_tui.core.config.settings import Settings
from lain_tui.core.target import Target
from lain_tui.screens.logs.screen import LogsScreen
from lain_tui.screens.logs.source import ClusterLogs
from lain_tui.widgets.log_bar import LogBar
from lain_tui.widgets.log_view import LogView
from tests.bursts import type_at_once
from tests.embedded import EmbeddedCluster


@pytest.fixture(scope="module")
def demo() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster("demo") as cluster:
        yield cluster


class LogsApp(LainApp):
    """Opens on the Logs screen, over an empty one to go back to."""

    def get_default_screen(self) -> Screen[None]:
        return Screen()

    def on_mount(self) -> None:
        super().on_mount()
        self.push_screen(LogsScreen(ClusterLogs(self.session, self.target)))


class Reader:
    def __init__(self, app: LainApp, pilot: Pilot[int]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def view(self) -> LogView:
        return self.app.screen.query_one(LogView)

    @property
    def texts(self) -> list[str]:
        rows = [
            "".join(part.text for part in self.view.render_line(y)).rstrip()
            for y in range(self.view.size.height)
        ]
        return [row for row in rows if row]

    @property
    def bar(self) -> str:
        bar = self.app.screen.query_one(LogBar)
        return "".join(text for text, _ in bar.lines(bar.size.width)[0])

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        await self.press(*(f"{letter}" if letter.isalnum() else _KEYS.get(letter, letter) for letter in text))

    async def until_on(self, screen: str) -> None:
        """Wait until a screen of that class is the topmost."""
        async with asyncio.timeout(60):
            while type(self.app.screen).__name__ != screen:
                await asyncio.sleep(0.05)

    async def until(self, *words: str, where: str = "texts") -> None:
        """Wait until all the words are on screen."""
        async with asyncio.timeout(60):
            while True:
                shown = self.bar if where == "bar" else "\n".join(self.texts)
                if all(word in shown for word in words):
                    return
                await asyncio.sleep(0.05)


_KEYS = {
    " ": "space",
    ":": "colon",
    "!": "exclamation_mark",
    "_": "underscore",
    "-": "minus",
    ".": "full_stop",
}


@asynccontextmanager
async def reading(cluster: EmbeddedCluster, size: tuple[int, int] = (120, 30)) -> AsyncIterator[Reader]:
    target = Target(
        namespace="default",
        cluster="demo",
        app="dummy",
        release="dummy",
        kubeconfig=(Path(cluster.kubeconfig),),
    )
    app = LogsApp(target, Settings())
    async with app.run_test(size=size) as pilot:
        reader = Reader(app, pilot)
        await reader.until("web")
        yield reader


async def test_it_shows_every_proc_and_says_how_busy_it_is(demo: EmbeddedCluster) -> None:
    async with reading(demo) as reader:
        await reader.until("4 streams", "following", "kept", where="bar")


async def test_a_search_highlights_and_goes_from_match_to_match(demo: EmbeddedCluster) -> None:
    async with reading(demo) as reader:
        await reader.press("slash")
        await reader.type("MYSQL_HOST")
        await reader.press("enter")
        await reader.until("/MYSQL_HOST", "match", where="bar")
        await reader.until("KeyError: 'MYSQL_HOST'")
        assert not reader.view.following
        await reader.press("end")
        assert reader.view.following


async def test_a_filter_hides_what_does_not_match_and_escape_brings_it_back(demo: EmbeddedCluster) -> None:
    async with reading(demo) as reader:
        await reader.press("ampersand")
        await reader.type("proc:worker level:error")
        await reader.press("enter")
        await reader.until("worker")
        assert not [text for text in reader.texts if " web " in text]
        await reader.press("escape")
        await reader.until(" web ")


async def test_levels_go_round(demo: EmbeddedCluster) -> None:
    async with reading(demo) as reader:
        await reader.press("v", "v", "v")
        await reader.until("≥ error", where="bar")
        assert not [text for text in reader.texts if " INFO " in text]


async def test_a_bad_expression_is_explained_where_it_is_typed(demo: EmbeddedCluster) -> None:
    async with reading(demo) as reader:
        await reader.press("slash", "left_parenthesis")
        hint = reader.app.screen.query_one(".-hint")
        assert "not a regular expression" in str(hint.render())


async def test_next_error_is_one_key_away(demo: EmbeddedCluster) -> None:
    async with reading(demo) as reader:
        await reader.until("error", where="bar")
        await reader.press("E")
        cursor = reader.view.cursor
        assert cursor is not None and not reader.view.following


async def test_the_lines_shown_are_saved_and_nothing_is_overwritten(
    demo: EmbeddedCluster, tmp_path: Path
) -> None:
    file = tmp_path / "kept.jsonl"
    async with reading(demo) as reader:
        for _ in range(2):
            await reader.press("ctrl+s")
            field = reader.app.screen.query_one("FilterBar Input")
            field.value = str(file)  # type: ignore[attr-defined]
            await reader.press("enter")
            async with asyncio.timeout(60):
                while not reader.app._notifications:
                    await asyncio.sleep(0.02)
            await asyncio.sleep(0.2)
        assert "exists already" in "".join(notice.message for notice in reader.app._notifications)
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert lines and all({"time", "pod", "text"} <= line.keys() for line in lines if line["kind"] == "log")
    assert file.stat().st_mode & 0o077 == 0


async def test_marked_lines_are_copied(demo: EmbeddedCluster) -> None:
    async with reading(demo) as reader:
        await reader.press("up", "up", "up", "space", "space", "c")
        assert len(reader.app.clipboard.splitlines()) == 2


async def test_one_record_is_opened_whole_and_left_again(demo: EmbeddedCluster) -> None:
    async with reading(demo) as reader:
        await reader.press("up", "enter")
        assert type(reader.app.screen).__name__ == "RecordScreen"
        await reader.press("escape")
        assert isinstance(reader.app.screen, LogsScreen)


async def test_a_field_of_the_record_narrows_the_stream(demo: EmbeddedCluster) -> None:
    async with reading(demo) as reader:
        await reader.press("ampersand")
        await reader.type("logger:access")
        await reader.press("enter", "up", "enter", "f")
        await reader.until_on("ChooseScreen")
        await reader.press("down", "enter")
        await reader.until_on("LogsScreen")
        await reader.until("logger:access method:=", where="bar")


async def test_a_line_without_fields_says_so(demo: EmbeddedCluster) -> None:
    async with reading(demo) as reader:
        await reader.press("ampersand")
        await reader.type("starting")
        await reader.press("enter", "up", "enter", "x")
        await reader.until_on("RecordScreen")
        assert any("no fields" in told.message for told in reader.app._notifications)


async def test_the_previous_runs_are_one_key_away(demo: EmbeddedCluster) -> None:
    async with reading(demo) as reader:
        await reader.press("p")
        await reader.until("before the last restart", where="bar")
        await reader.until("KeyError: 'MYSQL_HOST'", "lines folded")


async def test_a_time_range_reads_anew(demo: EmbeddedCluster) -> None:
    async with reading(demo) as reader:
        await reader.press("6")
        await reader.until("kept", where="bar")
        await reader.until("web")


async def test_what_is_typed_faster_than_the_screen_answers_reaches_the_search(demo: EmbeddedCluster) -> None:
    """Over a slow connection `/quit` arrives at once; its q must not leave the app."""
    async with reading(demo) as reader:
        type_at_once(reader.app, *"/quit")
        await reader.until("/quit", where="bar")


async def test_leaving_ends_the_streams(demo: EmbeddedCluster) -> None:
    async with reading(demo) as reader:
        await reader.press("escape")
        async with asyncio.timeout(60):
            while any(worker.group == "logs-feed" and worker.is_running for worker in reader.app.workers):
                await asyncio.sleep(0.02)
