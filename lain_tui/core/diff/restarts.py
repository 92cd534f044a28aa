"""Which pods a change replaces, and why: the parts of the pod template that differ."""

from __future__ import annotations

from typing import Any

from lain_tui.core.diff.normal import Body, pod_template
from lain_tui.core.model.text import counted, listed

_WORDS = {
    "volumeMounts": "mounts", "envFrom": "env sources", "resources": "resources", "imagePullPolicy": "pull policy",
    "nodeSelector": "node selector", "serviceAccountName": "service account", "readinessProbe": "readiness probe",
    "livenessProbe": "liveness probe", "startupProbe": "startup probe", "initContainers": "init containers",
    "hostAliases": "host aliases", "terminationGracePeriodSeconds": "grace period",
}  # fmt: skip
_FIRST = ("image", "env", "command", "args")
"""Said first: what people change."""


def restarts(before: Body | None, after: Body | None) -> str:
    """`restarts 3 pods: image and env`, from normalised objects; empty when no pod is replaced."""
    template = pod_template(after) if after is not None else None
    if after is None or template is None:
        if before is not None and pod_template(before) is not None and after is None:
            pods = _pods(before)
            return f"ends {counted(pods, 'pod')}" if pods else ""
        return ""
    kind = str(after.get("kind", ""))
    if before is None:
        return _starts(kind, after)
    why = _differences(pod_template(before) or {}, template)
    if not why:
        return _scaled(before, after)
    reasons = listed(why, most=5)
    if kind == "CronJob":
        return f"the next run is new: {reasons}"
    if kind == "Job":
        return f"runs again: {reasons}"
    if (after["spec"].get("updateStrategy") or {}).get("type") == "OnDelete":
        return f"its pods change when they are deleted: {reasons}"
    pods = _pods(after if "replicas" in after["spec"] else before)
    counted_pods = counted(pods, "pod") if pods else "its pods"
    return f"restarts {counted_pods}: {reasons}"


def _starts(kind: str, body: Body) -> str:
    if kind == "CronJob":
        return ""
    pods = _pods(body)
    return f"starts {counted(pods, 'pod')}" if pods else "starts its pods"


def _scaled(before: Body, after: Body) -> str:
    was, will = before["spec"].get("replicas"), after["spec"].get("replicas")
    if was == will or will is None:
        return ""
    return f"{_count(was)} to {counted(_count(will), 'pod')}, none restarts"


def _count(replicas: Any) -> int:
    return int(replicas) if isinstance(replicas, int) else 1


def _pods(body: Body) -> int:
    """How many; 0 where it is not the object that says it."""
    if body.get("kind") in ("DaemonSet", "CronJob", "Job"):
        return 0
    return _count(body["spec"].get("replicas"))


def _differences(before: Body, after: Body) -> list[str]:
    """The parts that differ, in words."""
    found: dict[str, None] = {}
    was, will = before.get("spec") or {}, after.get("spec") or {}
    for part in ("labels", "annotations"):
        if (before.get("metadata") or {}).get(part) != (after.get("metadata") or {}).get(part):
            found[f"pod {part}"] = None
    for key in {*was, *will}:
        if was.get(key) == will.get(key):
            continue
        if key != "containers":
            found[_WORDS.get(key, key)] = None
            continue
        old = {str(container.get("name")): container for container in was.get(key) or []}
        new = {str(container.get("name")): container for container in will.get(key) or []}
        if old.keys() != new.keys():
            found["containers"] = None
        for name in old.keys() & new.keys():
            for field in {*old[name], *new[name]}:
                if old[name].get(field) != new[name].get(field):
                    found[_WORDS.get(field, field)] = None
    return sorted(found, key=lambda word: (_FIRST.index(word) if word in _FIRST else len(_FIRST), word))
