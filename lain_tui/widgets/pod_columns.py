"""The table's columns: which of them fit a width, and what each shows of a pod."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from lain_tui.core.model.status import PodRow, ProcRow, Severity, Usage
from lain_tui.core.model.text import spell
from lain_tui.widgets.canvas import Line, Span, fit, width_of
from lain_tui.widgets.charts import bar, cpu_text, memory_text, sparkline, top_of
from lain_tui.widgets.pod_rows import Row
from lain_tui.widgets.words import age

GAP = 2
MARGIN = 1

GLYPHS = {
    Severity.BROKEN: "✗",
    Severity.RISK: "!",
    Severity.PROGRESS: "◌",
    Severity.DONE: "·",
    Severity.OK: " ",
}
TONES = {
    Severity.BROKEN: "broken",
    Severity.RISK: "risk",
    Severity.PROGRESS: "progress",
    Severity.DONE: "quiet",
    Severity.OK: "",
}


class Column(NamedTuple):
    """A column and its width in cells."""

    key: str
    title: str
    width: int


class _Wish(NamedTuple):
    key: str
    title: str
    least: int
    most: int


# Left to right as they stand; `_RANK` says which of them go first when there is no room.
_WISHES = (
    _Wish("name", "PROC / POD", 20, 44),
    _Wish("proc", "PROC", 8, 16),
    _Wish("ready", "READY", 5, 5),
    _Wish("state", "STATE", 24, 38),
    _Wish("restarts", "RESTARTS", 8, 13),
    _Wish("age", "AGE", 4, 4),
    _Wish("cpu", "CPU", 12, 28),
    _Wish("memory", "MEMORY", 15, 30),
    _Wish("node", "NODE", 8, 24),
    _Wish("image", "IMAGE", 10, 20),
)
_RANK = ("name", "ready", "state", "restarts", "age", "proc", "cpu", "memory", "node", "image")
# Who gets the cells that are left over, and in which order.
_GROWTH = (("memory", 17), ("restarts", 13), ("name", 28), ("state", 27), ("cpu", 14), ("node", 16), ("name", 34),
           ("image", 20), ("cpu", 27), ("memory", 29), ("state", 38), ("node", 24), ("name", 44))  # fmt: skip


def columns_for(width: int, *, grouped: bool) -> tuple[Column, ...]:
    """The columns for a table of `width` cells, the most telling ones first to be given room."""
    wishes = {wish.key: wish for wish in _WISHES if wish.key != "proc" or not grouped}
    room = width - 2 * MARGIN + GAP
    widths: dict[str, int] = {}
    for key in _RANK:
        wish = wishes.get(key)
        if wish is None:
            continue
        if wish.least + GAP > room:
            break
        widths[key] = wish.least
        room -= wish.least + GAP
    for key, most in _GROWTH:
        if key in widths and room > 0:
            more = max(0, min(room, most - widths[key]))
            widths[key] += more
            room -= more
    if not widths:
        widths["name"] = max(1, width - 2 * MARGIN)
    titles = {"name": "POD"} if not grouped else {}
    return tuple(
        Column(wish.key, titles.get(wish.key, wish.title), widths[wish.key])
        for wish in _WISHES
        if wish.key in widths
    )


_RIGHT = {"age"}
_SPANNED = {"state", "restarts"}
"""Columns that a proc's summary runs on into."""


def cells(row: Row, columns: Sequence[Column], now: datetime, *, grouped: bool, marked: bool = False) -> Line:
    """One row as spans, each column at its place."""
    if row.pod is None:
        return _proc_line(row.proc, row.folded, columns, now)
    line: list[Span] = [(" " * MARGIN, "")]
    for index, column in enumerate(columns):
        if index:
            line.append((" " * GAP, ""))
        spans = _pod_cell(row, row.pod, column, now, grouped=grouped, marked=marked)
        line.extend(fit(spans, column.width, right=column.key in _RIGHT))
    return line


def ages(row: Row, now: datetime) -> tuple[str, ...]:
    """Everything in a row that changes by itself as time goes by."""
    if row.pod is not None:
        return age(row.pod.created, now), age(row.pod.last_restart, now)
    if row.proc.cron is not None:
        return (_cron_words(row.proc, now),)
    return (age(row.proc.created, now),)


def _pod_cell(
    row: Row, pod: PodRow, column: Column, now: datetime, *, grouped: bool, marked: bool
) -> Sequence[Span]:
    tone = TONES[pod.severity]
    match column.key:
        case "name":
            return _name(row, pod, column.width, grouped=grouped, marked=marked)
        case "proc":
            return [(pod.proc, "quiet")]
        case "ready":
            return [(f"{pod.ready}/{pod.containers}", "quiet" if pod.ready == pod.containers else tone)]
        case "state":
            spans: list[Span] = [(pod.state, tone)]
            if pod.detail:
                spans.append((f"  {pod.detail}", "quiet"))
            return spans
        case "restarts":
            return _restarts(pod, column.width, now)
        case "age":
            return [(age(pod.created, now), "quiet")]
        case "cpu":
            return _usage(pod.cpu, cpu_text(pod.cpu), column.width)
        case "memory":
            return _usage(pod.memory, memory_text(pod.memory), column.width)
        case "node":
            return [(pod.node, "quiet")]
        case _:
            mark: list[Span] = [(" ≠", "risk")] if pod.drift else []
            return [*fit([(short_tag(pod.image_tag), "quiet")], column.width - 2 * len(mark)), *mark]


def _name(row: Row, pod: PodRow, width: int, *, grouped: bool, marked: bool) -> list[Span]:
    glyph: list[Span] = [(GLYPHS[pod.severity], TONES[pod.severity]), (" ", "")]
    if marked:
        glyph = [("◆", "marked"), (" ", "")]
    indent: list[Span] = [("  ", "")] if grouped else []
    head, tail = split_name(pod.name)
    room = width - width_of(indent) - 2
    tone = "quiet" if pod.severity is Severity.DONE else ""
    if len(pod.name) <= room:
        return [*indent, *glyph, (head, "quiet"), (tail, tone)]
    return [*indent, *glyph, ("…-" if head else "", "quiet"), (tail, tone)]


def split_name(name: str) -> tuple[str, str]:
    """What the controller's name gives a pod, and what tells it from its siblings."""
    head, dash, tail = name.rpartition("-")
    return f"{head}{dash}", tail


def _restarts(pod: PodRow, width: int, now: datetime) -> list[Span]:
    if not pod.restarts:
        return [("0", "faint")]
    spans: list[Span] = [(str(pod.restarts), TONES[pod.severity] if pod.severity >= Severity.RISK else "")]
    if pod.last_restart is not None:
        since = age(pod.last_restart, now)
        long = f" ({since} ago)"
        spans.append((long if len(long) + len(spans[0][0]) <= width else f" ({since})", "quiet"))
    return spans


def _usage(usage: Usage, text: Sequence[Span], width: int) -> list[Span]:
    """A trend, a bar when there is room for one, and the numbers."""
    if usage.used is None:
        return [("–", "faint")]
    trend = 8 if width >= 26 else 4
    spans: list[Span] = [(sparkline(usage.trend, trend, top_of(usage)), "chart"), (" ", "")]
    if width >= 26:
        spans += [*bar(usage, 6), (" ", "")]
    return [*spans, *text]


def _proc_line(proc: ProcRow, folded: bool, columns: Sequence[Column], now: datetime) -> Line:
    """The proc's name, then its rollout in words across the columns that are about single pods."""
    tone = TONES[proc.severity]
    first, *others = columns
    fold = ("▸ " if folded else "▾ ") if proc.pods else "  "
    line: list[Span] = [(" " * MARGIN, "")]
    line += fit([(fold, "quiet"), (proc.name, f"strong {tone}".strip())], first.width)
    if proc.cron is not None:
        rest = sum(column.width + GAP for column in others) - GAP
        words = _cron_spans(proc, now)
        if width_of(words) > rest:
            words = _cron_spans(proc, now, brief=True)
        return [*line, (" " * GAP, ""), *fit(words, max(0, rest))]
    for column in others:
        if column.key not in _SPANNED:
            line.append((" " * GAP, ""))
            line += _proc_cell(proc, column, others, now)
    return line


def _proc_cell(proc: ProcRow, column: Column, others: Sequence[Column], now: datetime) -> Sequence[Span]:
    match column.key:
        case "ready":
            spanned = sum(other.width + GAP for other in others if other.key in _SPANNED)
            return fit(_summary(proc), column.width + spanned)
        case "age":
            return fit([(age(proc.created, now), "quiet")], column.width, right=True)
        case "cpu" | "memory":
            usage, text = (
                (proc.cpu, cpu_text(proc.cpu))
                if column.key == "cpu"
                else (proc.memory, memory_text(proc.memory))
            )
            known = usage.used is not None and len(proc.pods) > 1
            return fit(_usage(usage, text, column.width) if known else (), column.width)
        case "image":
            return fit([(short_tag(proc.image_tag), "quiet")], column.width)
        case _:
            return fit((), column.width)


def _summary(proc: ProcRow) -> list[Span]:
    tone = TONES[proc.severity] or "quiet"
    spans: list[Span] = [(proc.summary, tone)]
    if proc.hpa is not None:
        low, high = proc.hpa
        spans.append((f" · {low}–{high} by autoscaler", "quiet"))
    if proc.drift:
        spans.append((f" · ≠ {proc.drift}", "risk"))
    return spans


def _cron_spans(proc: ProcRow, now: datetime, *, brief: bool = False) -> list[Span]:
    assert proc.cron is not None
    words = _cron_words(proc, now, brief=brief)
    broken = proc.severity >= Severity.RISK
    spans: list[Span] = [(f"cron {proc.cron.schedule}  ", "quiet")]
    if broken and proc.summary:
        spans.append((f"{proc.summary} · ", TONES[proc.severity]))
    return [*spans, (words, "quiet")]


def _cron_words(proc: ProcRow, now: datetime, *, brief: bool = False) -> str:
    """`last ok 9 h ago, 2 m 13 s · next in 15 h`; when brief, without how long it took."""
    cron = proc.cron
    assert cron is not None
    parts: list[str] = []
    if cron.active:
        parts.append("running now" if cron.active == 1 else f"{cron.active} running now")
    if cron.last_successful is not None:
        took = f", {spell(cron.last_duration)}" if cron.last_duration is not None and not brief else ""
        parts.append(f"last ok {spell((now - cron.last_successful).total_seconds())} ago{took}")
    elif cron.last_scheduled is not None:
        parts.append(f"last run {spell((now - cron.last_scheduled).total_seconds())} ago")
    else:
        parts.append("has not run yet")
    if cron.suspended:
        parts.append("suspended")
    elif cron.next_run is not None:
        parts.append(f"next in {spell((cron.next_run - now).total_seconds())}")
    return " · ".join(parts)


def short_tag(tag: str) -> str:
    """Lain's tags are `<commit time>-<commit>`: the commit is what people know it by. Others stay as they are."""
    time, dash, commit = tag.partition("-")
    if dash and time.isdigit() and len(commit) >= 12 and all(c in "0123456789abcdef" for c in commit):
        return commit[:8]
    return tag
