"""Nodes: whether they work, and how full they are."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable

from lain_tui.core.kube.metrics import Measured
from lain_tui.core.model.cluster import Node
from lain_tui.core.model.meta import condition
from lain_tui.core.model.overview import NodeRow, Problem, Topic
from lain_tui.core.model.pod import Pod
from lain_tui.core.model.quantity import parse_quantity
from lain_tui.core.model.status import Severity, Usage
from lain_tui.core.model.text import plain
from lain_tui.core.triage.podstate import TERMINAL
from lain_tui.core.turns import batches, drain

_PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable")
_UNSCHEDULABLE = "node.kubernetes.io/"
"""Taints of the system's own, which the state tells already."""
FULL = 0.9
"""The share of the allocatable memory from which a node is at risk."""


def node_rows(
    nodes: Iterable[Node], pods: Iterable[Pod], measured: Callable[[str], Measured | None]
) -> list[NodeRow]:
    """One row a node, the worst first."""
    return drain(node_steps(nodes, pods, measured))


def node_steps(
    nodes: Iterable[Node], pods: Iterable[Pod], measured: Callable[[str], Measured | None]
) -> Generator[None, None, list[NodeRow]]:
    """`node_rows`, pausing every few pods."""
    asked: dict[str, tuple[float, float, int]] = {}
    for batch in batches(pods):
        for pod in batch:
            if not pod.spec.node_name or pod.status.phase in TERMINAL:
                continue
            cpu, memory, count = asked.get(pod.spec.node_name, (0.0, 0.0, 0))
            more_cpu, more_memory = _requests(pod)
            asked[pod.spec.node_name] = (cpu + more_cpu, memory + more_memory, count + 1)
        yield
    rows = [_row(node, asked.get(node.metadata.name, (0.0, 0.0, 0)), measured) for node in nodes]
    return sorted(rows, key=lambda row: (-row.severity, row.name))


def node_problems(rows: Iterable[NodeRow]) -> list[Problem]:
    """The nodes that need somebody."""
    return [
        Problem(
            key=f"nodes/{row.name}",
            topic=Topic.NODES,
            severity=row.severity,
            title=row.state,
            where=row.name,
            lines=tuple(filter(None, [row.detail, *(f"taint {taint}" for taint in row.taints)])),
            kind="Node",
            name=row.name,
        )
        for row in rows
        if row.severity >= Severity.RISK
    ]


def _requests(pod: Pod) -> tuple[float, float]:
    """Millicores and bytes that the scheduler counts for a pod's containers."""
    cpu = memory = 0.0
    for container in pod.spec.containers or ():
        requests = container.resources.requests or {}
        cpu += _quantity(requests.get("cpu"), 1000)
        memory += _quantity(requests.get("memory"), 1)
    return cpu, memory


def _quantity(text: str | None, scale: float) -> float:
    try:
        return parse_quantity(text) * scale if text else 0.0
    except ValueError:
        return 0.0


def _row(node: Node, asked: tuple[float, float, int], measured: Callable[[str], Measured | None]) -> NodeRow:
    meta, status = node.metadata, node.status
    used = measured(meta.name)
    allocatable = status.allocatable or {}
    cpu, memory, count = asked
    memory_usage = Usage(
        used=used.memory if used is not None else None,
        request=memory,
        limit=_quantity(allocatable.get("memory"), 1) or None,
    )
    state, severity, detail = _state(node, memory_usage)
    return NodeRow(
        name=plain(meta.name),
        severity=severity,
        state=state,
        detail=detail,
        version=status.node_info.kubelet_version,
        taints=tuple(
            plain(f"{taint.key}{'=' + taint.value if taint.value else ''}:{taint.effect}")
            for taint in node.spec.taints or ()
            if not taint.key.startswith(_UNSCHEDULABLE)
        ),
        pods=count,
        cpu=Usage(
            used=used.cpu if used is not None else None,
            request=cpu,
            limit=_quantity(allocatable.get("cpu"), 1000) or None,
        ),
        memory=memory_usage,
        created=meta.creation_timestamp,
    )


def _state(node: Node, memory: Usage) -> tuple[str, Severity, str]:
    conditions = node.status.conditions
    ready = condition(conditions, "Ready")
    words, severity = ["Ready"], Severity.OK
    detail = ""
    if ready is None or not ready.is_true:
        unknown = ready is None or ready.status == "Unknown"
        words, severity = ["NotReady"], Severity.BROKEN
        detail = plain(ready.message) if ready is not None else "it has never reported"
        if unknown:
            detail = detail or "its kubelet has stopped reporting"
    for name in _PRESSURES:
        found = condition(conditions, name)
        if found is not None and found.is_true:
            words.append(name)
            severity = max(severity, Severity.RISK)
            detail = detail or plain(found.message)
    if node.spec.unschedulable:
        words.append("cordoned")
        severity = max(severity, Severity.RISK)
        detail = detail or "no new pods are placed on it (kubectl uncordon)"
    if memory.used is not None and memory.limit and memory.used >= FULL * memory.limit:
        words.append("memory nearly full")
        severity = max(severity, Severity.RISK)
    return ", ".join(words), severity, detail
