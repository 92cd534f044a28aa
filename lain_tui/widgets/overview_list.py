"""A cluster's nodes and problems as lines to walk through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from lain_tui.core.model.overview import NodeRow, Overview, Problem, Topic
from lain_tui.core.model.status import Severity
from lain_tui.core.model.text import counted
from lain_tui.widgets.canvas import Line, Span, fit
from lain_tui.widgets.charts import bar, cpu_text, memory_text, tone_of
from lain_tui.widgets.words import age

_MARKS = {
    Severity.BROKEN: ("✗", "broken"),
    Severity.RISK: ("!", "risk"),
    Severity.PROGRESS: ("◌", "progress"),
}
WIDE = 110
"""Columns from which nodes get bars."""
HEALTHY = "healthy nodes"
FEW = 6
"""So many healthy nodes are shown one by one; of more there is one line, until it is opened."""
_QUIET_TOPICS = frozenset({Topic.SINGLETONS, HEALTHY})
"""Folded until they are asked for: no fault, but good to know."""


def node_key(name: str) -> str:
    return f"node/{name}"


def topic_key(topic: str) -> str:
    return f"topic/{topic}"


def overview_lines(
    view: Overview,
    width: int,
    now: datetime,
    *,
    folded: frozenset[str],
    opened: frozenset[str],
    marked: frozenset[str] = frozenset(),
    sought: str = "",
) -> list[tuple[str, Line]]:
    """Every line with its key: nodes first, then the problems under their topics.

    `folded` are topics that the user has closed; `opened` those of the quiet ones that the user has opened.
    `marked` are keys of problems. Of what is `sought`, words, only the matches are shown, and none is folded away.
    """
    words = sought.casefold().split()

    def shut(topic: str) -> bool:
        return not words and is_shut(topic, folded=folded, opened=opened)

    lines = _nodes(view, [row for row in view.nodes if _has(words, _node_texts(row))], width, now, shut)
    for topic in Topic:
        problems = [one for one in view.problems if one.topic is topic and _has(words, _problem_texts(one))]
        if topic is Topic.NODES or not problems:
            continue
        total = sum(problem.count for problem in problems)
        told = str(total) if words else _total(topic, total, view)
        lines.append((topic_key(topic), _title(topic, told, shut(topic), "")))
        if not shut(topic):
            lines += [
                (problem.key, _problem(problem, width, now, marked=problem.key in marked))
                for problem in problems
            ]
    return lines


def _nodes(
    view: Overview, rows: Sequence[NodeRow], width: int, now: datetime, shut: Callable[[str], bool]
) -> list[tuple[str, Line]]:
    """The nodes that need somebody, then the others: one by one when they are few."""
    if not rows:
        return []
    ready = sum(not row.state.startswith("NotReady") for row in view.nodes)
    tone = "" if ready == len(view.nodes) else "broken"
    title = _title("nodes", f"{ready} of {len(view.nodes)} ready", shut("nodes"), tone)
    lines = [(topic_key("nodes"), title)]
    if shut("nodes"):
        return lines
    names = min(28, max(len(row.name) for row in rows))
    healthy = [row for row in rows if row.severity < Severity.RISK]
    if len(healthy) > FEW:
        rows = [row for row in rows if row.severity >= Severity.RISK]
    lines += [(node_key(row.name), _node(row, names, width, now)) for row in rows]
    if len(healthy) > FEW:
        lines.append((topic_key(HEALTHY), _healthy(healthy, shut(HEALTHY))))
        if not shut(HEALTHY):
            lines += [(node_key(row.name), _node(row, names, width, now)) for row in healthy]
    return lines


def _healthy(rows: Sequence[NodeRow], shut: bool) -> Line:
    """The healthy nodes in one line, with how full they are together."""
    line: list[Span] = [
        ("   ▸ " if shut else "   ▾ ", "quiet"),
        (f"{counted(len(rows), 'healthy node')}", ""),
    ]
    for name, usages in (("cpu", [row.cpu for row in rows]), ("memory", [row.memory for row in rows])):
        whole = sum(usage.limit or 0.0 for usage in usages)
        asked = sum(usage.request or 0.0 for usage in usages)
        known = [usage.used for usage in usages if usage.used is not None]
        used = f"{sum(known) / whole:.0%} used, " if known and whole else ""
        line.append((f"  {name} {used}{asked / whole:.0%} requested" if whole else "", "quiet"))
    return line


def _has(words: Sequence[str], texts: Iterable[str]) -> bool:
    """Every word is somewhere in the texts."""
    whole = "\n".join(texts).casefold() if words else ""
    return all(word in whole for word in words)


def _node_texts(row: NodeRow) -> Iterable[str]:
    return (row.name, row.state, row.version, row.detail, *row.taints)


def _problem_texts(problem: Problem) -> Iterable[str]:
    return (problem.topic, problem.where, problem.title, problem.namespace, *problem.lines)


def is_shut(topic: str, *, folded: frozenset[str], opened: frozenset[str]) -> bool:
    return topic in folded or (topic in _QUIET_TOPICS and topic not in opened)


def _total(topic: Topic, total: int, view: Overview) -> str:
    if topic is Topic.PODS:
        return f"{total} of {view.pods} need a look"
    return str(total)


def _title(title: str, words: str, shut: bool, tone: str) -> Line:
    return [(" ▸ " if shut else " ▾ ", "quiet"), (title, "title"), (f"  {words}", tone or "quiet")]


def _mark(severity: Severity) -> Span:
    return _MARKS.get(severity, ("·", "faint"))


def _node(row: NodeRow, names: int, width: int, now: datetime) -> Line:
    mark: Span = _mark(row.severity) if row.severity >= Severity.RISK else (" ", "")
    tone = {Severity.BROKEN: "broken", Severity.RISK: "risk"}.get(row.severity, "")
    line: list[Span] = [
        ("   ", ""), mark, (" ", ""), *fit([(row.name, "")], names), ("  ", ""),
        *fit([(row.state, tone)], 22 if width >= WIDE else 16), ("  ", ""),
        *fit([(counted(row.pods, "pod"), "quiet")], 9, right=True), ("  ", ""),
    ]  # fmt: skip
    if width >= WIDE:
        for usage, text in ((row.cpu, cpu_text), (row.memory, memory_text)):
            line += [*bar(usage, 8), (" ", ""), *fit(text(usage), 13), ("  ", "")]
        line += [*fit([(row.version, "quiet")], 9), ("  ", ""), *fit([(age(row.created, now), "quiet")], 5)]
    else:
        for name, usage in (("cpu", row.cpu), ("mem", row.memory)):
            line += fit([(f"{name} ", "faint"), *_share(usage.used, usage.limit, tone_of(usage))], 9)
    return line


def _share(used: float | None, whole: float | None, tone: str) -> list[Span]:
    return [(f"{used / whole:.0%}", tone)] if used is not None and whole else [("–", "faint")]


def _problem(problem: Problem, width: int, now: datetime, *, marked: bool) -> Line:
    tone = {Severity.BROKEN: "", Severity.RISK: "", Severity.DONE: "quiet"}.get(problem.severity, "")
    count = f"×{problem.count}" if problem.count > 1 else ""
    room = width - 23  # the mark, the count, the age and what is between them
    where = min(40, room // 2)
    return [
        (" ◆ ", "marked") if marked else ("   ", ""), _mark(problem.severity), (" ", ""),
        *fit([(problem.where, "")], where), ("  ", ""),
        *fit([(problem.title, tone)], room - where), (" ", ""),
        *fit([(count, "quiet")], 6, right=True), ("  ", ""),
        *fit([(age(problem.since, now), "quiet")], 5, right=True),
    ]  # fmt: skip


def node_detail(row: NodeRow) -> Sequence[str]:
    """What a node's line has no room for."""
    texts = (
        row.detail,
        f"requested: cpu {_asked(row.cpu.request, row.cpu.limit)}, memory {_asked(row.memory.request, row.memory.limit)} of what is allocatable",
        *(f"taint {taint}" for taint in row.taints),
        f"kubelet {row.version}" if row.version else "",
    )
    return [text for text in texts if text]


def _asked(request: float | None, limit: float | None) -> str:
    return f"{(request or 0.0) / limit:.0%}" if limit else "unknown"
