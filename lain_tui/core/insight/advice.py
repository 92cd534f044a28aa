"""Requests and limits against what is really used: lain's rules.

Every number here is lain's; each rule says on screen what it compared.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import msgspec

from lain_tui.core.model.advice import Advice, Measured
from lain_tui.core.model.quantity import format_bytes, format_millicores, millicores, parse_quantity
from lain_tui.core.model.text import counted

MI = 2.0**20
GI = 2.0**30
PERCENTILE = 0.95
LEAST_CPU = 5.0
"""Millicores below which no proc's usage counts as less."""
LEAST_MEMORY = 4 * MI
IDLE_SHARE = 0.7
"""Above this share of zero samples a proc is idle, and its CPU says nothing."""
CPU_LIMIT = 1000.0
CPU_SLACK = 300.0
SLACK = 1.13
SMALL = 256 * MI
HEADROOM = 2.5
NEAR_ENOUGH = GI


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a proc's values ask for, as they are in force."""

    proc: str
    group: str = "deployments"
    pods: int = 1
    cpu_request: str = ""
    cpu_limit: str = ""
    memory_request: str = ""
    memory_limit: str = ""


def measured_cpu(samples: Sequence[float]) -> Measured:
    """The samples (millicores) with their 95th percentile."""
    kept = tuple(value for value in samples if math.isfinite(value) and value >= 0)
    if not kept:
        return Measured(skipped="no samples")
    zeros = sum(value == 0 for value in kept) / len(kept)
    if zeros > IDLE_SHARE:
        return Measured(samples=kept, skipped=f"idle: {zeros:.0%} of the samples are zero")
    return Measured(samples=kept, top=max(LEAST_CPU, percentile(kept)))


def measured_memory(top: float | None, samples: Sequence[float] = ()) -> Measured:
    """What memory's quantile was, in bytes."""
    kept = tuple(value for value in samples if math.isfinite(value) and value >= 0)
    if top is None or not math.isfinite(top):
        return Measured(samples=kept, skipped="no samples")
    return Measured(samples=kept, top=max(LEAST_MEMORY, top))


def percentile(samples: Sequence[float], share: float = PERCENTILE) -> float:
    """The value that this share of the samples does not exceed, interpolated as Prometheus' quantile is."""
    ordered = sorted(samples)
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def advise(asked: Asked, cpu: Measured, memory: Measured) -> tuple[Advice, ...]:
    """Apply every rule."""
    found = [*_cpu(asked, cpu), *_memory(asked, memory)]
    return tuple(found)


def _cpu(asked: Asked, cpu: Measured) -> list[Advice]:
    found = []
    limit, request = _cores(asked.cpu_limit), _cores(asked.cpu_request)
    if limit is not None and limit < CPU_LIMIT:
        found.append(
            _advice(
                asked, "limits", "cpu", asked.cpu_limit, "1000m",
                "a CPU limit below one core throttles even short bursts",
                "start-up and peaks are no longer slowed down",
            )
        )  # fmt: skip
    if cpu.top is not None and request is not None and abs(request - cpu.top) > CPU_SLACK:
        advised = math.ceil(cpu.top)
        found.append(
            _advice(
                asked, "requests", "cpu", asked.cpu_request, f"{advised}m",
                f"the request is more than {CPU_SLACK:.0f}m away from what is used, "
                f"{format_millicores(cpu.top)} (95th percentile)",
                _meaning(request - advised, asked.pods, format_millicores, "CPU"),
            )
        )  # fmt: skip
    return found


def _memory(asked: Asked, memory: Measured) -> list[Advice]:
    top = memory.top
    if top is None:
        return []
    found = []
    request, limit = _bytes(asked.memory_request), _bytes(asked.memory_limit)
    used = f"{format_bytes(top)} (95th percentile)"
    small = request is not None and request < SMALL and top < SMALL
    if request is not None and not small and not top / SLACK <= request <= top * SLACK:
        advised = math.ceil(top / MI)
        found.append(
            _advice(
                asked, "requests", "memory", asked.memory_request, f"{advised}Mi",
                f"the request is more than 13% away from what is used, {used}",
                _meaning(request - advised * MI, asked.pods, format_bytes, "memory"),
            )
        )  # fmt: skip
    target = HEADROOM * top
    if (
        limit is not None
        and abs(limit - target) > NEAR_ENOUGH
        and not target / SLACK <= limit <= target * SLACK
    ):
        advised = math.ceil(target / MI)
        meaning = (
            f"{limit / top:.1f} times what is used is little: an OOM kill is near"
            if limit < target
            else "a leak is stopped earlier, before it takes the node along"
        )
        found.append(
            _advice(
                asked, "limits", "memory", asked.memory_limit, f"{advised}Mi",
                f"the limit is far from {HEADROOM:g} times what is used, {used}", meaning,
            )
        )  # fmt: skip
    return found


def _advice(
    asked: Asked,
    bound: Literal["requests", "limits"],
    resource: Literal["cpu", "memory"],
    present: str,
    advised: str,
    rule: str,
    meaning: str,
) -> Advice:
    return Advice(
        proc=asked.proc, group=asked.group, bound=bound, resource=resource, present=present, advised=advised,
        rule=rule, meaning=meaning,
    )  # fmt: skip


def _meaning(freed: float, pods: int, worded: object, what: str) -> str:
    assert callable(worded)
    amount = worded(abs(freed) * max(1, pods))
    over = f" over {counted(pods, 'pod')}" if pods > 1 else ""
    if freed > 0:
        return f"frees {amount} of {what} for others{over}"
    return f"reserves {amount} more of {what}{over}, which is used already"


def _cores(quantity: str) -> float | None:
    try:
        return millicores(quantity) if quantity else None
    except ValueError:
        return None


def _bytes(quantity: str) -> float | None:
    try:
        return parse_quantity(quantity) if quantity else None
    except ValueError:
        return None
