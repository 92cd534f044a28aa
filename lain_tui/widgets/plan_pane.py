"""A change before and while it is made: its calls and checks, then its steps, each on one line."""

from __future__ import annotations

from collections.abc import Sequence

from lain_tui.core.model.plan import Outcome, Plan, Step, StepState
from lain_tui.widgets.canvas import Line, Page, Span
from lain_tui.widgets.check_list import MARKS
from lain_tui.widgets.wrap import wrap

_STEPS: dict[StepState, tuple[str, str]] = {
    StepState.BEGUN: ("◌", "progress"),
    StepState.TOLD: ("◌", "progress"),
    StepState.MOVING: ("◌", "progress"),
    StepState.DONE: ("✓", "ok"),
    StepState.FAILED: ("✗", "broken"),
}


class PlanPane(Page):
    """Shows a plan; once there are steps, the steps."""

    DEFAULT_CSS = "PlanPane { height: 1fr; overflow-y: auto; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._plan: Plan | None = None
        self._steps: Sequence[Step] = ()
        self._end: tuple[str, str] | None = None

    def show(self, plan: Plan | None, steps: Sequence[Step] = (), end: tuple[str, str] | None = None) -> None:
        """Show these; `end` is the last word and its tone."""
        follow = self.max_scroll_y <= self.scroll_offset.y
        self._plan, self._steps, self._end = plan, tuple(steps), end
        self.redraw()
        if follow and steps:
            self.scroll_end(animate=False)

    def lines(self, width: int) -> list[Line]:
        plan = self._plan
        if plan is None and self._end is None:
            return [[], [("  Looking at what is there …", "quiet")]]
        lines: list[Line] = [[]]
        if plan is not None and not self._steps and self._end is None:
            lines += [
                self._check(check.outcome, check.what, check.detail, check.hint) for check in plan.checks
            ]
            lines += [[]] if plan.checks else []
            lines += [[("   ", ""), (part, "")] for call in plan.calls for part in wrap(call, width - 4)]
            lines += [[]] if plan.calls else []
            lines += [[(" ", ""), (part, "quiet")] for note in plan.notes for part in wrap(note, width - 2)]
            return lines
        lines += self._step_lines(width)
        if self._end is not None:
            text, tone = self._end
            lines += [[], *([(" ", ""), (part, tone)] for part in wrap(text, width - 2))]
        return lines

    @staticmethod
    def _check(outcome: Outcome, what: str, detail: str, hint: str) -> Line:
        mark, tone = MARKS[outcome]
        line: list[Span] = [(" ", ""), (mark, tone), (f" {what}", "")]
        if detail:
            line.append((f"  {detail}", "quiet"))
        if hint and outcome in (Outcome.WARNED, Outcome.FAILED):
            line.append((f"  {hint}", "quiet"))
        return line

    def _step_lines(self, width: int) -> list[Line]:
        """One line a step in the order they began, with its last word."""
        last: dict[str, Step] = {}
        for step in self._steps:
            last[step.what] = step
        column = min(48, max(map(len, last), default=0))
        lines: list[Line] = []
        for what, step in last.items():
            mark, tone = _STEPS[step.state]
            lines.append(
                [(" ", ""), (mark, tone), (f" {what.ljust(column)}", ""), (f"  {step.detail}", "quiet")]
            )
        return lines
