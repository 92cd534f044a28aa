"""What the draft changes, by key and without a value, who will see it; then Apply, or Apply and restart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType

from lain_tui.screens.base import COMMON, LainScreen
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.plan_pane import PlanPane
from lain_tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from lain_tui.core.model.plan import Plan
    from lain_tui.core.target import Target

Choice = Literal["", "apply", "restart"]


class ReviewScreen(LainScreen[Choice]):
    """Gives what was chosen; empty for nothing."""

    VERBS = (
        Verb("review.apply", "enter,ctrl+s", "apply", "Apply: running pods keep the old values until they restart",
             worth=95, changes=True),
        Verb("review.restart", "r", "apply and restart", "Apply, then restart those who read it, one pod after the other",
             worth=94, changes=True),
        Verb("review.back", "escape", "back to the draft", "Change nothing; the draft stays", worth=90),
        *COMMON,
    )  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = []
    AUTO_FOCUS = "PlanPane"

    def __init__(self, target: Target, plan: Plan, procs: Sequence[str]) -> None:
        """`procs` are those that would be restarted."""
        super().__init__()
        self._target, self._plan, self._procs = target, plan, procs

    def compose_content(self) -> ComposeResult:
        target = self._target
        yield TitleBar(target.app, target.cluster, protected=target.protected, read_only=target.read_only)
        yield PlanPane()

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(TitleBar).show([(f"apply {self._plan.subject}", "")])
        self.query_one(PlanPane).show(self._plan)

    def refusal(self, verb: Verb) -> str:
        if verb.changes and self._target.read_only:
            return f"read-only: {verb.label} is off"
        check = self._plan.refusal
        if verb.changes and check is not None:
            return f"{check.what}: {check.detail}. {check.hint}".rstrip(". ")
        if verb.id == "review.restart" and not self._procs:
            return "no proc has to be restarted to see it"
        return ""

    def verb_apply(self) -> None:
        self._choose("apply")

    def verb_restart(self) -> None:
        self._choose("restart")

    def verb_back(self) -> Any:
        self.dismiss("")

    @work(group="review", exclusive=True, exit_on_error=False)
    async def _choose(self, choice: Choice) -> None:
        if self._plan.typed:
            from lain_tui.screens.confirm import ConfirmScreen

            question = ConfirmScreen(
                f"Change {self._target.app or self._target.namespace} on {self._target.cluster}?",
                self._plan.calls[:12],
                answer=self._plan.typed,
            )
            if not await self.app.push_screen_wait(question):
                return
        self.dismiss(choice)
