"""What the keys of the Logs screen do, over lines that stand still."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from textual.pilot import Pilot

from lain_tui.screens.logs.screen import LogsScreen
from lain_tui.widgets.filter_bar import FilterBar
from lain_tui.widgets.log_bar import LogBar
from lain_tui.widgets.log_view import LogView
from tests.screens.log_views import NOW, LogsApp, StillFeed, StillLogs
from tests.screens.test_log_pictures import typed


class Reader:
    def __init__(self, app: LogsApp, pilot: Pilot[int], source: StillLogs) -> None:
        self.app, self.pilot, self.source = app, pilot, source

    @property
    def view(self) -> LogView:
        return self.app.screen.query_one(LogView)

    @property
    def rows(self) -> list[str]:
        height = self.view.size.height
        return ["".join(part.text for part in self.view.render_line(y)).rstrip() for y in range(height)]

    @property
    def bar(self) -> str:
        bar = self.app.screen.query_one(LogBar)
        return "".join(text for text, _ in bar.lines(bar.size.width)[0])

    @property
    def said(self) -> str:
        return "\n".join(notice.message for notice in self.app._notifications)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def enter(self, text: str) -> None:
        """Type into the open bar, and keep it."""
        await self.press(*typed(text), "enter")

    @property
    def cursor_row(self) -> str:
        position = self.view._lines.position(self.view.cursor or 0)
        return next(row for (at, _), row in zip(self.view._rows, self.rows, strict=False) if at == position)


@asynccontextmanager
async def reading(
    source: StillLogs | None = None, size: tuple[int, int] = (120, 30)
) -> AsyncIterator[Reader]:
    source = source or StillLogs()
    app = LogsApp(source)
    async with app.run_test(size=size) as pilot:
        reader = Reader(app, pilot, source)
        async with asyncio.timeout(60):
            while reader.view.cursor is None:
                await pilot.pause(0.02)
        yield reader


async def test_a_field_filter_hides_and_its_context_shows() -> None:
    async with reading() as reader:
        await reader.press("colon")
        await reader.enter("status:>=500")
        assert [row for row in reader.rows if " POST /api/orders 500" in row]
        assert not [row for row in reader.rows if "cache warm" in row]
        await reader.press("escape")
        assert [row for row in reader.rows if "cache warm" in row]


async def test_going_to_a_moment() -> None:
    async with reading() as reader:
        await reader.press("T")
        moment = datetime.fromtimestamp(NOW // 10**9 - 120, UTC)
        await reader.enter(f"{moment:%Y-%m-%dT%H:%M:%SZ}")
        assert f"{moment:%H:%M}" in reader.cursor_row
        assert not reader.view.following


async def test_a_moment_that_is_none_is_told() -> None:
    async with reading() as reader:
        await reader.press("T")
        await reader.enter("yesterday")
        assert "not a time" in reader.said


async def test_what_is_told_already_is_not_told_twice() -> None:
    async with reading() as reader:
        for _ in range(3):
            await reader.press("T")
            await reader.enter("yesterday")
        assert reader.said.count("not a time") == 1


async def test_a_range_is_selected_by_keys_copied_and_let_go() -> None:
    async with reading() as reader:
        await reader.press("up", "shift+up", "shift+up", "c")
        assert len(reader.app.clipboard.splitlines()) == 3
        await reader.press("escape")
        assert reader.view.selected is None
        await reader.press("c")
        assert len(reader.app.clipboard.splitlines()) == 1


async def test_a_range_is_selected_with_the_mouse() -> None:
    async with reading() as reader:
        await reader.pilot.mouse_down(LogView, offset=(30, 5))
        await reader.pilot.hover(LogView, offset=(30, 8))
        await reader.pilot.mouse_up(LogView, offset=(30, 8))
        await reader.press("c")
        assert len(reader.app.clipboard.splitlines()) == 4


async def test_a_trace_says_what_went_wrong_and_opens_whole() -> None:
    async with reading() as reader:
        await reader.press("e")
        while "cannot start" not in reader.cursor_row:
            await reader.press("e")
        assert "KeyError: 'MYSQL_HOST'  ▸ 6 lines folded" in reader.cursor_row
        await reader.press("enter")
        await reader.pilot.pause()
        await reader.press("c")
        assert 'File "/lain/app/worker.py", line 61, in main' in reader.app.clipboard


async def test_what_is_folded_under_a_line_is_copied_and_saved_with_it(tmp_path: Path) -> None:
    async with reading() as reader:
        await reader.press("e")
        while "cannot start" not in reader.cursor_row:
            await reader.press("e")
        await reader.press("c")
        assert reader.app.clipboard.endswith("KeyError: 'MYSQL_HOST'")
        assert len(reader.app.clipboard.splitlines()) == 7
        path = tmp_path / "saved.log"
        await reader.press("ctrl+s", "ctrl+u")
        await reader.enter(str(path))
        async with asyncio.timeout(60):
            while "Saved" not in reader.said:
                await reader.pilot.pause(0.02)
        assert "in main" in path.read_text() and "KeyError: 'MYSQL_HOST'" in path.read_text()


async def test_the_bar_says_how_far_back_it_reads_and_that_a_run_before_is_not_followed() -> None:
    async with reading() as reader:
        await reader.press("3")
        await reader.pilot.pause()
        assert "last 15 m" in reader.bar and "following" in reader.bar
        await reader.press("0", "p")
        await reader.pilot.pause()
        assert "last 15 m" not in reader.bar
        assert "before the last restart" in reader.bar and "following" not in reader.bar


async def test_the_bar_counts_what_is_selected() -> None:
    async with reading() as reader:
        await reader.press("up", "shift+up", "shift+up")
        assert "3 selected" in reader.bar


async def test_events_can_be_hidden() -> None:
    async with reading() as reader:
        assert [row for row in reader.rows if "BackOff" in row]
        await reader.press("a", "a")
        assert not [row for row in reader.rows if "BackOff" in row or "crashed" in row]


async def test_older_lines_are_asked_for_on_the_way_up_once() -> None:
    async with reading() as reader:
        await reader.press("home")
        await reader.pilot.pause()
        await reader.press("up", "up")
        await reader.pilot.pause()
        assert reader.said.count("Nothing older is kept by the kubelet") == 1


async def test_more_containers_than_streams_leave_the_choice() -> None:
    async with reading(StillLogs(StillFeed(streams=70, waiting=230))) as reader:
        async with asyncio.timeout(60):
            while "70 containers are followed, 230 wait" not in reader.said:
                await reader.pilot.pause(0.02)
        assert "230 more wait" in reader.bar
        await reader.press("A")
        await reader.pilot.pause()
        screen = reader.app.screen
        assert isinstance(screen, LogsScreen)
        assert reader.source.feed.waiting == 0


async def test_the_link_to_kibana_is_of_the_same_proc_and_time() -> None:
    source = StillLogs()
    source.target = msgspec.structs.replace(source.target, settings={"kibana": "kibana.example.com"})
    async with reading(source) as reader:
        await reader.press("T")
        await reader.enter("2026-03-05T08:02:00Z")
        await reader.press("ctrl+k")
        assert reader.app.clipboard.startswith("http://kibana.example.com/app/logs/stream")
        assert "end:%272026-03-05T08%3A1" in reader.app.clipboard
        assert "keyword:dummy-web*" in reader.app.clipboard


async def test_without_kibana_the_missing_setting_is_named() -> None:
    async with reading() as reader:
        await reader.press("ctrl+k")
        assert "kibana" in reader.said


async def test_the_scope_is_typed_and_the_procs_are_named() -> None:
    async with reading() as reader:
        await reader.press("S")
        assert "here: web worker" in str(reader.app.screen.query_one(FilterBar).query_one(".-hint").render())
        await reader.enter("worker")
        await reader.pilot.pause()
        assert "dummy worker" in reader.bar
        assert reader.source.scopes[-1].names == {"worker"}
