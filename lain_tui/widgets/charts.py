"""Numbers as small pictures: a trend in a few cells, a bar against request and limit."""

from __future__ import annotations

from collections.abc import Sequence

from lain_tui.core.model.quantity import format_bytes, format_millicores
from lain_tui.core.model.status import Usage
from lain_tui.widgets.canvas import Span

_STEPS = "▁▂▃▄▅▆▇█"
_NEAR = 0.9
"""The share of a limit from which a usage is worth a look."""


def sparkline(samples: Sequence[float], cells: int, top: float) -> str:
    """The last samples as bars of eighths, oldest left; `top` is what a full bar stands for."""
    recent = samples[-cells:]
    if top <= 0:
        return (_STEPS[0] * len(recent)).rjust(cells)
    last = len(_STEPS) - 1
    return "".join(_STEPS[min(last, max(0, int(sample / top * len(_STEPS))))] for sample in recent).rjust(
        cells
    )


def bar(usage: Usage, cells: int) -> list[Span]:
    """What is used of the limit as a line, with a tick where the request is; blank without a limit."""
    if usage.used is None or not usage.limit:
        return [(" " * cells, "")]
    filled = min(cells, round(usage.used / usage.limit * cells))
    if usage.used > 0:
        filled = max(1, filled)
    track = ["━"] * filled + ["─"] * (cells - filled)
    spans: list[Span] = [
        ("".join(track[:filled]), tone_of(usage) or "quiet"),
        ("".join(track[filled:]), "faint"),
    ]
    if usage.request:
        tick = min(cells - 1, int(usage.request / usage.limit * cells))
        if tick >= filled:
            rest = "─" * (cells - tick - 1)
            spans[1:] = [("─" * (tick - filled), "faint"), ("┼", "quiet"), (rest, "faint")]
    return spans


def tone_of(usage: Usage) -> str:
    """`risk` near the limit, else nothing: a healthy usage has no colour."""
    return "risk" if usage.used is not None and usage.limit and usage.used >= _NEAR * usage.limit else ""


def top_of(usage: Usage) -> float:
    """What a full bar of the trend stands for: the limit, else the request, else the largest sample."""
    return usage.limit or max([usage.request or 0.0, *usage.trend], default=0.0)


def cpu_text(usage: Usage) -> list[Span]:
    """`36m/3`: millicores used, and the limit in cores; without a limit the request in brackets."""
    if usage.used is None:
        return []
    spans: list[Span] = [(format_millicores(usage.used), tone_of(usage))]
    if usage.limit:
        spans.append((f"/{_cores(usage.limit)}", "faint"))
    elif usage.request:
        spans.append((f" ({_cores(usage.request)})", "faint"))
    return spans


def memory_text(usage: Usage) -> list[Span]:
    """`61/80Mi`: used and limit, the unit once when it is the same."""
    if usage.used is None:
        return []
    used = format_bytes(usage.used)
    bound = usage.limit or usage.request
    if not bound:
        return [(used, "")]
    whole = format_bytes(bound)
    if used[-2:] == whole[-2:]:
        used = used[:-2]
    spans: list[Span] = [(used, tone_of(usage)), (f"/{whole}" if usage.limit else f" ({whole})", "faint")]
    if tone_of(usage):
        spans.append((" !", "risk"))
    return spans


def _cores(millicores: float) -> str:
    cores = millicores / 1000
    return f"{cores:g}" if millicores >= 1000 else f"{millicores:.0f}m"
