"""Cronjobs, jobs and forwarded ports as lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from lain_tui.core.model.forwards import ForwardRow
from lain_tui.core.model.jobs import Run, RunState, Work
from lain_tui.core.model.text import counted, spell, spell_bytes
from lain_tui.widgets.canvas import Line, Span, fit
from lain_tui.widgets.words import age

_KEPT = 8
"""Outcomes shown of a cronjob."""
_GLYPHS = {
    RunState.DONE: ("✓", "quiet"),
    RunState.FAILED: ("✗", "broken"),
    RunState.RUNNING: ("●", "progress"),
    RunState.WAITING: ("○", "progress"),
    RunState.SUSPENDED: ("·", "quiet"),
}
_WIDE = 100

Choice = tuple[str, Line]


def work_key(work: Work) -> str:
    return f"{work.kind}/{work.resource}"


def run_key(run: Run) -> str:
    return f"run/{run.name}"


def forward_key(row: ForwardRow) -> str:
    return f"forward/{row.local}"


def work_head(width: int) -> Line:
    """The titles of the columns."""
    line: list[Span] = [
        ("   ", ""),
        *_cells(width, "NAME", "SCHEDULE", "LAST RUN", "TOOK", "OUTCOMES", "NEXT RUN"),
    ]
    return [(text, "quiet") for text, _ in line]


def work_lines(work: Sequence[Work], width: int, now: datetime) -> list[Choice]:
    """Each cronjob with the runs that are kept beneath it, then jobs of their own."""
    lines: list[Choice] = []
    for each in work:
        lines.append((work_key(each), _work_line(each, width, now)))
        if each.kind == "CronJob":
            lines += [(run_key(run), _run_line(run, each, width, now)) for run in each.runs[:_KEPT]]
    return lines


def _work_line(work: Work, width: int, now: datetime) -> Line:
    last = work.last
    mark, tone = ("▾", "quiet") if work.kind == "CronJob" else _glyph(last)
    name = work.name if work.kind == "CronJob" else work.resource
    when = age(last.started if last else work.last_scheduled, now)
    took = spell(work.typical_seconds) if work.typical_seconds is not None else ""
    if work.suspended:
        upcoming: Span = ("suspended", "risk")
    elif work.next_run is not None:
        upcoming = (f"in {spell((work.next_run - now).total_seconds())}", "")
    elif last is not None and last.fault:
        upcoming = (last.fault, "broken")
    else:
        upcoming = ("", "")
    outcomes: list[Span] = [_glyph(run) for run in reversed(work.runs[:_KEPT])]
    return [
        (f" {mark} ", tone),
        *fit([(name, "strong")], _columns(width)[0]),
        *fit([(work.schedule, "quiet")], _columns(width)[1]),
        *fit([(f"{when} ago" if when else "", "")], _columns(width)[2]),
        *fit([(took, "")], _columns(width)[3]),
        *fit(outcomes, _columns(width)[4]),
        upcoming,
    ]


def _run_line(run: Run, work: Work, width: int, now: datetime) -> Line:
    mark, tone = _glyph(run)
    name = run.name.removeprefix(f"{work.resource}-")
    took = spell(run.seconds) if run.seconds is not None else run.state.value
    first, second, third, fourth, _ = _columns(width)
    ago = age(run.started, now)
    return [
        ("     ", ""),
        (f"{mark} ", tone),
        *fit([(f"…-{name}", "")], first + second - 4),
        *fit([(f"{ago} ago" if ago else "", "quiet")], third),
        *fit([(took, "quiet" if run.seconds is not None else "progress")], fourth),
        ("by hand  " if run.by_hand else "", "quiet"),
        (run.fault, "broken"),
    ]


def forward_lines(rows: Iterable[ForwardRow]) -> list[Choice]:
    """Each forwarded port: where it is here, where it leads, and how it fares."""
    lines: list[Choice] = []
    for row in rows:
        where: Line = [
            (" ● " if row.connections else " ○ ", "accent" if row.connections else "quiet"),
            *fit([(row.address, "strong")], 17),
            ("→ ", "quiet"),
            *fit([(f"{row.name} {row.remote}", "")], 18),
        ]
        if row.error:
            line: Line = [*where, (row.error, "broken")]
        else:
            open_now = f"{counted(row.connections, 'connection')} open  " if row.connections else ""
            traffic = f"{spell_bytes(row.sent)} out, {spell_bytes(row.received)} in  " if row.sent else ""
            line = [*where, (open_now, ""), (traffic, "quiet"), (row.pod, "quiet")]
        lines.append((forward_key(row), line))
    return lines


def _glyph(run: Run | None) -> Span:
    return _GLYPHS[run.state] if run is not None else (" ", "")


def _columns(width: int) -> tuple[int, int, int, int, int]:
    """Cells of name, schedule, last run, took, outcomes."""
    return (32, 18, 12, 12, 12) if width >= _WIDE else (18, 15, 10, 10, 10)


def _cells(width: int, *words: str) -> list[Span]:
    spans: list[Span] = []
    for word, cells in zip(words, (*_columns(width), 12), strict=True):
        spans += fit([(word, "")], cells)
    return spans
