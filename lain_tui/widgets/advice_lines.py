"""Resource advice as lines, and the samples behind it as a plot."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lain_tui.core.model.advice import Advice, Measured, ProcAdvice, Report
from lain_tui.core.model.quantity import format_bytes, format_millicores
from lain_tui.core.model.text import counted
from lain_tui.widgets.canvas import Line, Span, fit
from lain_tui.widgets.charts import sparkline
from lain_tui.widgets.wrap import wrap

Choice = tuple[str, Line]


def proc_key(proc: ProcAdvice) -> str:
    return f"proc/{proc.proc}"


def advice_key(advice: Advice) -> str:
    return ".".join(advice.keys)


def advice_lines(report: Report) -> list[Choice]:
    """Each proc, with the advice on it beneath."""
    lines: list[Choice] = []
    for proc in report.procs:
        lines.append((proc_key(proc), _proc(proc)))
        lines += [(advice_key(each), _advice(each)) for each in proc.advice]
    return lines


def source_lines(report: Report, width: int) -> list[Line]:
    """Where it was measured, and why that is weak."""
    lines: list[Line] = [[(f" Measured by {report.source}.", "quiet")]]
    return lines + [[(f" {part}", "risk")] for part in wrap(report.weak, width - 2) if report.weak]


def _proc(proc: ProcAdvice) -> Line:
    words: list[Span] = [(" ", ""), *fit([(proc.proc, "strong")], 18)]
    words += fit([("CPU ", "quiet"), _top(proc.cpu, format_millicores)], 12)
    words += fit([("memory ", "quiet"), _top(proc.memory, format_bytes)], 17)
    if proc.oom_kills:
        words.append((f"{counted(proc.oom_kills, 'OOM kill')}  ", "broken"))
    if proc.throttled and proc.throttled >= 0.005:
        words.append((f"throttled {proc.throttled:.0%}  ", "risk" if proc.throttled > 0.05 else "quiet"))
    elif not proc.advice and not proc.oom_kills:
        known = proc.cpu.top is not None or proc.memory.top is not None
        words.append(("nothing to change" if known else _unmeasured(proc), "quiet"))
    return words


def _unmeasured(proc: ProcAdvice) -> str:
    return f"not known: {proc.cpu.skipped or proc.memory.skipped or 'no samples'}"


def _top(measured: Measured, worded: Callable[[float], str]) -> Span:
    return (worded(measured.top), "") if measured.top is not None else ("–", "quiet")


def _advice(advice: Advice) -> Line:
    return [
        ("   ", ""),
        *fit([(f"{advice.bound}.{advice.resource}", "")], 17),
        *fit([(advice.present or "not set", "")], 8),
        (" → ", "quiet"),
        *fit([(advice.advised, "accent")], 8),
        ("  ", ""),
        (advice.meaning, "quiet"),
    ]


def plot_lines(proc: ProcAdvice, advice: Advice | None, width: int) -> list[Line]:
    """The samples of the advice's resource, or of both; then the rule and what it means, or what was seen, in words."""
    lines: list[Line] = []
    shown = (advice.resource,) if advice is not None else ("cpu", "memory")
    for resource in shown:
        measured = proc.cpu if resource == "cpu" else proc.memory
        worded: Callable[[float], str] = format_millicores if resource == "cpu" else format_bytes
        lines += _plot(resource, measured, worded, width)
    words = [f"Rule: {advice.rule}.", f"It means: {advice.meaning}."] if advice is not None else _seen(proc)
    return lines + [[(f" {part}", "")] for text in words for part in wrap(text, width - 2)]


def _seen(proc: ProcAdvice) -> list[str]:
    """What happened in the window, besides usage."""
    words = [f"{counted(proc.oom_kills, 'OOM kill')} in that time."] if proc.oom_kills else []
    if proc.throttled is not None:
        words.append(f"Held back by its CPU limit in {proc.throttled:.0%} of the scheduler's periods.")
    return words


def _plot(resource: str, measured: Measured, worded: Callable[[float], str], width: int) -> list[Line]:
    if not measured.samples:
        return [[(f" {resource}: {measured.skipped or 'no samples'}", "quiet")]]
    cells = max(10, width - 34)
    points = _thinned(measured.samples, cells)
    top = max(points) or 1.0
    words = f"95% below {worded(measured.top)}" if measured.top is not None else measured.skipped
    return [
        [
            (f" {resource:<7}", "quiet"),
            (sparkline(points, min(cells, len(points)), top), "chart"),
            (f"  most {worded(max(measured.samples))}", ""),
        ],
        [(f"         {counted(len(measured.samples), 'sample')}, {words}", "quiet")],
    ]


def _thinned(samples: Sequence[float], cells: int) -> list[float]:
    """At most so many points, each the largest of its part: a peak must not be lost."""
    if len(samples) <= cells:
        return list(samples)
    size = len(samples) / cells
    return [
        max(samples[int(place * size) : max(int((place + 1) * size), int(place * size) + 1)])
        for place in range(cells)
    ]
