"""What pods use, against what they asked for and may use at most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Protocol

from lain_tui.core.model.pod import Container, Pod
from lain_tui.core.model.quantity import parse_quantity
from lain_tui.core.model.status import Usage


class Samples(Protocol):
    """The last samples of one container (`core.kube.metrics.Trend`): millicores and bytes, oldest first."""

    @property
    def cpu(self) -> tuple[float, ...]: ...
    @property
    def memory(self) -> tuple[float, ...]: ...


class PodSamples(Protocol):
    """What the metrics API measured of one pod (`core.kube.metrics.Measured`)."""

    @property
    def parts(self) -> Mapping[str, Samples]: ...


def pod_usage(pod: Pod, measured: PodSamples | None) -> tuple[Usage, Usage]:
    """CPU in millicores and memory in bytes, all containers together.

    A limit is known only when every container has one: a single container without is free to take all.
    """
    containers = pod.spec.containers or ()
    parts = () if measured is None else tuple(measured.parts.values())
    cpu = [part.cpu for part in parts]
    memory = [part.memory for part in parts]
    return (
        _usage(added(cpu), _asked(containers, "cpu", 1000), _allowed(containers, "cpu", 1000)),
        _usage(added(memory), _asked(containers, "memory", 1), _allowed(containers, "memory", 1)),
    )


def _usage(trend: tuple[float, ...], request: float | None, limit: float | None) -> Usage:
    if not trend and request is None and limit is None:
        return NOTHING
    return Usage(used=trend[-1] if trend else None, request=request, limit=limit, trend=trend)


NOTHING = Usage()


def total(usages: Sequence[Usage]) -> Usage:
    """The usage of several pods together; a limit only when each has one."""
    if not usages:
        return NOTHING
    used = [usage.used for usage in usages if usage.used is not None]
    requests = [usage.request for usage in usages if usage.request is not None]
    limits = [usage.limit for usage in usages if usage.limit is not None]
    return Usage(
        used=sum(used) if used else None,
        request=sum(requests) if requests else None,
        limit=sum(limits) if len(limits) == len(usages) else None,
        trend=added([usage.trend for usage in usages if usage.trend]),
    )


def added(trends: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    """The trends summed, aligned at their last samples: a younger one counts as nothing before it began."""
    if len(trends) == 1:
        return trends[0]
    # zip and sum run in C: a proc of 5,000 pods with 40 samples each costs a few milliseconds.
    backwards = zip_longest(*(trend[::-1] for trend in trends), fillvalue=0.0)
    return tuple(map(sum, backwards))[::-1]


def _asked(containers: Iterable[Container], resource: str, scale: float) -> float | None:
    amounts = [_amount(container.resources.requests, resource, scale) for container in containers]
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def _allowed(containers: Sequence[Container], resource: str, scale: float) -> float | None:
    amounts = [_amount(container.resources.limits, resource, scale) for container in containers]
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known and len(known) == len(amounts) else None


def _amount(quantities: Mapping[str, str] | None, resource: str, scale: float) -> float | None:
    text = (quantities or {}).get(resource)
    if text is None:
        return None
    try:
        return parse_quantity(text) * scale
    except ValueError:
        return None
