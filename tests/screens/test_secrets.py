"""Env & secrets on the embedded cluster: a draft from its first key to pods that run it."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from lain_tui.app import LainApp
from lain_tui.core.config.settings import Settings
from lain_tui.core.model.finding import Remedy
from lain_tui.core.secrets.document import parse_document
from lain_tui.core.target import Target
from lain_tui.screens.frame import as_text
from lain_tui.screens.secrets.editing import SEEN_FOR
from lain_tui.screens.secrets.screen import SecretsScreen
from tests.bursts import type_at_once
from tests.embedded import EmbeddedCluster
from tests.snapshots import Picture

SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x50": (200, 50)}
HIDDEN = "not-so-secret"
"""The value of SECRET_KEY in the demo."""
ASKED = Remedy(text="add it", verb="env.add", arguments={"secret": "dummy-env", "key": "MYSQL_HOST"})
PATH = "/api/v1/namespaces/default/secrets/dummy-env"


@pytest.fixture(scope="module")
def cluster_of_module() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster(speed=10) as cluster:
        yield cluster


@pytest.fixture
def living(cluster_of_module: EmbeddedCluster) -> Iterator[EmbeddedCluster]:
    """As it was planted, for each test."""
    yield cluster_of_module
    cluster_of_module.clear_faults()
    data = {"FOO": "BAR", "SECRET_KEY": HIDDEN, "GREETING": "你好"}
    cluster_of_module.request("DELETE", PATH)
    body = {"metadata": {"name": "dummy-env"}, "stringData": data}
    cluster_of_module.request("POST", PATH.rpartition("/")[0], body)


class Session:
    """The app with the screen on top."""

    def __init__(self, app: LainApp, pilot: Pilot[int], target: Target) -> None:
        self.app, self.pilot, self.target = app, pilot, target
        self.now = 1000.0

    async def open(self, **options: object) -> SecretsScreen:
        screen = SecretsScreen(self.app.session, self.target, clock=lambda: self.now, **options)  # type: ignore[arg-type]
        self.app.push_screen(screen)
        await self.until(lambda: self.app.screen is screen and f"{self.target.app}-secret" in self.text)
        await self.until(lambda: "read by" in self.text and "web" in self.text)
        return screen

    @property
    def text(self) -> str:
        return as_text(self.app)

    async def until(self, condition: Callable[[], object], seconds: float = 60) -> None:
        async with asyncio.timeout(seconds):
            while True:
                await self.pilot.pause()
                if condition():
                    return
                await asyncio.sleep(0.02)

    async def sees(self, words: str) -> None:
        await self.until(lambda: words in self.text)

    def told(self, words: str) -> bool:
        """A word in the corner of the screen said so."""
        return any(words in str(one.message) for one in self.app._notifications)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def go_to(self, key: str) -> None:
        await self.press("home")
        for _ in range(30):
            if f"▏ {key}" in self.text:
                return
            await self.press("down")
        raise AssertionError(f"{key} is not there:\n{self.text}")

    def held(self, living: EmbeddedCluster) -> dict[str, str]:
        return {key: base64.b64decode(value).decode() for key, value in living.get(PATH)["data"].items()}


@asynccontextmanager
async def session(
    living: EmbeddedCluster, size: tuple[int, int] = (120, 40), **more: object
) -> AsyncIterator[Session]:
    known: dict[str, object] = {"namespace": "default", "cluster": "demo", "app": "dummy", "release": "dummy"}
    target = Target(**{**known, "kubeconfig": (living.kubeconfig,), **more})  # type: ignore[arg-type]
    app = LainApp(target, Settings())
    try:
        async with app.run_test(size=size) as pilot:
            await app.session.opened()
            yield Session(app, pilot, target)
    finally:
        # Once the app has ended: what was typed last is kept a moment after its key.
        for papers in app.session.papers.values():
            for draft in papers.drafts.values():
                papers.keeper.forget(draft.ref)


async def test_from_the_crash_to_a_worker_that_runs(living: EmbeddedCluster) -> None:
    async with session(living) as here:
        await here.open(remedy=ASKED)
        await here.sees("MYSQL_HOST  added")
        await here.press(*"mysql.internal", "ctrl+s")
        await here.sees("+ MYSQL_HOST")
        assert "web and worker will see it after a restart" in here.text
        assert "mysql.internal" not in here.text
        await here.press("r")
        await here.sees("Done.")
        assert here.held(living)["MYSQL_HOST"] == "mysql.internal"
        pods = "/api/v1/namespaces/default/pods?labelSelector=app.kubernetes.io/instance=dummy-worker"
        (pod,) = [one for one in living.get(pods)["items"] if not one["metadata"].get("deletionTimestamp")]
        assert pod["status"]["containerStatuses"][0]["ready"]
        # The way back.
        await here.press("escape")
        await here.until(lambda: "draft:" not in here.text)
        await here.press("U")
        await here.sees("draft: 1 removed")


@pytest.mark.parametrize("left", [False, True], ids=["from the end of the change", "from the keys"])
async def test_what_was_applied_alone_is_seen_by_its_readers_one_key_later(
    living: EmbeddedCluster, left: bool
) -> None:
    async with session(living) as here:
        await here.open()
        await here.go_to("FOO")
        await here.press("enter", "end", *"-later", "escape", "ctrl+s")
        await here.sees("apply and restart")
        await here.press("enter")
        await here.sees("Done.")
        if left:
            await here.press("escape")
        await here.until(lambda: here.told("web and worker still run the old values: R restarts them"))
        if not left:
            await here.sees("R restart readers")
        await here.press("R")
        await here.sees("one by one")
        await here.press("enter")
        await here.sees("restart web and worker of dummy")


async def test_nothing_is_seen_until_it_is_asked_for_and_not_for_long(living: EmbeddedCluster) -> None:
    async with session(living) as here:
        await here.open()
        assert HIDDEN not in here.text
        await here.go_to("SECRET_KEY")
        assert HIDDEN not in here.text
        await here.press("c")
        assert here.app.clipboard == HIDDEN and HIDDEN not in here.text, "copied unseen"
        await here.press("x")
        await here.sees(HIDDEN)
        here.now += SEEN_FOR + 1
        await here.until(lambda: HIDDEN not in here.text)
        await here.press("enter")
        await here.sees(HIDDEN)
        await here.press("escape")
        await here.until(lambda: HIDDEN not in here.text)


async def test_what_is_typed_behind_esc_is_no_part_of_the_value(living: EmbeddedCluster) -> None:
    async with session(living) as here:
        await here.open()
        await here.go_to("FOO")
        await here.press("enter")
        await here.sees("BAR")
        type_at_once(here.app, "end", *"-2", "escape", "d")
        await here.sees("duplicate as")
        await here.press("escape", "x")
        await here.sees("BAR-2")
        assert "BAR-2d" not in here.text


async def test_esc_and_a_letter_in_one_packet_are_two_keys(living: EmbeddedCluster) -> None:
    async with session(living) as here:
        await here.open()
        await here.go_to("FOO")
        await here.press("enter")
        await here.sees("BAR")
        here.app.post_message(events.Key("alt+d", "d"))
        await here.sees("duplicate as")
        assert "draft:" not in here.text


async def test_the_whole_of_it_is_exported_to_a_file_for_its_owner_alone(
    living: EmbeddedCluster, tmp_path: Path
) -> None:
    file = tmp_path / "all.yaml"
    async with session(living) as here:
        await here.open()
        await here.press("home", "s")
        await here.sees("save to dummy-env.yaml")
        await here.press("ctrl+u", *str(file), "enter")
        await here.until(lambda: here.told("for you alone to read"))
        assert HIDDEN not in here.text
    assert file.stat().st_mode & 0o777 == 0o600
    assert parse_document(file.read_text(), what="it").data["SECRET_KEY"] == HIDDEN.encode()


async def test_a_draft_stays_when_its_screen_is_left(living: EmbeddedCluster) -> None:
    async with session(living) as here:
        await here.open()
        await here.go_to("FOO")
        await here.press("delete")
        await here.sees("draft: 1 removed")
        await here.press("escape")
        await here.open()
        await here.sees("draft: 1 removed")
        await here.press("q")
        await here.sees("Leave with a draft that is not applied?")
        assert "Secret dummy-env: FOO" in here.text
        await here.press("n")
        await here.press("u")
        await here.until(lambda: "draft:" not in here.text)
        assert here.held(living)["FOO"] == "BAR"


async def test_what_somebody_else_changes_meanwhile(living: EmbeddedCluster) -> None:
    def theirs(**data: str) -> None:
        body = {"stringData": data}
        living.request("PATCH", PATH, body, media="application/merge-patch+json")

    async with session(living) as here:
        await here.open()
        await here.go_to("FOO")
        await here.press("enter", "end", *"-mine", "escape")
        await here.sees("FOO  changed")
        theirs(GREETING="hello")
        await here.until(lambda: here.told("Somebody changed dummy-env: your draft is merged with it"))
        theirs(FOO="theirs")
        await here.sees("FOO  conflict")
        assert "mine" in here.text and "theirs" in here.text and "BAR-mine" not in here.text
        await here.press("x")
        await here.sees("BAR-mine")
        await here.press("ctrl+s", "enter")
        await here.sees("nobody else changed the same keys")
        await here.press("escape", "O")
        await here.sees("FOO  changed")
        await here.press("ctrl+s")
        await here.sees("apply and restart")
        await here.press("enter")
        await here.sees("Done.")
        assert (here.held(living)["FOO"], here.held(living)["GREETING"]) == ("BAR-mine", "hello")


async def test_read_only_holds_for_every_verb(living: EmbeddedCluster) -> None:
    async with session(living, read_only=True) as here:
        screen = await here.open(remedy=ASKED)
        assert "added" not in here.text
        for verb in screen.VERBS:
            if verb.changes:
                assert screen.refusal(verb) == f"read-only: {verb.label} is off"
        await here.go_to("FOO")
        await here.press("x")
        await here.sees("BAR")
        await here.press("delete", "enter", *"zz", "ctrl+s")
        assert "draft:" not in here.text and here.held(living)["FOO"] == "BAR"


async def test_a_protected_cluster_asks_for_the_apps_name(living: EmbeddedCluster) -> None:
    async with session(living, protected=True) as here:
        await here.open()
        await here.go_to("FOO")
        await here.press("delete", "ctrl+s")
        await here.sees("- FOO")
        await here.press("enter")
        await here.sees("Type dummy and press enter")
        await here.press(*"dumm", "enter")
        assert here.held(living)["FOO"] == "BAR"
        await here.press("y", "enter")
        await here.sees("Done.")
        assert "FOO" not in here.held(living)


async def test_missing_permissions_are_told(living: EmbeddedCluster) -> None:
    living.fault(action="status", code=403, verb="list", resource="secrets")
    async with session(living, (160, 40)) as here:
        await here.open()
        await here.sees("you may not list secrets")
        await here.go_to("FOO")
        await here.press("x")
        await here.sees("BAR")
    living.clear_faults()
    living.fault(action="status", code=403, verb="get", resource="secrets")
    async with session(living) as here:
        here.app.push_screen(SecretsScreen(here.app.session, here.target))
        await here.sees("you may not read Secret dummy-env")


async def test_without_the_right_to_change_it_the_draft_stays_and_the_verb_is_named(
    living: EmbeddedCluster,
) -> None:
    living.fault(action="status", code=403, verb="patch", resource="secrets")
    async with session(living) as here:
        await here.open()
        await here.go_to("FOO")
        await here.press("enter", "end", *"-mine", "escape")
        await here.sees("FOO  changed")
        await here.press("ctrl+s")
        await here.sees("patch Secret dummy-env")
        await here.press("enter")
        await here.sees("you may not patch secrets in namespace default")
        await here.press("escape")
        await here.sees("draft: 1 changed")
        assert here.held(living)["FOO"] == "BAR"


@pytest.fixture(scope="module")
def planted() -> Iterator[EmbeddedCluster]:
    """At its own pace, and nobody changes it."""
    with EmbeddedCluster() as cluster:
        yield cluster


@pytest.mark.parametrize("size", SIZES)
async def test_how_it_looks(planted: EmbeddedCluster, picture: Picture, size: str) -> None:
    async with session(planted, SIZES[size]) as here:
        await here.open()
        await here.go_to("FOO")
        await here.press("enter", "end", *"-2", "escape")
        await here.sees("FOO  changed")
        await here.go_to("SECRET_KEY")
        await here.press("delete")
        await here.press("n", *"MYSQL_HOST", "enter", *"mysql.internal")
        await here.sees("MYSQL_HOST  added")
        await here.until(lambda: "live" in here.text.splitlines()[0])
        picture(here.app, f"secrets-{size}")


async def test_how_a_conflict_looks(planted: EmbeddedCluster, picture: Picture) -> None:
    path = PATH.replace("dummy-env", "hello-env")
    async with session(planted, app="hello", release="hello") as here:
        screen = await here.open()
        await here.go_to("FOO")
        await here.press("enter", "end", *"-mine", "escape")
        await here.sees("FOO  changed")
        planted.request(
            "PATCH", path, {"stringData": {"FOO": "theirs"}}, media="application/merge-patch+json"
        )
        await here.sees("FOO  conflict")
        await here.press("x")
        await here.sees("BAR-mine")
        await here.sees("2 pods started before the last change")
        assert screen.refusal(next(verb for verb in screen.VERBS if verb.name == "ours")) == ""
        picture(here.app, "secrets-conflict-120x40")
