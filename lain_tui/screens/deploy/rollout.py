"""A change that rolls out: its plan and diff first, then the procs as they go, and why one does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from lain_tui.core.diff.report import changes_in_words
from lain_tui.core.model.diff import ReleaseDiff
from lain_tui.core.model.finding import Finding
from lain_tui.core.model.plan import StepState
from lain_tui.core.model.status import Severity, StatusView
from lain_tui.core.operations.operation import Operation
from lain_tui.screens.operation import Head, OperationScreen, Prepare
from lain_tui.screens.operations import Running
from lain_tui.screens.releases import Releases
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.diff_view import DiffView
from lain_tui.widgets.in_turn import TypedLine
from lain_tui.widgets.plan_pane import PlanPane
from lain_tui.widgets.rollout_pane import RolloutPane
from lain_tui.widgets.why_pane import WhyPane
from lain_tui.widgets.words import Clock, wall_clock

_HELM = ("helm upgrade", "helm rollback")


class RolloutScreen(OperationScreen):
    """`b` rolls a deploy back: at once, but on a protected cluster, where the name is asked for."""

    VERBS = (
        *OperationScreen.VERBS[:1],
        Verb(
            "rollout.rollback", "b", "roll back now", "Go back to the revision before", worth=88, changes=True
        ),
        Verb("rollout.beside", "s", "side by side", "The diff in two columns, or in one", worth=20),
        *OperationScreen.VERBS[1:],
    )
    BINDINGS: ClassVar[list[BindingType]] = []
    DEFAULT_CSS = """
    RolloutScreen {
        PlanPane { height: auto; max-height: 50%; }
        RolloutPane { display: none; }
        WhyPane { display: none; height: auto; max-height: 40%; }
        &.-runs DiffView { display: none; }
        &.-runs RolloutPane { display: block; }
        &.-runs.-why WhyPane { display: block; }
    }
    """

    @dataclass
    class Pictured(Message):
        """The app as it is now."""

        view: StatusView
        finding: Finding | None

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, RolloutScreen.Pictured)

    def __init__(
        self,
        releases: Releases,
        title: str,
        prepare: Prepare | None = None,
        running: Running | None = None,
        *,
        back_to: int = 0,
        at_once: bool = False,
        clock: Clock = wall_clock,
    ) -> None:
        """`back_to` is the revision that `b` goes back to (0: none); `at_once` begins when the plan allows it."""
        super().__init__(releases.operations, title, prepare, running)
        self._releases = releases
        self._clock = clock
        self._back_to = back_to
        self._at_once = at_once
        self._beside = False

    def compose_content(self) -> ComposeResult:
        yield Head(self._title)
        yield PlanPane()
        yield DiffView()
        yield RolloutPane()
        yield WhyPane(clock=self._clock)
        yield TypedLine(id="typed", compact=True, select_on_focus=False)

    def was_planned(self, operation: Operation) -> None:
        self._show_diff()
        plan = operation.plan
        if self._at_once and plan.refusal is None and not plan.typed:
            self._begin()

    def _show_diff(self) -> None:
        diff = getattr(self._operation, "diff", None)
        if isinstance(diff, ReleaseDiff):
            words = [(changes_in_words(diff), "")]  # the plan says what restarts
            self.query_one(DiffView).show_diff(diff, words, side_by_side=self._beside)

    def verb_beside(self) -> None:
        self._beside = not self._beside
        self._show_diff()

    def verb_again(self) -> None:
        self.workers.cancel_group(self, "rollout-board")
        self.remove_class("-runs", "-why")
        self._at_once = False
        super().verb_again()

    # The rollout

    def _follow(self, running: Running) -> None:  # type: ignore[override]
        self.add_class("-runs")
        super()._follow(running)
        self._watch()

    @work(group="rollout-board", exclusive=True, exit_on_error=False)
    async def _watch(self) -> None:
        async with self._releases.board() as board:
            seen = board.version
            while True:
                view = board.view()
                # What is wrong with an old pod is what the rollout takes away.
                new = [pod for pod in view.pods if not pod.outdated and pod.severity is Severity.BROKEN]
                finding = board.finding(new[0].uid) if new else None
                self.post_message(self.Pictured(view, finding))
                seen = await board.changed(seen)

    @on(Pictured)
    def _pictured(self, message: Pictured) -> None:
        self.query_one(RolloutPane).show(message.view.procs)
        running = self._under_way
        healed = running is not None and running.succeeded
        self.set_class(message.finding is not None and not healed, "-why")
        self.query_one(WhyPane).show(message.finding)

    # Back

    def refusal(self, verb: Verb) -> str:
        if verb.id != "rollout.rollback":
            return super().refusal(verb)
        running = self._under_way
        if not self._back_to:
            return "there is nothing to go back to"
        if running is None:
            return "nothing was deployed yet"
        if not any(step.what in _HELM and step.state is not StepState.BEGUN for step in running.steps):
            return "helm is at work: in a moment"
        return ""

    def verb_rollback(self) -> None:
        running, number, releases = self._under_way, self._back_to, self._releases
        if running is not None:
            running.cancel()  # helm is done: what is stopped is the wait
        title = f"roll back to revision {number}"
        self.app.switch_screen(
            RolloutScreen(releases, title, lambda: releases.rollback(number), at_once=True)
        )
