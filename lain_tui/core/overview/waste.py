"""Memory that is reserved and not used.

Only what a pod uses at this moment is known here; for one that can be relied on there is `lain-tui advice`,
which asks Prometheus for a week.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from lain_tui.core.kube.metrics import Measured
from lain_tui.core.model.pod import Pod
from lain_tui.core.model.workload import ReplicaSet
from lain_tui.core.status.owners import Owners
from lain_tui.core.status.usage import pod_usage

LEAST = 256 * 2.0**20
"""Bytes below which waste is not worth a word."""


class Waste(msgspec.Struct, frozen=True, kw_only=True):
    """A workload that reserves much more memory than it uses."""

    namespace: str
    workload: str
    pods: int
    requested: float
    """Bytes, all its pods together."""
    used: float

    @property
    def wasted(self) -> float:
        return self.requested - self.used


def wasted_memory(
    pods: Iterable[Pod],
    replica_sets: Iterable[ReplicaSet],
    measured: Callable[[str, str], Measured | None],
) -> list[Waste]:
    """Workloads that use less than half of what they reserve, the most wasteful first."""
    owners = Owners(replica_sets, ())
    found: dict[tuple[str, str], Waste] = {}
    for pod in pods:
        _, memory = pod_usage(pod, measured(pod.metadata.namespace, pod.metadata.name))
        if memory.used is None or not memory.request:
            continue
        owner = owners.of(pod.metadata)
        key = (pod.metadata.namespace, owner.name if owner is not None else pod.metadata.name)
        one = found.get(key) or Waste(namespace=key[0], workload=key[1], pods=0, requested=0.0, used=0.0)
        found[key] = msgspec.structs.replace(
            one, pods=one.pods + 1, requested=one.requested + memory.request, used=one.used + memory.used
        )
    wasteful = [one for one in found.values() if one.used * 2 < one.requested and one.wasted >= LEAST]
    return sorted(wasteful, key=lambda one: -one.wasted)
