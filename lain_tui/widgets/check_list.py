"""Checks as they come in: what needs a word first, then the passed ones."""

from __future__ import annotations

from collections.abc import Sequence

from lain_tui.core.model.plan import Check, Outcome
from lain_tui.widgets.canvas import Line, Page, Span
from lain_tui.widgets.wrap import wrap

MARKS: dict[Outcome, tuple[str, str]] = {
    Outcome.PASSED: ("✓", "quiet"),
    Outcome.WARNED: ("!", "risk"),
    Outcome.FAILED: ("✗", "broken"),
    Outcome.SKIPPED: ("·", "faint"),
}
_ORDER = (Outcome.FAILED, Outcome.WARNED, Outcome.SKIPPED, Outcome.PASSED)


class CheckList(Page):
    """Nothing that passed asks for attention."""

    DEFAULT_CSS = "CheckList { height: 1fr; overflow-y: auto; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._checks: Sequence[Check] = ()
        self._notice = ""
        self._brief = False

    def show(self, checks: Sequence[Check], notice: str = "", *, brief: bool = False) -> None:
        """`notice` stands above them: why there are none, or not all yet; `brief` leaves out what passed."""
        self._checks, self._notice, self._brief = tuple(checks), notice, brief
        self.redraw()

    def lines(self, width: int) -> list[Line]:
        lines: list[Line] = (
            [[(" ", ""), (part, "broken")] for part in wrap(self._notice, width - 2)] if self._notice else []
        )
        for check in sorted(self._checks, key=lambda check: _ORDER.index(check.outcome)):
            mark, tone = MARKS[check.outcome]
            if self._brief and check.outcome is Outcome.PASSED:
                continue
            quiet = check.outcome in (Outcome.PASSED, Outcome.SKIPPED)
            lines.append([(" ", ""), (mark, tone), (f" {check.what}", "quiet" if quiet else "")])
            if quiet:
                if check.detail:
                    lines[-1] = [*lines[-1], (f": {check.detail}", "faint")]
                continue
            for text, text_tone in ((check.detail, tone), (check.hint, "quiet")):
                lines += [[("   ", ""), (part, text_tone)] for part in wrap(text, width - 4)] if text else []
        return lines


def counts(checks: Sequence[Check]) -> list[Span]:
    """`✓ 11  ! 1  ✗ 0`, without what is 0."""
    spans: list[Span] = []
    for outcome in (Outcome.PASSED, Outcome.WARNED, Outcome.FAILED):
        number = sum(check.outcome is outcome for check in checks)
        if number:
            mark, tone = MARKS[outcome]
            spans += [(f"{mark} {number}", tone), ("  ", "")]
    return spans
