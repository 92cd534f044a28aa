"""Rows of pods, nodes, events and the other kinds of the core group."""

from __future__ import annotations

from ..duration import since
from ..kinds import (
    CLAIM,
    CLUSTER_ROLE_BINDING,
    CONFIG_MAP,
    EVENT,
    LEASE,
    NAMESPACE,
    NODE,
    POD,
    QUOTA,
    ROLE_BINDING,
    SECRET,
    SERVICE_ACCOUNT,
    STORAGE_CLASS,
    VOLUME,
)
from ..storage import Obj
from .columns import AGE, NAME, Column, Row, age, plain, wide


def _terminated_word(state: Obj, prefix: str = "") -> str:
    if state.get("reason"):
        return prefix + str(state["reason"])
    if state.get("signal"):
        return f"{prefix}Signal:{state['signal']}"
    return f"{prefix}ExitCode:{state['exitCode']}"


def _condition(status: Obj, kind: str) -> bool:
    return any(c["type"] == kind and c["status"] == "True" for c in status.get("conditions") or [])


def _init_reason(spec: Obj, status: Obj) -> str:
    """Tell what an unfinished init container is at; "" when all have finished."""
    total = len(spec.get("initContainers") or [])
    for i, container in enumerate(status.get("initContainerStatuses") or []):
        state = container.get("state") or {}
        terminated, waiting = state.get("terminated"), state.get("waiting") or {}
        if terminated is not None and terminated.get("exitCode") == 0:
            continue
        if terminated is not None:
            return _terminated_word(terminated, "Init:")
        if waiting.get("reason") and waiting["reason"] != "PodInitializing":
            return "Init:" + str(waiting["reason"])
        return f"Init:{i}/{total}"
    return ""


def pod_state(obj: Obj) -> str:
    """Tell a pod's state in the word ``kubectl get pods`` shows."""
    spec, status = obj["spec"], obj.get("status") or {}
    reason = status.get("reason") or status.get("phase", "Unknown")
    init = _init_reason(spec, status)
    reason = init if init and not _condition(status, "Initialized") else _containers_reason(reason, status)
    if obj["metadata"].get("deletionTimestamp"):
        if status.get("reason") == "NodeLost":
            return "Unknown"
        if status.get("phase") not in ("Failed", "Succeeded"):
            return "Terminating"
    return str(reason)


def _containers_reason(reason: str, status: Obj) -> str:
    running, failed = False, ""
    for container in reversed(status.get("containerStatuses") or []):
        state = container.get("state") or {}
        terminated = state.get("terminated")
        if (state.get("waiting") or {}).get("reason"):
            reason = state["waiting"]["reason"]
        elif terminated is not None:
            reason = _terminated_word(terminated)
            if terminated.get("exitCode"):
                failed = reason
        elif container.get("ready") and state.get("running") is not None:
            running = True
    if reason == "Completed":
        if running and _condition(status, "Ready"):
            return "Running"
        return failed or ("NotReady" if running else reason)
    return reason


def _restarts(status: Obj, now: float) -> str:
    initialised = _condition(status, "Initialized")
    containers = list(status.get("containerStatuses") or [])
    if not initialised:
        containers += status.get("initContainerStatuses") or []
    count = sum(c.get("restartCount", 0) for c in containers)
    ends = [((c.get("lastState") or {}).get("terminated") or {}).get("finishedAt") for c in containers]
    latest = max(filter(None, ends), default="")
    return f"{count} ({since(latest, now)} ago)" if count and latest else str(count)


def _pod(obj: Obj, now: float) -> Row:
    spec, status = obj["spec"], obj.get("status") or {}
    statuses = status.get("containerStatuses") or []
    ready = sum(1 for c in statuses if c.get("ready") and "running" in (c.get("state") or {}))
    return [
        obj["metadata"]["name"],
        f"{ready}/{len(spec['containers'])}",
        pod_state(obj),
        _restarts(status, now),
        age(obj, now),
        status.get("podIP") or "<none>",
        spec.get("nodeName") or "<none>",
        status.get("nominatedNodeName") or "<none>",
        "<none>",
    ]


def _node(obj: Obj, now: float) -> Row:
    status, info = obj["status"], obj["status"]["nodeInfo"]
    words = ["Ready" if _condition(status, "Ready") else "NotReady"]
    if obj["spec"].get("unschedulable"):
        words.append("SchedulingDisabled")
    roles = sorted(
        label.partition("/")[2]
        for label in obj["metadata"].get("labels") or {}
        if label.startswith("node-role.kubernetes.io/")
    )
    addresses = {a["type"]: a["address"] for a in status.get("addresses") or []}
    return [
        obj["metadata"]["name"],
        ",".join(words),
        ",".join(roles) or "<none>",
        age(obj, now),
        info["kubeletVersion"],
        addresses.get("InternalIP", "<none>"),
        addresses.get("ExternalIP", "<none>"),
        info["osImage"],
        f"{info['kernelVersion']} ({info['architecture']})",
        info["containerRuntimeVersion"],
    ]


def _event(obj: Obj, now: float) -> Row:
    first = since(obj.get("firstTimestamp") or obj.get("eventTime"), now)
    last = since(obj["lastTimestamp"], now) if obj.get("lastTimestamp") else first
    count = obj.get("count") or 1
    if obj.get("series"):
        count, last = obj["series"]["count"], since(obj["series"]["lastObservedTime"], now)
    target = obj["involvedObject"]
    source = obj.get("source") or {}
    origin = source.get("component") or obj.get("reportingComponent", "")
    if source.get("host"):
        origin += f", {source['host']}"
    return [
        last,
        obj.get("type", ""),
        obj.get("reason", ""),
        f"{target.get('kind', '').lower()}/{target.get('name', '')}",
        target.get("fieldPath", ""),
        origin,
        (obj.get("message") or "").strip(),
        first,
        count,
        obj["metadata"]["name"],
    ]


def _namespace(obj: Obj, now: float) -> Row:
    return [obj["metadata"]["name"], (obj.get("status") or {}).get("phase", ""), age(obj, now)]


def _secret(obj: Obj, now: float) -> Row:
    return [obj["metadata"]["name"], obj.get("type", ""), len(obj.get("data") or {}), age(obj, now)]


def _config_map(obj: Obj, now: float) -> Row:
    size = len(obj.get("data") or {}) + len(obj.get("binaryData") or {})
    return [obj["metadata"]["name"], size, age(obj, now)]


_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}


def _modes(modes: list[str] | None) -> str:
    return ",".join(_MODES.get(mode, mode) for mode in modes or [])


def _claim(obj: Obj, now: float) -> Row:
    spec, status = obj["spec"], obj.get("status") or {}
    phase = "Terminating" if obj["metadata"].get("deletionTimestamp") else status.get("phase", "")
    bound = bool(spec.get("volumeName"))
    return [
        obj["metadata"]["name"],
        phase,
        spec.get("volumeName", ""),
        (status.get("capacity") or {}).get("storage", "") if bound else "",
        _modes(status.get("accessModes")) if bound else "",
        spec.get("storageClassName", ""),
        "<unset>",
        age(obj, now),
        spec.get("volumeMode", "<unset>"),
    ]


def _volume(obj: Obj, now: float) -> Row:
    spec, status = obj["spec"], obj.get("status") or {}
    claim = spec.get("claimRef") or {}
    return [
        obj["metadata"]["name"],
        (spec.get("capacity") or {}).get("storage", ""),
        _modes(spec.get("accessModes")),
        spec.get("persistentVolumeReclaimPolicy", ""),
        status.get("phase", ""),
        f"{claim['namespace']}/{claim['name']}" if claim else "",
        spec.get("storageClassName", ""),
        "<unset>",
        status.get("reason", ""),
        age(obj, now),
        spec.get("volumeMode", "<unset>"),
    ]


def _quota(obj: Obj, now: float) -> Row:
    status = obj.get("status") or {}
    hard = status.get("hard") or obj["spec"].get("hard") or {}
    used = status.get("used") or {}
    texts = {name: f"{name}: {used.get(name, '0')}/{hard[name]}" for name in sorted(hard)}
    requests = ", ".join(text for name, text in texts.items() if not name.startswith("limits."))
    limits = ", ".join(text for name, text in texts.items() if name.startswith("limits."))
    return [obj["metadata"]["name"], requests, limits, age(obj, now)]


def _lease(obj: Obj, now: float) -> Row:
    return [obj["metadata"]["name"], (obj.get("spec") or {}).get("holderIdentity", ""), age(obj, now)]


def _storage_class(obj: Obj, now: float) -> Row:
    return [
        obj["metadata"]["name"],
        obj.get("provisioner", ""),
        obj.get("reclaimPolicy", "Delete"),
        obj.get("volumeBindingMode", "Immediate"),
        bool(obj.get("allowVolumeExpansion")),
        age(obj, now),
    ]


def _binding(obj: Obj, now: float) -> Row:
    reference = obj["roleRef"]
    return [obj["metadata"]["name"], f"{reference['kind']}/{reference['name']}", age(obj, now)]


TABLES = {
    POD: (
        [
            NAME,
            *plain("Ready", "Status", "Restarts"),
            AGE,
            *wide("IP", "Node", "Nominated Node", "Readiness Gates"),
        ],
        _pod,
    ),
    NODE: (
        [
            NAME,
            *plain("Status", "Roles"),
            AGE,
            *plain("Version"),
            *wide("Internal-IP", "External-IP", "OS-Image", "Kernel-Version", "Container-Runtime"),
        ],
        _node,
    ),
    EVENT: (
        [
            *plain("Last Seen", "Type", "Reason", "Object"),
            *wide("Subobject", "Source"),
            *plain("Message"),
            *wide("First Seen", "Count"),
            Column("Name", priority=1),
        ],
        _event,
    ),
    NAMESPACE: ([NAME, *plain("Status"), AGE], _namespace),
    SECRET: ([NAME, *plain("Type"), Column("Data", "integer"), AGE], _secret),
    CONFIG_MAP: ([NAME, Column("Data", "integer"), AGE], _config_map),
    SERVICE_ACCOUNT: ([NAME, AGE], lambda obj, now: [obj["metadata"]["name"], age(obj, now)]),
    CLAIM: (
        [
            NAME,
            *plain("Status", "Volume", "Capacity", "Access Modes", "StorageClass", "VolumeAttributesClass"),
            AGE,
            *wide("VolumeMode"),
        ],
        _claim,
    ),
    VOLUME: (
        [
            NAME,
            *plain("Capacity", "Access Modes", "Reclaim Policy", "Status", "Claim", "StorageClass"),
            *plain("VolumeAttributesClass", "Reason"),
            AGE,
            *wide("VolumeMode"),
        ],
        _volume,
    ),
    QUOTA: ([NAME, *plain("Request", "Limit"), AGE], _quota),
    LEASE: ([NAME, *plain("Holder"), AGE], _lease),
    STORAGE_CLASS: (
        [NAME, *plain("Provisioner", "ReclaimPolicy", "VolumeBindingMode", "AllowVolumeExpansion"), AGE],
        _storage_class,
    ),
    ROLE_BINDING: ([NAME, *plain("Role"), AGE], _binding),
    CLUSTER_ROLE_BINDING: ([NAME, *plain("Role"), AGE], _binding),
}
