"""How the Logs screen looks, in every size that counts: pictures kept in `snapshots/`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from lain_tui.widgets.log_view import LogView
from tests.screens.log_views import LogsApp, StillFeed, StillLogs
from tests.snapshots import Picture

SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x50": (200, 50)}


async def drawn(
    picture: Picture, name: str, size: str, keys: Sequence[str] = (), source: StillLogs | None = None
) -> None:
    app = LogsApp(source or StillLogs())
    async with app.run_test(size=SIZES[size]) as pilot:
        view = app.screen.query_one(LogView)
        async with asyncio.timeout(60):
            while view.cursor is None and "reading" not in view.placeholder:
                await pilot.pause(0.02)
        await pilot.press(*keys)
        await pilot.pause()
        picture(app, f"{name}-{size}")


def typed(text: str) -> list[str]:
    names = {":": "colon", ">": "greater_than_sign", "=": "equals_sign", " ": "space", "-": "minus"}
    return [names.get(letter, letter) for letter in text]


@pytest.mark.parametrize("size", SIZES)
class TestLogs:
    async def test_following(self, picture: Picture, size: str) -> None:
        await drawn(picture, "logs", size)

    async def test_a_filter_by_field_with_context(self, picture: Picture, size: str) -> None:
        await drawn(picture, "logs-filter", size, ["colon", *typed("status:>=500 -1"), "enter"])

    async def test_a_search_and_selected_lines(self, picture: Picture, size: str) -> None:
        keys = ["slash", *typed("orders"), "enter", "shift+up", "shift+up"]
        await drawn(picture, "logs-search", size, keys, StillLogs(protected=True))


async def test_everything_in_full_and_wrapped(picture: Picture) -> None:
    await drawn(picture, "logs-wrapped", "80x24", ["w", "t", "i", "z", "r"])


async def test_nothing_written_yet(picture: Picture) -> None:
    await drawn(picture, "logs-empty", "80x24", source=StillLogs(StillFeed(streams=0), lines=False))


async def test_more_containers_than_streams(picture: Picture) -> None:
    await drawn(picture, "logs-streams", "120x40", source=StillLogs(StillFeed(streams=70, waiting=230)))
