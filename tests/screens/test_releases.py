"""The History and Deploy screens: how they look, and what their keys do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from textual.pilot import Pilot

from lain_tui.core.errors import LainError, Refused
from lain_tui.core.model.plan import Outcome
from lain_tui.core.operations.operation import begun, done
from lain_tui.screens.confirm import ConfirmScreen
from lain_tui.screens.deploy.rollout import RolloutScreen
from lain_tui.screens.deploy.screen import DeployScreen
from lain_tui.widgets.canvas import Page
from lain_tui.widgets.check_list import CheckList
from lain_tui.widgets.diff_view import DiffView
from lain_tui.widgets.filter_bar import FilterBar
from lain_tui.widgets.revision_list import RevisionList
from lain_tui.widgets.tag_list import TagList
from tests.bursts import type_at_once
from tests.screens.release_views import (
    CHECKS,
    TAGS,
    FixedDeploy,
    FixedReleases,
    ReleasesApp,
    deploy_app,
    history_app,
)
from tests.snapshots import Picture

SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x50": (200, 50)}
GOOD = tuple(check for check in CHECKS if check.outcome is not Outcome.FAILED)


async def until(pilot: Pilot[int], holds: Callable[[], bool]) -> None:
    for _ in range(200):
        if holds():
            await pilot.pause()
            return
        await pilot.pause(0.02)
    pytest.fail("it never came to that")


async def ready(app: ReleasesApp, pilot: Pilot[int]) -> None:
    """Everything that the screen asks for has been answered."""
    if isinstance(app.screen, DeployScreen):
        await until(pilot, lambda: bool(app.screen.query_one(DiffView).text))
    else:
        await until(
            pilot,
            lambda: bool(app.screen.query(DiffView)) and bool(app.screen.query_one(DiffView).text),
        )
        await until(pilot, lambda: "timfei" in str(app.screen.query_one(RevisionList).line(0, 200)))


async def drawn(
    picture: Picture, name: str, app: ReleasesApp, size: tuple[int, int], keys: Sequence[str] = ()
) -> None:
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await ready(app, pilot)
        await pilot.press(*keys)
        await pilot.pause(0.1)
        picture(app, name)


@pytest.mark.parametrize("size", SIZES)
class TestPictures:
    async def test_history(self, picture: Picture, size: str) -> None:
        await drawn(picture, f"history-{size}", history_app(), SIZES[size])

    async def test_deploy(self, picture: Picture, size: str) -> None:
        await drawn(picture, f"deploy-{size}", deploy_app(), SIZES[size])

    async def test_side_by_side(self, picture: Picture, size: str) -> None:
        await drawn(picture, f"deploy-beside-{size}", deploy_app(), SIZES[size], ["s"])

    async def test_a_rollout(self, picture: Picture, size: str) -> None:
        steps = (done("helm upgrade", "revision 16"), begun("web", "rolling out: 1 of 3 updated, 2 old left"))
        app = deploy_app(FixedReleases(deploy=FixedDeploy(GOOD, steps)))
        await drawn(picture, f"rollout-{size}", app, SIZES[size], ["D", "y"])


async def test_moving_in_the_history_shows_what_that_revision_changed() -> None:
    app = history_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await ready(app, pilot)
        assert TAGS[1] in app.screen.query_one(DiffView).text
        await pilot.press("down")
        await until(pilot, lambda: TAGS[2] in app.screen.query_one(DiffView).text)
        await pilot.press("v")
        await until(pilot, lambda: "user: timfei" in app.screen.query_one(DiffView).text)


async def test_a_marked_revision_is_what_the_others_are_compared_with() -> None:
    app = history_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await ready(app, pilot)
        await pilot.press("end", "m", "home")
        await until(pilot, lambda: TAGS[3] in app.screen.query_one(DiffView).text)
        assert TAGS[1] not in app.screen.query_one(DiffView).text


async def test_rolling_back_shows_plan_and_diff_first() -> None:
    releases = FixedReleases(deploy=FixedDeploy(GOOD))
    app = history_app(releases)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await ready(app, pilot)
        await pilot.press("down", "r")
        await until(pilot, lambda: releases.rolled_back == [14])
        await until(pilot, lambda: bool(app.screen.query_one(DiffView).text))
        assert isinstance(app.screen, RolloutScreen) and not releases.deploy.ran
        await pilot.press("enter")
        await until(pilot, lambda: releases.deploy.ran)


async def test_read_only_rolls_nothing_back() -> None:
    releases = FixedReleases(read_only=True)
    app = history_app(releases)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await ready(app, pilot)
        await pilot.press("r")
        await pilot.pause()
        assert releases.rolled_back == []


async def test_head_is_chosen_first_and_another_image_is_looked_at_anew() -> None:
    releases = FixedReleases()
    app = deploy_app(releases)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await ready(app, pilot)
        assert releases.chosen[-1].tag == TAGS[0] == app.screen.query_one(TagList).key
        await pilot.press("down")
        await until(pilot, lambda: releases.chosen[-1].tag == TAGS[1])


async def test_a_failed_check_lets_nothing_out() -> None:
    releases = FixedReleases()
    app = deploy_app(releases)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await ready(app, pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, DeployScreen) and not releases.deploy.ran


async def test_a_value_that_is_set_is_part_of_the_next_look() -> None:
    releases = FixedReleases()
    app = deploy_app(releases)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await ready(app, pilot)
        await pilot.press("t", *"a.b=1", "enter")
        await until(pilot, lambda: releases.chosen[-1].sets == ("a.b=1",))


async def test_a_protected_cluster_wants_the_name_typed() -> None:
    deploy = FixedDeploy(GOOD)
    import msgspec

    deploy.plan = msgspec.structs.replace(deploy.plan, typed="dummy")
    app = deploy_app(FixedReleases(deploy=deploy, protected=True))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await ready(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y", "enter")
        await pilot.pause()
        assert not deploy.ran
        await pilot.press("backspace", *"dummy", "enter")
        await until(pilot, lambda: deploy.ran)


async def test_a_release_that_moved_meanwhile_is_compared_anew_and_every_choice_is_kept() -> None:
    moved = Refused("dummy has changed since the diff was made: it is revision 16 now")
    releases = FixedReleases(deploy=FixedDeploy(GOOD, moved=moved))
    app = deploy_app(releases)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await ready(app, pilot)
        await pilot.press("t", *"a.b=1", "enter")
        await until(pilot, lambda: releases.chosen[-1].sets == ("a.b=1",))
        await ready(app, pilot)
        looks = len(releases.chosen)
        await pilot.press("D", "y")
        await until(pilot, lambda: len(releases.chosen) > looks)
        assert isinstance(app.screen, DeployScreen) and not releases.deploy.ran
        assert releases.chosen[-1].sets == ("a.b=1",)
        await ready(app, pilot)
        await pilot.press("D", "y")
        await until(pilot, lambda: releases.deploy.ran)


async def test_a_change_that_failed_is_planned_again_with_one_key_and_not_begun_by_it() -> None:
    releases = FixedReleases(deploy=FixedDeploy(GOOD, error=LainError("the cluster is away")))
    app = deploy_app(releases)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await ready(app, pilot)
        await pilot.press("D", "y")
        await until(pilot, lambda: any(one.over for one in releases.operations.all))
        looks = len(releases.chosen)
        await pilot.press("a")
        await until(pilot, lambda: len(releases.chosen) > looks and app.screen.query(DiffView)[0].display)
        assert len(releases.operations.all) == 1
        await until(pilot, lambda: isinstance(app.screen, RolloutScreen) and app.screen.plan is not None)
        await pilot.press("enter")
        await until(pilot, lambda: len(releases.operations.all) == 2)


async def test_one_key_rolls_a_deploy_back() -> None:
    releases = FixedReleases(deploy=FixedDeploy(GOOD, [done("helm upgrade", "revision 16")]))
    app = deploy_app(releases)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await ready(app, pilot)
        await pilot.press("D", "y")
        await until(pilot, lambda: isinstance(app.screen, RolloutScreen) and releases.deploy.ran)
        await pilot.press("b")
        await until(pilot, lambda: releases.rolled_back == [15])
        await until(pilot, lambda: len(releases.operations.all) == 2)


async def test_why_there_is_nothing_to_choose_is_told() -> None:
    error = LainError("the chart of dummy is not here", hint="Go into the app's repository.")
    app = deploy_app(FixedReleases(error=error))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(
            pilot,
            lambda: (
                isinstance(app.screen, DeployScreen)
                and "not here" in str(app.screen.query_one(CheckList).lines(80))
            ),
        )


async def test_from_object_to_object() -> None:
    app = deploy_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await ready(app, pilot)
        await pilot.press("tab", "right_square_bracket")
        await pilot.pause()
        view = app.screen.query_one(DiffView)
        assert "Deployment dummy-worker" in view.text.splitlines()[view.scroll_offset.y]


async def test_a_search_of_the_diff_tells_its_place_and_back_ends_it_first() -> None:
    app = deploy_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await ready(app, pilot)
        title = app.screen.query_one("#diff", Page)
        await pilot.press("slash")
        type_at_once(app, *"image", "enter", *"nn")
        await until(pilot, lambda: "3 of " in str(title.lines(80)))
        await pilot.press("slash")
        type_at_once(app, "escape", "/")
        await until(pilot, lambda: "of" not in str(title.lines(80)) and len(app.screen.query(FilterBar)) == 1)
        await pilot.press(*"tag", "enter")
        await until(pilot, lambda: " of 2" in str(title.lines(80)) and not app.screen.query(FilterBar))
        await pilot.press("escape")
        await pilot.pause()
        assert " of " not in str(title.lines(80))
        assert app.screen.query_one(DiffView).has_focus
