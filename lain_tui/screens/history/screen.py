"""The History screen: the revisions, and at once what the one under the cursor changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from lain_tui.core.errors import LainError
from lain_tui.core.model.release import Revision
from lain_tui.core.model.text import counted
from lain_tui.screens.history.pane import Shown, View
from lain_tui.screens.history.verbs import VERBS
from lain_tui.screens.places import Context
from lain_tui.screens.releases import ClusterReleases, Releases
from lain_tui.screens.searching import SearchingScreen
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.canvas import Line, Page, rule
from lain_tui.widgets.choice_list import ChoiceList
from lain_tui.widgets.diff_view import DiffView
from lain_tui.widgets.revision_list import RevisionList, RevisionTitles
from lain_tui.widgets.title_bar import TitleBar
from lain_tui.widgets.words import Clock, wall_clock

BEAT = 5.0
"""Seconds between two looks at whether there is a new revision: one list of metadata."""
_GETS_READY = timedelta(minutes=15)
"""How long the newest revision is asked again whether it has become ready."""
_AHEAD = 20
"""Revisions below the cursor whose details are fetched before they are looked at."""


def history_screen(context: Context) -> HistoryScreen:
    """The screen for where one comes from."""
    return HistoryScreen(ClusterReleases(context.session, context.target))


class _PaneTitle(Page):
    """The rule between list and text, which says what the text is."""

    def __init__(self) -> None:
        super().__init__()
        self._title, self._state = "", ""

    def show(self, title: str, state: str = "") -> None:
        self._title, self._state = title, state
        self.redraw()

    def lines(self, width: int) -> list[Line]:
        state = [(f"  {self._state}", "accent")] if self._state else []
        return [rule([(self._title, "title"), *state], width)]


class HistoryScreen(SearchingScreen):
    """Needs the cluster, and no helm."""

    VERBS = VERBS
    BINDINGS: ClassVar[list[BindingType]] = []
    AUTO_FOCUS = "RevisionList"

    @dataclass
    class Listed(Message):
        """The revisions there are, from metadata."""

        revisions: list[Revision]
        error: LainError | None = None

    @dataclass
    class Detailed(Message):
        """More is known of one."""

        revision: Revision
        subject: str

    @dataclass
    class Loaded(Message):
        shown: Shown | None
        error: LainError | None = None

    def __init__(self, releases: Releases, *, clock: Clock = wall_clock) -> None:
        super().__init__()
        self._clock = clock
        self._releases = releases
        self._target = releases.target
        self._listed = False
        self._revisions: list[Revision] = []
        self._details: dict[tuple[int, str], Revision] = {}
        self._subjects: dict[str, str] = {}
        self._view = View.DIFF
        self._marked = 0
        self._beside = False
        self._shown: Shown | None = None
        self._error: LainError | None = None

    def compose_content(self) -> ComposeResult:
        target = self._target
        yield TitleBar(target.app, target.cluster, protected=target.protected, read_only=target.read_only)
        yield RevisionTitles()
        yield RevisionList(clock=self._clock)
        yield _PaneTitle()
        yield DiffView()

    def on_mount(self) -> None:
        super().on_mount()
        self._show()
        self._list()
        self.set_interval(BEAT, self._list)

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self._fit()

    def _fit(self) -> None:
        rows = max(1, len(self._revisions))
        self.query_one(RevisionList).styles.height = min(rows, max(4, self.size.height // 3))

    # Reading

    @work(group="history-list", exclusive=True, exit_on_error=False)
    async def _list(self) -> None:
        try:
            self.post_message(self.Listed(await self._releases.revisions()))
        except LainError as error:
            self.post_message(self.Listed([], error))

    @on(Listed)
    def _was_listed(self, message: Listed) -> None:
        first = not self._revisions
        self._error, self._listed = message.error, True
        if message.error is None and message.revisions != self._revisions:
            self._revisions = message.revisions
            self._fit()
            self._fetch_details()
            self._load()
        elif self._may_get_ready():
            self._fetch_details(newest_again=True)
        self._show()
        if first:
            self.show_keys()

    def _may_get_ready(self) -> bool:
        """The newest is young, and how long it took not known yet: it may be on its way."""
        if not self._revisions:
            return False
        newest = self._revisions[0]
        known = self._details.get(_key(newest))
        if known is None or known.ready_after is not None or known.status != "deployed":
            return False
        return newest.updated is not None and self._clock() - newest.updated < _GETS_READY

    @work(group="history-details", exclusive=True, exit_on_error=False)
    async def _fetch_details(self, *, newest_again: bool = False) -> None:
        """What is on screen and a little more; the rest when the cursor comes near."""
        current = self.query_one(RevisionList).revision
        place = self._revisions.index(current) if current in self._revisions else 0
        wanted = [one for one in self._revisions[: place + _AHEAD] if _key(one) not in self._details]
        if newest_again and self._revisions[0] not in wanted:
            wanted.insert(0, self._revisions[0])
        async for one, subject in self._releases.details(wanted):
            self.post_message(self.Detailed(one, subject))

    @on(Detailed)
    def _was_detailed(self, message: Detailed) -> None:
        one = message.revision
        known = next((listed for listed in self._revisions if listed.revision == one.revision), None)
        if known is not None:
            self._details[_key(known)] = one
            self._subjects[one.image_tag] = message.subject
            self._show()

    @work(group="history-pane", exclusive=True, exit_on_error=False)
    async def _load(self) -> None:
        revision = self.query_one(RevisionList).revision or next(iter(self._revisions), None)
        if revision is None:
            return
        other = self._other(revision)
        try:
            shown = await self._releases.load(self._view, revision, other)
        except LainError as error:
            self.post_message(self.Loaded(None, error))
        else:
            self.post_message(self.Loaded(shown))

    def _other(self, revision: Revision) -> Revision | None:
        """What it is compared with: the marked one, else the one before."""
        if self._marked and self._marked != revision.revision:
            return next((one for one in self._revisions if one.revision == self._marked), None)
        return next((one for one in self._revisions if one.revision < revision.revision), None)

    @on(Loaded)
    def _was_loaded(self, message: Loaded) -> None:
        self._shown = message.shown
        view = self.query_one(DiffView)
        if message.error is not None:
            self.query_one(_PaneTitle).show("cannot be shown")
            view.show_text([[(f" {message.error}", "broken")]])
            return
        self._show_pane()

    def _show_pane(self) -> None:
        shown, view = self._shown, self.query_one(DiffView)
        if shown is None:
            return
        self.query_one(_PaneTitle).show(shown.title)
        if shown.diff is None:
            view.show_text(shown.text)
        else:
            view.show_diff(shown.diff, shown.words, side_by_side=self._beside)

    def show_found(self, words: str) -> None:
        self.query_one(_PaneTitle).show(self._shown.title if self._shown is not None else "", words)

    # Showing

    def _show(self) -> None:
        rows = [self._details.get(_key(one), one) for one in self._revisions]
        notice: list[Line] = [[], [("   Looking at the releases …", "quiet")]]
        if self._error is not None:
            notice = [[], [(f"   {self._error}", "broken")]]
        elif self._listed and not rows:
            notice = [[], [(f"   {self._target.app} was not deployed with helm here.", "quiet")]]
        self.query_one(RevisionList).show_revisions(rows, self._subjects, marked=self._marked, notice=notice)
        middle = [(counted(len(rows), "revision"), "quiet")] if rows else []
        state = [("the list is old: " + self._error.what, "risk")] if self._error is not None and rows else []
        self.query_one(TitleBar).show(middle, state)

    @on(ChoiceList.Highlighted)
    def _moved(self) -> None:
        self._fetch_details()
        self._load()
        self.show_keys()

    @on(ChoiceList.Chosen)
    def _chosen(self) -> None:
        self.query_one(DiffView).focus()

    def refusal(self, verb: Verb) -> str:
        if verb.changes and self._target.read_only:
            return "read-only: nothing is changed here"
        needs = verb.id not in ("screen.help", "history.back")
        return "there is no revision" if needs and not self._revisions else ""

    # What can be done

    def _look(self, view: View) -> None:
        self._view = view
        self._load()

    def verb_diff(self) -> None:
        self._look(View.DIFF)

    def verb_live(self) -> None:
        self._look(View.LIVE)

    def verb_values(self) -> None:
        self._look(View.VALUES)

    def verb_manifest(self) -> None:
        self._look(View.MANIFEST)

    def verb_notes(self) -> None:
        self._look(View.NOTES)

    def verb_mark(self) -> None:
        revision = self.query_one(RevisionList).revision
        assert revision is not None, "refusal() has seen to it"
        self._marked = 0 if self._marked == revision.revision else revision.revision
        self._show()
        self._look(View.DIFF)

    def verb_beside(self) -> None:
        self._beside = not self._beside
        self._show_pane()

    def verb_read(self) -> None:
        pane, rows = self.query_one(DiffView), self.query_one(RevisionList)
        (rows if pane.has_focus else pane).focus()

    def verb_rollback(self) -> None:
        from lain_tui.screens.deploy.rollout import RolloutScreen

        revision = self.query_one(RevisionList).revision
        assert revision is not None, "refusal() has seen to it"
        number, newest = revision.revision, self._revisions[0]
        self.app.push_screen(
            RolloutScreen(
                self._releases,
                f"roll back to revision {number}",
                lambda: self._releases.rollback(number),
                back_to=newest.revision if newest.status == "deployed" else 0,
            )
        )

    def verb_back(self) -> None:
        if self.end_search():
            return
        if self.query_one(DiffView).has_focus:
            self.query_one(RevisionList).focus()
        else:
            self.dismiss()


def _key(revision: Revision) -> tuple[int, str]:
    return revision.revision, revision.secret_version
