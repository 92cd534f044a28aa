"""A rollout as it goes: per proc how many pods are new, and each pod, new or old."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rich.cells import cell_len

from lain_tui.core.model.status import PodRow, ProcRow, Severity
from lain_tui.widgets.canvas import Line, Page, Span, fit
from lain_tui.widgets.pod_columns import GLYPHS, TONES

_BAR = 12
"""Cells of a proc's bar."""


class RolloutPane(Page):
    """Procs with a rollout, in the order of the view."""

    DEFAULT_CSS = "RolloutPane { height: 1fr; overflow-y: auto; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._procs: Sequence[ProcRow] = ()

    def show(self, procs: Sequence[ProcRow], only: Collection[str] = ()) -> None:
        """Show these; `only` some of them when it names any."""
        self._procs = [proc for proc in procs if proc.desired and (not only or proc.name in only)]
        self.redraw()

    def lines(self, width: int) -> list[Line]:
        lines: list[Line] = []
        column = max((cell_len(proc.name) for proc in self._procs), default=0)
        for proc in self._procs:
            tone = TONES[proc.severity] if proc.severity > Severity.DONE else "quiet"
            lines.append(
                [
                    (" ", ""),
                    *fit([(proc.name, "strong")], column),
                    ("  ", ""),
                    *bar(proc),
                    ("  ", ""),
                    (proc.summary, tone),
                ]
            )
            # The new ones first: they are what one waits for.
            pods = sorted(proc.pods, key=lambda pod: (pod.outdated, pod.name))
            lines += [_pod(pod, proc, column) for pod in pods]
        return lines


def bar(proc: ProcRow) -> list[Span]:
    """New and ready, new and not yet, and what is old still."""
    new = [pod for pod in proc.pods if not pod.outdated and pod.state != "Terminating"]
    ready = sum(pod.state == "Running" and pod.ready == pod.containers for pod in new)
    total = max(proc.desired, 1)
    full = _BAR * min(ready, total) // total
    part = _BAR * min(len(new), total) // total - full
    return [("█" * full, "ok"), ("▒" * part, "progress"), ("░" * (_BAR - full - part), "faint")]


def _pod(pod: PodRow, proc: ProcRow, column: int) -> Line:
    glyph, tone = GLYPHS[pod.severity], TONES[pod.severity]
    name = pod.name.removeprefix(f"{proc.resource}-")
    age = ("old", "faint") if pod.outdated else ("new", "accent")
    words = f"{pod.ready}/{pod.containers}  {pod.state}"
    return [
        (" " * (column + 3), ""),
        age,
        (" ", ""),
        (glyph if glyph.strip() else " ", tone),
        (f" …{name}  ", "faint" if pod.outdated else ""),
        (words, tone if pod.severity > Severity.DONE else "quiet"),
        (f"  {pod.detail}" if pod.detail else "", "quiet"),
    ]
