"""Pods that no node takes.

The scheduler's message has the form `0/5 nodes are available: 2 Insufficient cpu, 3 node(s) had untolerated taint
{key: value}. preemption: …` (pkg/scheduler/framework/types.go, FitError); older releases say `node(s) had taint
{…}, that the pod didn't tolerate` and `node(s) didn't match node selector`.
"""

from __future__ import annotations

import re

import msgspec

from lain_tui.core.model.finding import Finding, Remedy
from lain_tui.core.model.meta import condition
from lain_tui.core.model.pod import Pod
from lain_tui.core.model.text import counted, listed, plain, since
from lain_tui.core.triage.case import (
    PodCase,
    event_evidence,
    events_of,
    finding,
    latest_event,
    status_evidence,
)
from lain_tui.core.triage.volumes import claim_trouble

_HEAD = re.compile(r"^(?P<free>\d+)/(?P<all>\d+) nodes are available(?:: (?P<reasons>.*))?$", re.DOTALL)
_PREEMPTION = re.compile(r"\.?\s*(?:preemption: .*|no new claims to deallocate.*)$", re.DOTALL)
_TAINT = re.compile(r"\{(?P<key>[^:}]+)(?:: ?(?P<value>[^}]*))?\}")
_NODE_TAINTS = {
    "node.kubernetes.io/not-ready": "not ready",
    "node.kubernetes.io/unreachable": "unreachable",
    "node.kubernetes.io/unschedulable": "cordoned",
    "node.kubernetes.io/memory-pressure": "short of memory",
    "node.kubernetes.io/disk-pressure": "short of disk",
    "node.kubernetes.io/pid-pressure": "short of process ids",
    "node.kubernetes.io/network-unavailable": "without network",
    "node-role.kubernetes.io/control-plane": "control plane only",
    "node-role.kubernetes.io/master": "control plane only",
}


class Obstacle(msgspec.Struct, frozen=True):
    """Why some nodes do not take a pod."""

    nodes: int
    kind: str
    """resource, selector, affinity, spread, taint, port, volume, claim, cordoned, pods, other."""
    words: str
    detail: str = ""
    """The resource, or the taint."""


class Refusal(msgspec.Struct, frozen=True):
    """The scheduler's message, taken apart."""

    nodes: int
    obstacles: tuple[Obstacle, ...]


def read_refusal(message: str) -> Refusal | None:
    """Take the scheduler's message apart; None when it is worded otherwise."""
    match = _HEAD.match(message.strip())
    if match is None:
        return None
    text = _PREEMPTION.sub("", match["reasons"] or "").rstrip(". ")
    obstacles = tuple(_obstacle(part.strip()) for part in _split(text) if part.strip())
    return Refusal(int(match["all"]), obstacles)


def _split(text: str) -> list[str]:
    """Split at the commas that begin a new reason: those before a number, outside of braces."""
    return re.split(r",\s+(?=\d+ (?:Insufficient|node\(s\)|Too many|nodes?\b))(?![^{]*\})", text)


_WORDINGS: tuple[tuple[str, str, str], ...] = (
    ("claim", r"unbound immediate PersistentVolumeClaims", "wait for a volume claim that is not bound"),
    ("claim", r"persistentvolumeclaim \"[^\"]+\" (?:not found|is being deleted)", "miss a volume claim"),
    ("volume", r"volume node affinity conflict", "cannot reach the volume of another node or zone"),
    ("volume", r"exceed max volume count", "hold as many volumes as they can"),
    ("volume", r"available persistent volumes to bind|VolumeBinding", "have no volume for the claim"),
    ("cordoned", r"were unschedulable", "are cordoned"),
    ("port", r"free ports", "have the wanted port in use"),
    ("spread", r"topology spread constraints", "would break the topology spread"),
    ("affinity", r"anti-affinity", "are ruled out by pod anti-affinity"),
    ("affinity", r"pod affinity", "are ruled out by pod affinity"),
    ("selector", r"didn't match (?:Pod's )?node (?:affinity|selector)|MatchNodeSelector",
     "do not match the node selector or affinity"),
    ("pods", r"Too many pods", "hold as many pods as they can"),
)  # fmt: skip
_RULES = tuple((kind, re.compile(pattern), words) for kind, pattern, words in _WORDINGS)


def _obstacle(part: str) -> Obstacle:
    number = re.match(r"(\d+)\s+", part)
    nodes = int(number[1]) if number else 0
    text = part[number.end() :] if number else part
    if text.startswith("Insufficient "):
        resource = text.removeprefix("Insufficient ").rstrip(".")
        return Obstacle(nodes, "resource", f"have too little {resource}", resource)
    if "taint" in text:
        taint = _TAINT.search(text)
        key = taint["key"].strip() if taint else ""
        state = _NODE_TAINTS.get(key)
        value = (taint["value"] or "").strip() if taint else ""
        words = f"are {state}" if state else f"keep others away (taint {key}{'=' + value if value else ''})"
        return Obstacle(nodes, "taint", words, key)
    for kind, pattern, words in _RULES:
        if pattern.search(text):
            return Obstacle(nodes, kind, words)
    return Obstacle(nodes, "other", text.removeprefix("node(s) "))


def unschedulable(case: PodCase) -> Finding | None:
    """The scheduler finds no node."""
    pod = case.pod
    scheduled = condition(pod.status.conditions, "PodScheduled")
    if scheduled is None or scheduled.is_true:
        return None
    if scheduled.reason == "SchedulingGated":
        return finding(
            case,
            "scheduling-gated",
            f"{case.proc} is held back by a scheduling gate",
            explanation=["Whoever set spec.schedulingGates must take it away."],
            evidence=[status_evidence(scheduled.message or scheduled.reason, "PodScheduled")],
        )
    event = latest_event(case, "FailedScheduling")
    message = scheduled.message or (event.message if event else "")
    refusal = read_refusal(message)
    evidence = [
        *event_evidence(events_of(case, "FailedScheduling", "NotTriggerScaleUp", "TriggeredScaleUp")),
    ] or [status_evidence(message, "PodScheduled", scheduled.last_transition_time)]
    missing = claim_trouble(case)
    if missing is not None and (refusal is None or any(one.kind == "claim" for one in refusal.obstacles)):
        return missing
    waited = since(scheduled.last_transition_time or pod.metadata.creation_timestamp, case.now)
    if refusal is None or not refusal.obstacles:
        return finding(
            case,
            "unschedulable",
            f"no node takes {case.proc}" + (f", for {waited}" if waited else ""),
            explanation=[message],
            evidence=evidence,
        )
    code, title = _title(case, refusal)
    return finding(
        case,
        code,
        title,
        explanation=[_sentence(refusal), *_asked(pod, refusal), _scaling(case)],
        evidence=evidence,
        remedies=[Remedy(text="look at the nodes", verb="nodes")],
    )


_CODES = {
    "resource": "insufficient-resources",
    "selector": "node-selector",
    "affinity": "pod-affinity",
    "spread": "topology-spread",
    "taint": "node-taints",
    "port": "host-port",
    "volume": "volume-affinity",
    "claim": "claim-pending",
    "cordoned": "nodes-cordoned",
    "pods": "nodes-full",
}


def _title(case: PodCase, refusal: Refusal) -> tuple[str, str]:
    resources = list(dict.fromkeys(one.detail for one in refusal.obstacles if one.kind == "resource"))
    # A lack of resources is what can be changed; taints of control planes and the like are always there.
    if resources:
        return _CODES["resource"], f"no node has enough {listed(resources)} for {case.proc}"
    main = max(refusal.obstacles, key=lambda one: one.nodes)
    code = _CODES.get(main.kind, "unschedulable")
    match main.kind:
        case "selector":
            return code, f"no node matches the selector of {case.proc}"
        case "taint":
            return code, f"no node takes {case.proc}: they {main.words}"
        case "claim":
            return code, f"{case.proc} waits for its volume claim"
        case _:
            return code, f"no node takes {case.proc}: {_count(main, refusal.nodes)}"


def _count(one: Obstacle, nodes: int) -> str:
    return f"{'all' if one.nodes == nodes > 1 else counted(one.nodes, 'node')} {one.words}"


def _sentence(refusal: Refusal) -> str:
    parts = [
        f"{one.nodes} {one.words}" if one.nodes else one.words
        for one in sorted(refusal.obstacles, key=lambda one: -one.nodes)
    ]
    return f"Of {counted(refusal.nodes, 'node')}: {'; '.join(plain(part) for part in parts)}."


def _asked(pod: Pod, refusal: Refusal) -> list[str]:
    """What the pod asks for, where that is what no node has."""
    asked = []
    for one in refusal.obstacles:
        if one.kind == "resource":
            amounts = [
                (container.resources.requests or {}).get(one.detail)
                for container in pod.spec.containers or ()
            ]
            known = [amount for amount in amounts if amount]
            if known:
                asked.append(f"It asks for {' + '.join(known)} of {one.detail}.")
        elif one.kind == "selector" and pod.spec.node_selector:
            labels = [f"{key}={value}" for key, value in pod.spec.node_selector.items()]
            asked.append(f"It wants nodes labelled {listed(labels)}.")
    return list(dict.fromkeys(asked))


def _scaling(case: PodCase) -> str:
    if latest_event(case, "TriggeredScaleUp"):
        return "The cluster autoscaler is adding a node."
    if latest_event(case, "NotTriggerScaleUp"):
        return "The cluster autoscaler has no kind of node that would help."
    return ""
