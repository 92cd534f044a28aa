"""The Cluster screen: every node, and what needs somebody in any namespace, by cause."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import msgspec
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from lain_tui.core.errors import LainError
from lain_tui.core.model.overview import NodeRow, Overview, Problem
from lain_tui.core.model.status import Link
from lain_tui.core.model.text import counted
from lain_tui.screens.base import COMMON, LainScreen
from lain_tui.screens.overview.opening import description_of, removal_of, status_of
from lain_tui.screens.places import Context
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.canvas import Line
from lain_tui.widgets.choice_list import ChoiceList
from lain_tui.widgets.filter_bar import FilterBar
from lain_tui.widgets.header import Header
from lain_tui.widgets.notices import GapNotice, sentence
from lain_tui.widgets.overview_list import is_shut, node_detail, node_key, overview_lines, topic_key
from lain_tui.widgets.overview_pane import OverviewPane
from lain_tui.widgets.words import Clock, wall_clock

FRAME = 0.2
"""Seconds between two pictures at least."""
_AGAIN = 5.0


class OverviewScreen(LainScreen[None]):
    """Enter opens what a line is about: the app's Status, or the object described."""

    VERBS = (
        Verb("overview.open", "enter", "open", "Open what the line is about; a topic folds and unfolds", worth=65),
        Verb("overview.describe", "d", "describe", "Describe the object that the line is about", worth=60),
        Verb("overview.mark", "space", "mark", "Mark the bad pods or the unused ingress, to delete several", worth=25),
        Verb("overview.delete", "ctrl+d", "delete", "Delete the pods or ingresses of the problem, or of all marked ones",
             worth=30, changes=True),
        Verb("overview.filter", "slash", "filter", "Show only what has some words in it: a namespace, a node, a cause", worth=55),
        Verb("overview.urls", "u", "check URLs", "Ask every URL of the cluster again, now", worth=20),
        Verb("overview.retry", "ctrl+r", "retry", "Connect again now, without waiting", worth=10),
        *COMMON,
        Verb("overview.back", "escape", "back", "Take the filter away, or go back to where you were", worth=45),
    )  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = []
    AUTO_FOCUS = "ChoiceList"

    @dataclass
    class Pictured(Message):
        """A new picture."""

        view: Overview

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, OverviewScreen.Pictured)

    @dataclass
    class Failed(Message):
        """The picture cannot be had."""

        error: Exception

    def __init__(self, context: Context, *, clock: Clock = wall_clock) -> None:
        super().__init__()
        self._origin = context
        self._clock = clock
        self._view = Overview(cluster=context.target.cluster)
        self._folded: frozenset[str] = frozenset()
        self._opened: frozenset[str] = frozenset()
        self._marked: frozenset[str] = frozenset()
        self._sought = ""
        self._retry_urls: Callable[[], None] | None = None

    @property
    def picture(self) -> Overview:
        """What is shown just now."""
        return self._view

    def compose_content(self) -> ComposeResult:
        target = self._origin.target
        yield Header(
            "all namespaces", target.cluster, "", protected=target.protected, read_only=target.read_only,
            clock=self._clock,
        )  # fmt: skip
        yield ChoiceList(enters=False)
        yield GapNotice()
        yield OverviewPane()

    def on_mount(self) -> None:
        super().on_mount()
        self._show()
        self._follow()

    @work(group="overview", exclusive=True, exit_on_error=False)
    async def _follow(self) -> None:
        while True:
            try:
                kube, store = await self._origin.session.opened()
                from lain_tui.core.overview.board import OverviewBoard

                async with OverviewBoard(kube, store, self._origin.target) as board:
                    self._retry_urls = board.retry_now
                    seen = board.version
                    while True:
                        self.post_message(self.Pictured(board.view()))
                        await asyncio.sleep(FRAME)
                        await self.in_sight()
                        seen = await board.changed(seen)
            except (LainError, OSError) as error:
                self.post_message(self.Failed(error))
                await asyncio.sleep(_AGAIN)

    @on(Pictured)
    def _pictured(self, message: Pictured) -> None:
        turned = message.view.link.live != self._view.link.live
        self._view = message.view
        self._show()
        if turned:
            self.show_keys()

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        self._view = msgspec.structs.replace(self._view, link=Link(live=False, reason=str(message.error)))
        self._show()
        self.show_keys()

    # Showing

    def _show(self) -> None:
        view, now = self._view, self._clock()
        self._marked &= {problem.key for problem in view.problems}
        header = self.query_one(Header)
        header.show_link(view.link, known=view.synced)
        scope = f"only namespace {view.namespace}" if view.namespace else "all namespaces"
        header.rename(f"{scope}  /{self._sought}" if self._sought else scope)
        self.query_one(GapNotice).show(view.gaps)
        width = self.size.width or 80
        lines = (
            overview_lines(
                view,
                width,
                now,
                folded=self._folded,
                opened=self._opened,
                marked=self._marked,
                sought=self._sought,
            )
            if view.synced
            else []
        )
        self.query_one(ChoiceList).show(lines, self._notice(width))
        self._show_detail()

    def _notice(self, width: int) -> list[Line]:
        view = self._view
        if view.link.reason:
            return [[], *sentence(view.link.reason, "", width)]
        if not view.synced:
            words = f"Looking at all of {view.cluster} …"
        elif view.blind:
            words = f"There is nothing to show: {view.blind}."
        elif self._sought:
            words = f"Nothing that needs you has {self._sought} in it."
        else:
            words = "Nothing needs you."
        return [[], *sentence(words, "" if view.blind else "quiet", width)]

    def _show_detail(self) -> None:
        pane, under, view = self.query_one(OverviewPane), self._under(), self._view
        if isinstance(under, Problem):
            pane.show(under.where, under.title, under.lines)
        elif isinstance(under, NodeRow):
            pane.show(under.name, under.state, node_detail(under))
        elif not view.synced or view.blind:
            pane.show("", "", ())
        else:
            version = f", Kubernetes {view.version}" if view.version else ""
            where = f"namespace {view.namespace}" if view.namespace else counted(view.namespaces, "namespace")
            pane.show("", "", (f"{counted(view.pods, 'pod')} in {where}{version}",))

    def _under(self) -> Problem | NodeRow | None:
        key = self.query_one(ChoiceList).key
        for problem in self._view.problems:
            if problem.key == key:
                return problem
        return next((row for row in self._view.nodes if node_key(row.name) == key), None)

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self._show()

    @on(ChoiceList.Highlighted)
    def _highlighted(self) -> None:
        self._show_detail()
        self.show_keys()

    # Filtering

    async def verb_filter(self) -> None:
        if not self.query(FilterBar):
            bar = FilterBar(self._sought, hint="words of a namespace, a node, a cause")
            await self.mount(bar, after=self.query_one(ChoiceList))

    @on(FilterBar.Changed)
    def _filter(self, message: FilterBar.Changed) -> None:
        self._seek(message.text)

    @on(FilterBar.Closed)
    async def _filtered(self, message: FilterBar.Closed) -> None:
        await self.query(FilterBar).remove()
        self.query_one(ChoiceList).focus()
        self._seek(message.text)

    def _seek(self, text: str) -> None:
        self._sought = " ".join(text.split())
        self._show()
        self.show_keys()

    def verb_back(self) -> None:
        if self._sought:
            self._seek("")
        else:
            self.dismiss()

    # Opening

    @on(ChoiceList.Chosen)
    async def _chosen(self) -> None:
        await self.action_do("overview.open")

    async def verb_open(self) -> None:
        under = self._under()
        if under is None:
            self._fold(self.query_one(ChoiceList).key.partition("/")[2])
        elif isinstance(under, Problem) and under.app:
            self.app.push_screen(status_of(self._origin, under.namespace, under.app))
        elif isinstance(under, Problem) and not under.name and under.struck:
            self._choose(under)
        else:
            await self.action_do("overview.describe")

    @work(group="overview-choose", exclusive=True, exit_on_error=False)
    async def _choose(self, problem: Problem) -> None:
        """Describe one of several objects."""
        from lain_tui.screens.choose import ChooseScreen

        name = await self.app.push_screen_wait(ChooseScreen(problem.title, problem.struck))
        if name:
            self.app.push_screen(description_of(self._origin, problem.kind, name, problem.namespace))

    def _fold(self, topic: str) -> None:
        if is_shut(topic, folded=self._folded, opened=self._opened):
            self._folded, self._opened = self._folded - {topic}, self._opened | {topic}
        else:
            self._folded, self._opened = self._folded | {topic}, self._opened - {topic}
        self._show()
        self.query_one(ChoiceList).move_to(topic_key(topic))

    def _chosen_problems(self) -> list[Problem]:
        """The marked ones, or else the one under the cursor."""
        if self._marked:
            return [problem for problem in self._view.problems if problem.key in self._marked]
        under = self._under()
        return [under] if isinstance(under, Problem) else []

    def worth(self, verb: Verb) -> int:
        # While the cluster is away, to ask it again is the one thing to do.
        return 90 if verb.id == "overview.retry" and not self._view.link.live else verb.worth

    def refusal(self, verb: Verb) -> str:
        if verb.changes and self._origin.target.read_only:
            return f"read-only: {verb.label} is off"
        if verb.id == "overview.open" and not self.query_one(ChoiceList).key:
            return "there is nothing to open"
        if verb.id == "overview.mark":
            under = self._under()
            if not isinstance(under, Problem) or not _is_removable(under):
                return "mark is for bad pods and unused ingresses: select one first"
        if verb.id == "overview.delete" and not any(_is_removable(one) for one in self._chosen_problems()):
            return "delete needs bad pods or an unused ingress: select or mark some first"
        if verb.id == "overview.describe":
            under = self._under()
            if under is None or (isinstance(under, Problem) and not under.name):
                return "describe needs a node or a problem: select one first"
            if isinstance(under, Problem) and under.kind not in _describable():
                return f"a {under.kind} is not described here"
        return ""

    def verb_describe(self) -> None:
        under = self._under()
        assert under is not None, "refusal() lets nothing through without a line"
        kind = "Node" if isinstance(under, NodeRow) else under.kind
        namespace = "" if isinstance(under, NodeRow) else under.namespace
        self.app.push_screen(description_of(self._origin, kind, under.name, namespace))

    def verb_mark(self) -> None:
        under, lines = self._under(), self.query_one(ChoiceList)
        assert isinstance(under, Problem), "refusal() lets nothing else through"
        self._marked ^= {under.key}
        self._show()
        lines.action_move(1)

    def verb_delete(self) -> None:
        problems, self._marked = self._chosen_problems(), frozenset()
        self.app.push_screen(removal_of(self._origin, problems))

    def verb_urls(self) -> None:
        if self._retry_urls is not None:
            self._retry_urls()
            self.say("Asking every URL again")

    def verb_retry(self) -> None:
        self._origin.session.retry_now()


def _is_removable(problem: Problem) -> bool:
    from lain_tui.core.operations.removal import REMOVABLE

    return problem.kind in REMOVABLE and bool(problem.struck)


def _describable() -> frozenset[str]:
    from lain_tui.core.kube.resources import WATCHED

    return frozenset(kind.name for kind in WATCHED)


def overview(context: Context) -> OverviewScreen:
    """The screen behind `go.cluster`."""
    return OverviewScreen(context)
