"""What others wrote is data: it is shown, and neither obeyed by the terminal nor read as markup."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace

from lain_tui.core.errors import LainError
from lain_tui.core.model.finding import Evidence, EvidenceKind, Finding, Remedy
from lain_tui.core.model.status import Gap, Link, StatusView
from lain_tui.screens.frame import as_text
from lain_tui.widgets.canvas import Line
from lain_tui.widgets.pod_rows import Row
from tests.screens.views import FixedBoard, FixedSource, StatusApp, view

ESCAPES = "\x1b[2J\x1b]0;title\x07\x1b[31mred\x9b1m"
MARKUP = "[bold]loud[/bold][@click=app.quit]here[/]"
TURNED = "abc\u202edef\u200b"
BROKEN = b"caf\xe9".decode("utf-8", "surrogateescape")
NAME = f"{ESCAPES}{MARKUP}{TURNED}"
EVIL = f"{NAME}{BROKEN}\nnext\tline"

CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\ud800-\udfff]")


def evil_view() -> StatusView:
    web, worker, daily = view().procs
    pod = replace(worker.pods[0], name=f"pod-{NAME}", state=EVIL, detail=EVIL, node=EVIL, image_tag=EVIL)
    worker = replace(worker, name=EVIL, summary=EVIL, drift=EVIL, image_tag=EVIL, pods=(pod,))
    assert daily.cron is not None
    daily = replace(daily, name=EVIL, cron=replace(daily.cron, schedule=EVIL))
    seen = view()
    assert seen.release is not None
    return replace(
        seen,
        app=EVIL, namespace=EVIL, procs=(web, worker, daily),
        release=replace(seen.release, subject=EVIL, user=EVIL, image_tag=EVIL, status=EVIL),
        urls=tuple(replace(url, url=EVIL, cause=EVIL, redirect=EVIL) for url in seen.urls),
        gaps=(Gap(pane="events", reason=EVIL, hint=EVIL),),
        link=Link(live=False, reason=EVIL),
    )  # fmt: skip


EVIL_FINDING = Finding(
    code="crash-loop", title=EVIL, explanation=(EVIL, EVIL), subject=EVIL,
    evidence=tuple(Evidence(kind=kind, text=EVIL, label=EVIL, count=2, warning=True) for kind in EvidenceKind),
    remedies=(Remedy(text=EVIL),),
)  # fmt: skip


class EvilSource(FixedSource):
    async def describe(self, row: Row) -> list[Line]:
        return [[(EVIL, "strong"), (EVIL, "")]]

    async def yaml(self, row: Row) -> str:
        return f"metadata:\n  annotations:\n    note: {EVIL}\n"

    async def delete(self, pod: object) -> None:
        raise LainError(EVIL, where=EVIL, hint=EVIL)


@asynccontextmanager
async def evil_app(size: tuple[int, int] = (160, 50)) -> AsyncIterator[tuple[StatusApp, object]]:
    shown = evil_view()
    board = FixedBoard(shown, {shown.procs[1].pods[0].uid: EVIL_FINDING})
    app = StatusApp(EvilSource(board))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, pilot


@pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["80x24", "200x50"])
@pytest.mark.parametrize(
    "keys", [[], ["g"], ["d"], ["y"], ["ctrl+d"], ["question_mark"], ["c"], ["ctrl+d", "y"]], ids=" ".join
)
async def test_nothing_of_it_reaches_the_terminal_as_a_command(
    keys: list[str], size: tuple[int, int]
) -> None:
    async with evil_app(size) as (app, pilot):
        await pilot.press(*keys)  # type: ignore[attr-defined]
        await pilot.pause()  # type: ignore[attr-defined]
        frame = as_text(app)
        assert not CONTROL.search(frame)
        strips = app.screen._compositor.render_strips()
        actions = {s.style.meta.get("@click") for strip in strips for s in strip if s.style and s.style.meta}
        assert "app.quit" not in actions


async def test_it_is_shown_as_it_was_written() -> None:
    async with evil_app((200, 50)) as (app, _):
        assert "␛[2J␛]0;title" in as_text(app)
        assert MARKUP[:20] in as_text(app)


async def test_what_is_said_in_the_corner_is_no_markup() -> None:
    async with evil_app() as (app, pilot):
        await pilot.press("ctrl+d", "y")  # type: ignore[attr-defined]
        await pilot.pause()  # type: ignore[attr-defined]
        said = [notice.message for notice in app._notifications]
        assert said and all(not CONTROL.search(message) for message in said)
        assert all(not notice.markup for notice in app._notifications)
