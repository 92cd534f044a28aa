"""The Status screen by its keys: what each does, and what it refuses to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Input

from lain_tui.core.model.status import Link
from lain_tui.screens.confirm import ConfirmScreen
from lain_tui.screens.detail import DetailScreen
from lain_tui.screens.frame import as_text
from lain_tui.screens.status.screen import StatusScreen
from lain_tui.widgets.pod_table import PodTable
from lain_tui.widgets.tones import linked
from lain_tui.widgets.urls_pane import UrlsPane
from tests.screens.views import (
    WORKER,
    FixedBoard,
    FixedSource,
    StatusApp,
    crash,
    dummy_app,
    empty,
    view,
)

WEB = ["…-x2kqp", "…-8d9zt", "…-mm4tc"]


class User:
    """Presses keys, and reads what is on the screen."""

    def __init__(self, app: StatusApp, pilot: Pilot[int]) -> None:
        self.app, self.pilot = app, pilot

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        names = {
            " ": "space",
            "!": "exclamation_mark",
            "-": "minus",
            "=": "equals_sign",
            "/": "slash",
            "[": "left_square_bracket",
        }
        await self.press(*(names.get(letter, letter) for letter in text))

    async def until(self, *words: str) -> None:
        """Wait until all the words are on the screen."""
        async with asyncio.timeout(60):
            while not all(word in self.shown for word in words):
                await self.pilot.pause(0.02)

    @property
    def shown(self) -> str:
        return as_text(self.app)

    @property
    def lines(self) -> list[str]:
        return self.shown.splitlines()

    @property
    def table(self) -> PodTable:
        return self.app.screen_stack[0].query_one(PodTable)

    @property
    def selected(self) -> str:
        row = self.table.row
        assert row is not None
        return row.pod.name if row.pod is not None else row.proc.name

    @property
    def pods(self) -> list[str]:
        """The pods in the order of the table, as it names them."""
        height = self.table.size.height
        words = [line.split() for line in self.lines[2 : 1 + height]]
        return [word for line in words for word in line[:2] if word.startswith(("…-", "dummy-"))]

    @property
    def said(self) -> str:
        """What was said in the corner of the screen."""
        return " / ".join(notice.message for notice in self.app._notifications)


@asynccontextmanager
async def using(app: StatusApp | None = None, size: tuple[int, int] = (120, 40)) -> AsyncIterator[User]:
    app = app or dummy_app()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield User(app, pilot)


class TestLooking:
    async def test_it_starts_on_what_is_broken_and_says_why(self) -> None:
        async with using() as user:
            assert user.selected == WORKER
            assert "worker crashes 2 s after start" in user.shown
            assert "→ l Read the whole log" in user.shown

    async def test_why_follows_the_selection_without_a_key(self) -> None:
        async with using() as user:
            await user.press("home", "down")
            assert user.selected == "dummy-web-7c9f8d6b5-x2kqp"
            assert "nothing wrong with dummy-web-7c9f8d6b5-x2kqp" in user.shown

    async def test_the_selection_stays_on_its_pod_while_pods_come_and_go(self) -> None:
        board = FixedBoard(view(), {WORKER: crash()})
        async with using(StatusApp(FixedSource(board))) as user:
            await user.press("home", "down", "down")
            chosen = user.selected
            web, *others = view().procs
            fewer = replace(web, pods=web.pods[1:], summary="2 of 3 available")
            await board.draw(replace(view(), procs=(fewer, *others)))
            await user.until("2 of 3 available")
            assert user.selected == chosen
            await board.draw(replace(view(), procs=(web, *others)))
            await user.until("3 of 3, up to date")
            assert user.selected == chosen

    @pytest.mark.parametrize(("width", "columns"), [
        (80, {"READY", "STATE", "RESTARTS", "AGE"}),
        (120, {"READY", "STATE", "RESTARTS", "AGE", "CPU", "MEMORY", "NODE"}),
        (200, {"READY", "STATE", "RESTARTS", "AGE", "CPU", "MEMORY", "NODE", "IMAGE"}),
    ])  # fmt: skip
    async def test_columns_come_with_the_room_for_them(self, width: int, columns: set[str]) -> None:
        async with using(size=(width, 40)) as user:
            assert columns == set(user.lines[1].split()) - {"PROC", "/", "POD"}

    async def test_at_80_by_24_the_cause_and_the_urls_are_still_there(self) -> None:
        async with using(size=(80, 24)) as user:
            assert "KeyError: 'MYSQL_HOST'" in user.shown
            assert "1 of 3 fails" in user.shown

    async def test_a_terminal_that_is_too_small_says_so_and_recovers(self) -> None:
        async with using(size=(40, 8)) as user:
            assert "needs 60×12" in " ".join(user.shown.split())
            await user.pilot.resize_terminal(120, 40)
            await user.pilot.pause()
            assert "worker crashes" in user.shown


class TestArranging:
    async def test_a_column_sorts_turns_round_and_lets_go(self) -> None:
        async with using() as user:
            await user.press("g", "M")
            assert user.pods[0].endswith("8d9zt") and "MEMORY↓" in user.shown
            await user.press("M")
            assert user.pods[-1].endswith("8d9zt") and "MEMORY↑" in user.shown
            await user.press("M")
            assert "MEMORY↓" not in user.shown and "MEMORY↑" not in user.shown

    async def test_a_click_on_a_title_sorts_by_it(self) -> None:
        async with using() as user:
            await user.pilot.click(PodTable, offset=(user.lines[1].index("RESTARTS"), 0))
            assert "RESTARTS↓" in user.shown

    @pytest.mark.parametrize(("filter", "pods"), [
        ("8d9", ["…-8d9zt"]),
        ("/x2k|mm4", ["…-x2kqp", "…-mm4tc"]),
        ("!web", ["…-q9f7c"]),
        ("crashloop", ["…-q9f7c"]),
        ("node-2", ["…-8d9zt"]),
        ("-l app.kubernetes.io/instance=dummy-web", WEB),
        ("!-l app.kubernetes.io/instance=dummy-web", ["…-q9f7c"]),
        ("-f wq9", ["…-q9f7c"]),
    ])  # fmt: skip
    async def test_a_filter_takes_effect_while_it_is_typed(self, filter: str, pods: list[str]) -> None:
        async with using() as user:
            await user.press("slash")
            user.app.screen.query_one(Input).value = filter
            await user.pilot.pause()
            assert user.pods == pods
            await user.press("enter")
            assert user.pods == pods and user.app.focused is user.table
            await user.press("escape")
            assert len(user.pods) == 4

    async def test_what_is_no_expression_is_matched_as_it_is_and_said(self) -> None:
        async with using() as user:
            await user.press("slash")
            await user.type("x2[")
            assert "not a regular expression" in user.shown
            assert user.pods == [] and "Nothing matches x2[" in user.shown

    async def test_faults_only_and_everything_again(self) -> None:
        async with using() as user:
            await user.press("ctrl+z")
            assert user.pods == ["…-q9f7c"] and "web" not in user.shown.split("Why")[0]
            await user.press("ctrl+z")
            assert len(user.pods) == 4

    async def test_faults_only_with_nothing_wrong_says_so(self) -> None:
        async with using(dummy_app(healthy=True)) as user:
            await user.press("ctrl+z")
            assert "Nothing needs you." in user.shown

    async def test_a_proc_folds_and_unfolds(self) -> None:
        async with using() as user:
            await user.press("home", "left")
            assert user.pods == ["…-q9f7c"] and "▸ web" in user.shown
            await user.press("right")
            assert len(user.pods) == 4

    async def test_flat_shows_pods_alone_with_their_proc(self) -> None:
        async with using() as user:
            await user.press("g")
            assert user.lines[1].split()[:2] == ["POD", "PROC"] and len(user.pods) == 4


class TestReading:
    @pytest.mark.parametrize(("key", "words"), [("d", "Name"), ("enter", "Name"), ("y", "apiVersion: v1")])
    async def test_an_object_opens_and_escape_comes_back(self, key: str, words: str) -> None:
        async with using() as user:
            await user.press(key)
            assert isinstance(user.app.screen, DetailScreen) and words in user.shown
            await user.press("escape")
            assert isinstance(user.app.screen, StatusScreen) and user.selected == WORKER

    async def test_yaml_is_copied_whole(self) -> None:
        async with using() as user:
            await user.press("y", "c")
            assert (
                user.app.clipboard.startswith("apiVersion: v1\nkind: Pod") and "key-199" in user.app.clipboard
            )

    async def test_yaml_is_searched(self) -> None:
        async with using() as user:
            await user.press("y", "slash")
            await user.type("key-150")
            assert "1 of 1" in user.lines[0] and "key-150" in user.shown

    @pytest.mark.parametrize(("key", "words"), [("l", "line of this run"), ("p", "line of the run before")])
    async def test_logs_of_this_run_and_of_the_one_before(self, key: str, words: str) -> None:
        async with using() as user:
            await user.press(key)
            assert words in user.shown

    async def test_a_name_is_copied_whole_though_the_table_shortens_it(self) -> None:
        async with using() as user:
            await user.press("c")
            assert user.app.clipboard == WORKER and f"Copied {WORKER}" in user.said

    async def test_urls_are_asked_again(self) -> None:
        board = FixedBoard(view())
        async with using(StatusApp(FixedSource(board))) as user:
            await user.press("u")
            assert board.asked_again == 1


def cluster_of(**options: bool) -> FixedSource:
    return FixedSource(FixedBoard(view(cluster="prod"), {WORKER: crash()}), **options)


def with_links() -> FixedSource:
    """A cluster whose values name a Grafana and no Kibana."""
    source = cluster_of()
    settings = {"grafana_url": "https://grafana.example.com/d/1"}
    source.target = msgspec.structs.replace(source.target, settings=settings)
    return source


class TestRestartingAndShells:
    async def test_r_on_a_pod_restarts_that_pod(self) -> None:
        source = cluster_of()
        async with using(StatusApp(source)) as user:
            await user.press("r")
            assert source.restarted == [WORKER]

    async def test_r_on_a_proc_restarts_all_of_it(self) -> None:
        source = cluster_of()
        async with using(StatusApp(source)) as user:
            await user.press("home", "r")
            assert source.restarted == ["web"]

    async def test_marked_pods_are_restarted_together(self) -> None:
        source = cluster_of()
        async with using(StatusApp(source)) as user:
            await user.press("home", "down", "space", "space", "r")
            assert source.restarted == ["dummy-web-7c9f8d6b5-x2kqp", "dummy-web-7c9f8d6b5-8d9zt"]

    async def test_space_on_a_proc_marks_all_its_pods_and_restarts_the_proc(self) -> None:
        source = cluster_of()
        async with using(StatusApp(source)) as user:
            await user.press("home", "space", "r")
            assert source.restarted == ["web"]
            await user.press("space", "down", "space", "r")
            assert source.restarted == ["web", "dummy-web-7c9f8d6b5-x2kqp"]

    async def test_all_is_marked_and_restarted_but_for_what_runs_by_a_schedule(self) -> None:
        source = cluster_of()
        async with using(StatusApp(source)) as user:
            await user.press("asterisk", "r")
            assert source.restarted == ["web", "worker"]

    async def test_escape_takes_the_marks_away(self) -> None:
        source = cluster_of()
        async with using(StatusApp(source)) as user:
            await user.press("asterisk", "escape", "home", "down", "r")
            assert source.restarted == ["dummy-web-7c9f8d6b5-x2kqp"]

    async def test_the_logs_of_marked_pods_are_one_stream(self) -> None:
        async with using(StatusApp(cluster_of())) as user:
            await user.press("home", "down", "space", "space", "l")
            await user.until("dummy-web-7c9f8d6b5-x2kqp, dummy-web-7c9f8d6b5-8d9zt")

    async def test_s_opens_a_shell_and_says_how_it_ended(self) -> None:
        async with using(StatusApp(cluster_of())) as user:
            await user.press("s")
            assert f"The shell in {WORKER} ended" in user.said


class TestLinks:
    async def test_w_opens_grafana_in_the_browser(self, monkeypatch: pytest.MonkeyPatch) -> None:
        opened: list[str] = []
        app = StatusApp(with_links())
        monkeypatch.setattr(app, "open_url", lambda url, new_tab=True: opened.append(url))
        monkeypatch.setenv("DISPLAY", ":0")
        for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"):
            monkeypatch.delenv(name, raising=False)
        async with using(app) as user:
            await user.press("w")
            await user.until("Kibana needs `kibana` in")
            await user.press("enter")
            assert opened == ["https://grafana.example.com/d/1?orgId=1&refresh=10s&var-label_app=dummy"]

    async def test_over_ssh_the_address_is_copied(self, monkeypatch: pytest.MonkeyPatch) -> None:
        app = StatusApp(with_links())
        monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 50000 10.0.0.2 22")
        async with using(app) as user:
            await user.press("w")
            await user.until("Grafana")
            await user.press("enter")
            assert app.clipboard.startswith("https://grafana.example.com/d/1?orgId=1")

    async def test_what_needs_a_setting_says_which(self) -> None:
        async with using(StatusApp(with_links())) as user:
            await user.press("w")
            await user.until("Grafana")
            await user.press("j", "enter")
            assert "Kibana needs `kibana` in" in user.said

    async def test_an_address_is_a_link_for_terminals_that_know_them(self) -> None:
        async with using(StatusApp(with_links()), size=(120, 40)) as user:
            pane = user.app.screen.query_one(UrlsPane)
            links = {
                part.style.link for y in range(pane.size.height) for part in pane.render_line(y) if part.style
            }
            assert "http://dummy.info/" in links
            assert linked("https://a.example/\x1b]0;title\x07") == linked("javascript:alert(1)") == ""


class TestDeleting:
    async def test_it_names_the_pod_and_waits_for_a_yes(self) -> None:
        source = cluster_of()
        async with using(StatusApp(source)) as user:
            await user.press("ctrl+d")
            assert "Delete this pod on prod?" in user.shown and f"delete pod {WORKER}" in user.shown
            await user.press("y")
            assert source.deleted == [WORKER] and f"Deleted {WORKER}" in user.said

    @pytest.mark.parametrize("key", ["n", "escape", "q", "enter"])
    async def test_anything_else_deletes_nothing(self, key: str) -> None:
        source = cluster_of()
        async with using(StatusApp(source)) as user:
            await user.press("ctrl+d", key)
            assert source.deleted == []

    async def test_marked_pods_go_together(self) -> None:
        source = cluster_of()
        async with using(StatusApp(source)) as user:
            await user.press("home", "down", "space", "space", "ctrl+d")
            assert "Delete 2 pods on prod?" in user.shown
            await user.press("y")
            assert source.deleted == ["dummy-web-7c9f8d6b5-x2kqp", "dummy-web-7c9f8d6b5-8d9zt"]

    async def test_a_proc_is_no_pod(self) -> None:
        source = cluster_of()
        async with using(StatusApp(source)) as user:
            await user.press("home", "ctrl+d")
            assert "needs a pod: select one first" in user.said and not isinstance(
                user.app.screen, ConfirmScreen
            )

    async def test_on_a_protected_cluster_the_apps_name_is_typed(self) -> None:
        source = cluster_of(protected=True)
        async with using(StatusApp(source)) as user:
            await user.press("ctrl+d", "y", "enter")
            assert source.deleted == [] and "That is not dummy: nothing was done" in user.said
            await user.press("backspace")
            await user.type("dummy")
            await user.press("enter")
            assert source.deleted == [WORKER]

    async def test_read_only_refuses_by_key_by_click_and_in_the_palette(self) -> None:
        source = cluster_of(read_only=True)
        async with using(StatusApp(source), size=(320, 40)) as user:
            await user.press("ctrl+d")
            assert "read-only: delete pod is off" in user.said
            await user.pilot.click(offset=(user.lines[-1].index("restart"), 39))
            assert "read-only: restart is off" in user.said and source.restarted == []
            await user.press("s")
            assert "read-only: shell is off" in user.said
            await user.press("ctrl+p")
            await user.type("delete")
            await user.until("read-only: delete pod is off")


class TestConnection:
    async def test_a_lost_connection_keeps_the_picture_and_says_since_when(self) -> None:
        board = FixedBoard(view(), {WORKER: crash()})
        async with using(StatusApp(FixedSource(board))) as user:
            assert "● live" in user.lines[0]
            lost = Link(live=False, stale_since=view().procs[0].pods[0].created, reason="connection refused")
            await board.draw(view(link=lost))
            await user.until("stale since 05:04:35")
            assert len(user.pods) == 4
            await board.draw(view())
            await user.until("● live")

    async def test_retry_is_one_key_away(self) -> None:
        source = FixedSource(None, link=Link(live=False, reason="127.0.0.1:6443 refuses the connection"))
        async with using(StatusApp(source)) as user:
            assert "No connection to staging." in user.shown
            assert "127.0.0.1:6443 refuses the connection" in user.shown
            await user.press("ctrl+r")
            assert source.retried == 1

    async def test_before_the_first_answer_it_says_what_it_waits_for(self) -> None:
        async with using(StatusApp(FixedSource(FixedBoard(empty())))) as user:
            assert "Connecting to staging" in user.shown

    async def test_an_app_that_is_not_there_says_what_was_looked_for(self) -> None:
        board = FixedBoard(replace(empty(link=Link(live=True)), synced=True))
        async with using(StatusApp(FixedSource(board))) as user:
            assert "Looked for the label app.kubernetes.io/name=dummy." in user.shown


class TestKeys:
    async def test_every_verb_is_in_the_help_and_found_by_a_word(self) -> None:
        async with using() as user:
            await user.press("question_mark")
            await user.type("yaml")
            assert "Show the object as YAML" in user.shown and "Describe the pod" not in user.shown
            await user.press("escape")
            assert isinstance(user.app.screen, StatusScreen)

    async def test_the_footer_is_clickable(self) -> None:
        async with using() as user:
            await user.pilot.click(offset=(user.lines[-1].index("describe"), 39))
            assert isinstance(user.app.screen, DetailScreen)

    async def test_the_palette_leads_with_what_the_screen_is_for(self) -> None:
        async with using() as user:
            await user.press("ctrl+p")
            await user.until("logs   l")
            assert user.shown.index("logs   l") < user.shown.index("describe   d")
            assert "One row up" not in user.shown

    async def test_q_quits(self) -> None:
        async with using() as user:
            await user.press("q")
            assert user.app.return_code == 0


async def test_nothing_is_repainted_while_nothing_changes() -> None:
    """Over slow SSH each byte counts: a second of a still picture writes nothing."""
    async with using(dummy_app(healthy=True)) as user:
        painted: list[object] = []
        display = user.app._display
        user.app._display = lambda screen, what: (painted.append(what), display(screen, what))[1]  # type: ignore[method-assign,assignment,func-returns-value]
        await user.pilot.pause(1.3)
        assert [what for what in painted if what is not None] == []


async def test_a_proc_that_recovers_turns_quiet() -> None:
    board = FixedBoard(view(), {WORKER: crash()})
    async with using(StatusApp(FixedSource(board))) as user:
        await board.draw(view(healthy=True), {})
        await user.until("nothing wrong with")
        assert "CrashLoopBackOff" not in user.shown
