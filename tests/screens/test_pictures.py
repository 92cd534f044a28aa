"""How the screens look, in every size that counts: pictures kept in `snapshots/`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from msgspec.structs import replace

from lain_tui.core.helm.releases import App as Found
from lain_tui.core.model.finding import Finding
from lain_tui.core.model.status import Gap, Link, StatusView
from lain_tui.core.target import Target
from lain_tui.screens.operations import Operations
from lain_tui.screens.picker import PickerScreen
from lain_tui.screens.session import Session
from tests.screens.release_views import ReleasesApp
from tests.screens.views import (
    NOW,
    TAG,
    WORKER,
    FixedBoard,
    FixedSource,
    StatusApp,
    ago,
    crash,
    crowd,
    dummy_app,
    empty,
    view,
)
from tests.snapshots import Picture

SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x50": (200, 50)}

REFUSED = "127.0.0.1:6443 refuses the connection. Is the API server running?"
LOST = Link(
    live=False, reason=REFUSED, stale_since=NOW - timedelta(minutes=1), retry_at=NOW + timedelta(seconds=8)
)
NO_EVENTS = Gap(
    pane="events",
    reason="you may not list events in namespace default",
    hint="A role needs the verb list on events.",
)


APPS = (
    Found(
        name="dummy", release="dummy", namespace="default", procs=("web", "worker", "daily"), image_tag=TAG,
        revision=15, status="deployed", updated=ago(hours=3),
    ),
    Found(
        name="billing", release="billing", namespace="default", procs=("web",), image_tag="1634699031-9c02",
        revision=7, status="pending-upgrade", updated=ago(minutes=4),
    ),
    Found(name="redis", namespace="default", procs=("redis",), image_tag="7.2.4", updated=ago(days=90)),
)  # fmt: skip


async def drawn(
    picture: Picture, name: str, app: StatusApp, size: tuple[int, int] = (120, 40), keys: Sequence[str] = ()
) -> None:
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        picture(app, name)


def showing(shown: StatusView, findings: dict[str, Finding] | None = None, **options: bool) -> StatusApp:
    return StatusApp(FixedSource(FixedBoard(shown, findings), **options))


@pytest.mark.parametrize("size", SIZES)
class TestStatus:
    async def test_something_is_broken(self, picture: Picture, size: str) -> None:
        await drawn(picture, f"status-{size}", dummy_app(), SIZES[size])

    async def test_all_is_well(self, picture: Picture, size: str) -> None:
        await drawn(picture, f"status-healthy-{size}", dummy_app(healthy=True), SIZES[size])

    async def test_a_protected_cluster_whose_connection_is_lost(self, picture: Picture, size: str) -> None:
        app = showing(view(link=LOST, cluster="prod"), {WORKER: crash()}, protected=True, read_only=True)
        await drawn(picture, f"status-stale-{size}", app, SIZES[size])

    async def test_nothing_answers(self, picture: Picture, size: str) -> None:
        link = Link(live=False, reason=REFUSED, retry_at=NOW + timedelta(seconds=8))
        app = StatusApp(FixedSource(FixedBoard(empty(link=link))))
        await drawn(picture, f"status-unreachable-{size}", app, SIZES[size])

    async def test_help(self, picture: Picture, size: str) -> None:
        await drawn(picture, f"status-help-{size}", dummy_app(), SIZES[size], ["question_mark"])


@pytest.mark.parametrize("size", SIZES)
async def test_the_apps_of_a_namespace(picture: Picture, size: str) -> None:
    target = Target(namespace="default", cluster="staging")
    session = Session(target, Operations(lambda running: None))
    screen = PickerScreen(session, target, lambda app, release: None, clock=lambda: NOW)
    app = ReleasesApp(screen)
    async with app.run_test(size=SIZES[size]) as pilot:
        screen.post_message(PickerScreen.Listed(APPS))
        await pilot.pause()
        picture(app, f"picker-{size}")


async def test_more_pods_than_lines(picture: Picture) -> None:
    await drawn(picture, "status-crowd-120x40", showing(crowd(400)), keys=["end"])


async def test_a_missing_permission_takes_one_line(picture: Picture) -> None:
    shown = replace(view(), gaps=(NO_EVENTS,))
    await drawn(picture, "status-gap-80x24", showing(shown, {WORKER: crash()}), (80, 24))


async def test_a_filter_while_it_is_typed(picture: Picture) -> None:
    keys = ["slash", *"x2", "left_square_bracket"]
    await drawn(picture, "status-filter-80x24", dummy_app(), (80, 24), keys)


async def test_pods_in_one_flat_list_sorted_by_memory(picture: Picture) -> None:
    await drawn(picture, "status-flat-120x40", dummy_app(), keys=["g", "M"])


async def test_only_what_needs_the_reader(picture: Picture) -> None:
    await drawn(picture, "status-faults-120x40", dummy_app(), keys=["ctrl+z"])


async def test_the_question_before_a_deletion(picture: Picture) -> None:
    await drawn(picture, "status-delete-80x24", dummy_app(), (80, 24), ["ctrl+d"])


async def test_the_question_on_a_protected_cluster(picture: Picture) -> None:
    app = showing(view(cluster="prod"), {WORKER: crash()}, protected=True)
    await drawn(picture, "status-delete-protected-120x40", app, keys=["ctrl+d"])


async def test_an_object_as_yaml(picture: Picture) -> None:
    await drawn(picture, "detail-yaml-80x24", dummy_app(), (80, 24), ["y"])


async def test_every_verb_by_its_name(picture: Picture) -> None:
    await drawn(picture, "palette-120x40", dummy_app(), keys=["ctrl+p"])


async def test_a_terminal_that_is_too_small(picture: Picture) -> None:
    await drawn(picture, "too-small-50x10", dummy_app(), (50, 10))
