"""What a benchmark answers, and how it is printed."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Result:
    """One measured number, beside its peer's when there is one."""

    name: str
    value: float
    unit: str
    peer: str = ""
    peer_value: float | None = None
    budget: float | None = None
    """The most it may be: of `ratio` when there is a peer, else of `value`."""
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.value / self.peer_value if self.peer_value else None

    @property
    def within(self) -> bool | None:
        """Whether the claim holds; None when nothing is claimed."""
        if self.budget is None:
            return None
        return (self.value if self.ratio is None else self.ratio) <= self.budget

    def as_json(self) -> dict[str, object]:
        return asdict(self) | {"ratio": self.ratio, "within": self.within}


def alternately(runs: int, *measures: Callable[[], float]) -> list[float]:
    """Measure each in turn, `runs` times round, and return their medians.

    Taking turns spreads whatever else the machine does over all of them; one round more at the start is
    thrown away (bytecode, file cache).
    """
    rounds = [[measure() for measure in measures] for _ in range(runs + 1)][1:]
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` (0–1) of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-round(len(ordered) * share * 1000) // 1000) - 1)]


def table(results: Iterable[Result]) -> str:
    rows = [("what", "measured", "peer", "ratio", "claim", "")]
    for result in results:
        ratio = f"{result.ratio:.2f}×" if result.ratio is not None else ""
        peer = (
            f"{_number(result.peer_value)} {result.unit}  {result.peer}" if result.peer_value else result.peer
        )
        limit = "" if result.budget is None else f"≤ {result.budget:g}{'×' if ratio else ' ' + result.unit}"
        verdict = {True: "holds", False: "OVER", None: ""}[result.within]
        if result.note:
            verdict = f"{verdict}  {result.note}".strip()
        rows.append((result.name, f"{_number(result.value)} {result.unit}", peer, ratio, limit, verdict))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [
        "  ".join((*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[5]))
        for row in rows
    ]
    return "\n".join(line.rstrip() for line in lines)


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
