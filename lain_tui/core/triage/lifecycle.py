"""Pods that were evicted, that do not go away, or whose node is gone."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lain_tui.core.model.cluster import Node
from lain_tui.core.model.finding import Evidence, EvidenceKind, Finding, Remedy
from lain_tui.core.model.meta import Condition, condition
from lain_tui.core.model.status import Severity
from lain_tui.core.model.text import listed, plain, shortened, since, spell
from lain_tui.core.triage.case import (
    PodCase,
    event_evidence,
    events_of,
    finding,
    status_evidence,
)

_PRESSURE = {
    "MemoryPressure": "memory",
    "DiskPressure": "disk",
    "PIDPressure": "process ids",
}
# The kubelet's words (pkg/kubelet/eviction/helpers.go).
_LOW = re.compile(r"The node was low on resource: (?P<resource>[\w-]+)")
_USED = re.compile(
    r"Container (?P<container>\S+) was using (?P<used>\S+), request is (?P<asked>[^,]+), has larger"
)
_DISK_LIMIT = re.compile(r"exceeds? (?:the |its )?(?:total |local )*(?:limit|ephemeral)")


def evicted(case: PodCase) -> Finding | None:
    """The node ended the pod to save itself."""
    status = case.pod.status
    if status.reason != "Evicted":
        return None
    match = _LOW.search(status.message)
    used = _USED.search(status.message)
    node = case.pod.spec.node_name
    if match:
        title = f"{case.proc} was evicted: node {node} ran low on {match['resource']}"
    elif _DISK_LIMIT.search(status.message):
        title = f"{case.proc} was evicted: it wrote more to disk than it may"
    else:
        title = f"{case.proc} was evicted from node {node}"
    used_words = ""
    if used is not None:
        asked = "nothing" if used["asked"] == "0" else used["asked"]
        used_words = f"{used['container']} used {used['used']} and asks for {asked}: ask for what it needs."
    replaced = case.pod.metadata.owner is not None
    return finding(
        case,
        "evicted",
        title,
        severity=Severity.RISK,
        explanation=[
            used_words,
            "Another pod has taken its place; this record can be deleted."
            if replaced
            else "Nobody will start it again.",
        ],
        evidence=[
            *event_evidence(events_of(case, "Evicted", "Preempted")),
            status_evidence(status.message, "Evicted"),
        ],
        remedies=[
            Remedy(text="delete the record", verb="delete", arguments={"kind": "Pod", "name": case.name})
        ],
    )


def terminating(case: PodCase) -> Finding | None:
    """The pod was deleted and is still there."""
    due = case.pod.metadata.deletion_timestamp
    if due is None or case.now < due or case.state.word not in ("Terminating", "Unknown"):
        return None
    over = since(due, case.now)
    meta = case.pod.metadata
    gone = _node_fault(case.node) if case.node is not None else ""
    if meta.finalizers:
        return finding(
            case,
            "terminating-finalizers",
            f"{case.proc} is deleted, but a finalizer holds the pod, for {over}",
            severity=Severity.RISK,
            explanation=[
                f"Held by {listed(list(meta.finalizers))}: the controller that set it must take it away."
            ],
            evidence=[
                status_evidence(listed(list(meta.finalizers)), "finalizers"),
                *event_evidence(case.events, 4),
            ],
            remedies=[Remedy(text="yaml", verb="yaml", arguments={"kind": "Pod", "name": case.name})],
        )
    if gone:
        return finding(
            case,
            "terminating-node-lost",
            f"{case.proc} cannot end: node {case.pod.spec.node_name} {gone}",
            severity=Severity.RISK,
            explanation=["The pod stays until the node answers, or is removed from the cluster."],
            evidence=[*_node_evidence(case.node), *event_evidence(case.events, 4)],
            remedies=[_force(case)],
        )
    grace = case.pod.metadata.deletion_grace_period_seconds
    return finding(
        case,
        "terminating",
        f"{case.proc} does not end, {over} past its grace time" + (f" of {spell(grace)}" if grace else ""),
        severity=Severity.RISK,
        explanation=[
            "The kubelet could not stop it: a volume that cannot be unmounted, or a process that cannot die."
        ],
        evidence=event_evidence(case.events, 6)
        or [status_evidence(f"deleted, due {due:%H:%M:%S} UTC", "Terminating")],
        remedies=[_force(case)],
    )


def _force(case: PodCase) -> Remedy:
    return Remedy(
        text="delete it by force",
        verb="delete",
        arguments={"kind": "Pod", "name": case.name, "force": "true"},
    )


def node_trouble(case: PodCase) -> Finding | None:
    """The pod's node is not ready, and so the pod is not."""
    if case.node is None or case.pod.metadata.deletion_timestamp is not None:
        return None
    fault = _node_fault(case.node)
    if not fault or (case.state.word == "Running" and _ready(case)):
        return None
    name = case.node.metadata.name
    return finding(
        case,
        "node-not-ready",
        f"{case.proc} is on node {name}, which {fault}",
        explanation=["After 5 minutes Kubernetes starts it elsewhere, unless it is told otherwise."],
        evidence=[*_node_evidence(case.node), *event_evidence(case.events, 4)],
        remedies=[Remedy(text=f"look at node {name}", verb="nodes", arguments={"node": name})],
    )


def node_pressure(node: Node) -> tuple[str, ...]:
    """What a node is short of, in words."""
    return tuple(
        words
        for type_, words in _PRESSURE.items()
        if (found := condition(node.status.conditions, type_)) is not None and found.is_true
    )


def node_finding(node: Node) -> Finding | None:
    """What is wrong with a node itself; None for one that is well."""
    name = node.metadata.name
    fault = _node_fault(node)
    short = node_pressure(node)
    if fault:
        code, title, severity = "node-not-ready", f"node {name} {fault}", Severity.BROKEN
    elif short:
        code, title, severity = "node-pressure", f"node {name} is short of {listed(short)}", Severity.RISK
    else:
        return None
    return Finding(
        code=code,
        title=plain(title),
        severity=severity,
        subject=f"Node/{name}",
        explanation=("Pods on it may be evicted.",) if short and not fault else (),
        evidence=tuple(_node_evidence(node)),
        remedies=(Remedy(text=f"look at node {name}", verb="nodes", arguments={"node": name}),),
    )


def _node_fault(node: Node | None) -> str:
    """Why a node does not work, as the end of a sentence; empty for one that does."""
    ready = condition(node.status.conditions, "Ready") if node is not None else None
    if ready is None or ready.is_true:
        return ""
    if ready.status == "Unknown":
        return "no longer answers"
    return f"is not ready: {shortened(ready.message or ready.reason, 120)}"


def _node_evidence(node: Node | None) -> list[Evidence]:
    return [] if node is None else [_condition_line(one) for one in _bad(node.status.conditions or ())]


def _bad(conditions: Iterable[Condition]) -> list[Condition]:
    """The conditions that are not as they should be: Ready is meant to be true, all others false."""
    return [one for one in conditions if one.is_true != (one.type == "Ready")]


def _condition_line(one: Condition) -> Evidence:
    text = f"{one.type}={one.status} {one.reason}: {one.message}"
    return Evidence(
        kind=EvidenceKind.NODE, text=plain(text), label=one.type, time=one.last_transition_time, warning=True
    )


def _ready(case: PodCase) -> bool:
    found = condition(case.pod.status.conditions, "Ready")
    return found is not None and found.is_true
