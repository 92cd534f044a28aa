"""The Clusters screen: the app on every cluster, and the way over to another one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from lain_tui.core.fleet.skew import skews
from lain_tui.core.model.fleet import ProcStanding, Standing
from lain_tui.core.model.status import Link, Severity
from lain_tui.screens.base import COMMON, LainScreen
from lain_tui.screens.places import Context
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.canvas import Line, Span, fit
from lain_tui.widgets.choice_list import ChoiceList
from lain_tui.widgets.diff_view import diff_line
from lain_tui.widgets.fact_pane import Fact, FactPane
from lain_tui.widgets.header import Header
from lain_tui.widgets.notices import sentence
from lain_tui.widgets.pod_columns import short_tag
from lain_tui.widgets.words import Clock, age, wall_clock
from lain_tui.widgets.wrap import wrap

if TYPE_CHECKING:
    from lain_tui.core.fleet.targets import Unresolved
    from lain_tui.core.target import Target

BEAT = 30.0
"""Seconds after which every cluster is asked again."""
_TONES = {Severity.BROKEN: "broken", Severity.RISK: "risk", Severity.PROGRESS: "progress"}


class Switching(Protocol):
    """The app, as far as this screen needs it."""

    def switch_to(self, target: Target) -> None:
        """Close everything here and open the target."""


class FleetScreen(LainScreen[None]):
    """Enter opens the app on the cluster under the cursor; lain's own link is never moved."""

    VERBS = (
        Verb("fleet.open", "enter", "open", "Look at the app on that cluster instead", worth=80),
        Verb("fleet.values", "v", "values", "What differs in the values deployed there from those deployed here", worth=70),
        Verb("fleet.reload", "ctrl+r", "look again", "Ask every cluster again", worth=60),
        *COMMON,
        Verb("fleet.back", "escape", "back", "Back to where you were", worth=45),
    )  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = []
    AUTO_FOCUS = "ChoiceList"

    @dataclass
    class Known(Message):
        """The clusters there are."""

        targets: list[Target | Unresolved]

    @dataclass
    class Answered(Message):
        """A cluster has answered, or cannot."""

        standing: Standing

    def __init__(self, origin: Context, *, clock: Clock = wall_clock) -> None:
        super().__init__()
        self._origin = origin
        self._clock = clock
        self._targets: dict[str, Target | Unresolved] = {}
        self._standings: dict[str, Standing] = {}

    def compose_content(self) -> ComposeResult:
        target = self._origin.target
        yield Header(
            target.app, "", "all clusters", protected=False, read_only=target.read_only, clock=self._clock
        )
        yield ChoiceList(enters=False)
        yield FactPane()

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Header).show_link(Link(live=True))
        self._show()
        self.verb_reload()

    @work(group="fleet", exclusive=True, exit_on_error=False)
    async def verb_reload(self) -> None:
        # Both bring libraries that take as long to load as the screen: not on the loop.
        fleet, survey = await asyncio.to_thread(_load)
        target = self._origin.target
        while True:
            targets = await asyncio.to_thread(fleet, target, settings=self._origin.settings)
            self.post_message(self.Known(targets))
            async for standing in survey(targets, target):
                self.post_message(self.Answered(standing))
            await asyncio.sleep(BEAT)
            await self.in_sight()

    @on(Known)
    def _known(self, message: Known) -> None:
        first = not self._targets
        self._targets = {one.cluster: one for one in message.targets}
        # Asked again, the last answers stay until there are new ones.
        self._standings = {name: one for name, one in self._standings.items() if name in self._targets}
        self._show()
        if first:
            self.query_one(ChoiceList).move_to(self._origin.target.cluster)

    @on(Answered)
    def _answered(self, message: Answered) -> None:
        self._standings[message.standing.cluster] = message.standing
        self._show()
        self.show_keys()

    # Showing

    def _show(self) -> None:
        width, now = self.size.width or 80, self._clock()
        names = min(24, max((len(name) for name in self._targets), default=0))
        newest = max((one.image_tag for one in self._standings.values()), default="")
        lines: list[tuple[str, Line]] = []
        for name in self._targets:
            standing = self._standings.get(name)
            mark: Span = ("●", "accent") if name == self._origin.target.cluster else (" ", "")
            line: list[Span] = [(" ", ""), mark, (" ", ""), *fit([(name, "strong")], names), ("  ", "")]
            if standing is None:
                line.append(("asking …", "quiet"))
            else:
                behind = bool(standing.image_tag) and standing.image_tag != newest
                revision = f"rev {standing.revision}" if standing.revision else ""
                line += [
                    *fit([(revision, "quiet")], 8), ("  ", ""),
                    *fit([(short_tag(standing.image_tag), "risk" if behind else "")], 12), ("  ", ""),
                    *fit([(age(standing.updated, now), "quiet")], 5, right=True), ("  ", ""),
                    (standing.summary, _TONES.get(standing.severity, "quiet")),
                ]  # fmt: skip
            lines.append((name, line))
        self.query_one(ChoiceList).show(lines, [[], *sentence("Looking for clusters …", "quiet", width)])
        self._show_facts()

    def _show_facts(self) -> None:
        standing = self._standings.get(self.query_one(ChoiceList).key)
        skew = skews(self._standings.values()).get(standing.cluster, "") if standing is not None else ""
        self.query_one(FactPane).show(
            _facts(standing, skew, self.size.width or 80) if standing is not None else []
        )

    @on(ChoiceList.Highlighted)
    def _highlighted(self) -> None:
        self._show_facts()
        self.show_keys()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self._show()

    # Going over

    def refusal(self, verb: Verb) -> str:
        if verb.id in ("fleet.open", "fleet.values"):
            chosen = self._targets.get(self.query_one(ChoiceList).key)
            if chosen is None:
                return "there is no cluster to open"
            if verb.id == "fleet.values" and chosen.cluster == self._origin.target.cluster:
                return "these are the values here: select another cluster"
            if not hasattr(chosen, "kubeconfig"):
                return f"{chosen.cluster} cannot be opened: {chosen.reason}"
        return ""

    @on(ChoiceList.Chosen)
    async def _chosen(self) -> None:
        await self.action_do("fleet.open")

    def verb_open(self) -> None:
        chosen = self._targets[self.query_one(ChoiceList).key]
        if chosen.cluster == self._origin.target.cluster:
            self.dismiss()
        else:
            cast("Switching", self.app).switch_to(cast("Target", chosen))

    def verb_values(self) -> None:
        from lain_tui.screens.detail import DetailScreen

        here, there = self._origin.target, cast("Target", self._targets[self.query_one(ChoiceList).key])

        async def load() -> list[Line]:
            from lain_tui.core.fleet.values import differing_values

            found = await differing_values(here, there)
            return [diff_line(line) for line in found] or [
                [(f"No value differs on {there.cluster}.", "quiet")]
            ]

        self.app.push_screen(DetailScreen("values", f"{here.app}: {here.cluster} → {there.cluster}", load))


def _facts(standing: Standing, skew: str, width: int) -> list[Fact]:
    facts: list[Fact] = [("cluster", [(standing.cluster, "strong"), *_words(standing)])]
    if skew:
        facts.append(("version", [(skew, "risk")]))
    if standing.image_tag:
        facts.append(("image", [(standing.image_tag, "")]))
    if standing.user:
        facts.append(("by", [(standing.user, "")]))
    for number, proc in enumerate(standing.procs):
        facts.append(("procs" if number == 0 else "", _proc(proc)))
    facts += [("", [(part, "risk")]) for part in wrap(standing.error, width - 12)]
    return facts


def _words(standing: Standing) -> list[Span]:
    version = f"  Kubernetes {standing.version}" if standing.version else ""
    namespace = f"  namespace {standing.namespace}" if standing.namespace else ""
    kept = [
        word
        for word, holds in (("protected", standing.protected), ("read-only", standing.read_only))
        if holds
    ]
    return [(f"{namespace}{version}", "quiet"), (f"  {', '.join(kept)}" if kept else "", "risk")]


def _proc(proc: ProcStanding) -> list[Span]:
    return [(f"{proc.name}  ", "strong"), (proc.summary, _TONES.get(proc.severity, "")),
            (f"  {short_tag(proc.image_tag)}", "quiet")]  # fmt: skip


def _load() -> tuple[Callable[..., list[Any]], Callable[..., Any]]:
    from lain_tui.core.fleet.survey import survey
    from lain_tui.core.fleet.targets import fleet

    return fleet, survey


def fleet_screen(origin: Context) -> FleetScreen:
    """The screen behind `go.clusters`."""
    return FleetScreen(origin)
