"""One object in ordered sections: what it is, what it runs, how it is, what happened to it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import Forbidden
from lain_tui.core.kube.resources import EVENTS, NODES, PODS, WATCHED
from lain_tui.core.model.cluster import Event
from lain_tui.core.model.description import Description, Line, Section
from lain_tui.core.model.pod import Pod
from lain_tui.core.model.text import plain, since
from lain_tui.core.status.particulars import particulars

Raw = dict[str, Any]


def describe(
    kind: str, body: bytes, events: Iterable[Event], now: datetime, pods: Iterable[Pod] = ()
) -> Description:
    """The description of an object given as JSON, a node's with its pods; a Secret's values never appear in it."""
    item: Raw = msgspec.json.decode(body)
    meta, spec, status = (_table(item, key) for key in ("metadata", "spec", "status"))
    pod_spec = spec if kind == "Pod" else _pod_template(spec)
    sections = [
        _identity(kind, meta, spec, status, now),
        *_containers(pod_spec, status if kind == "Pod" else {}, now),
        _volumes(pod_spec),
        _conditions(status, now),
        *particulars(kind, spec, status, pods),
        _keys(item),
        _events(events, now),
    ]
    title = plain(f"{kind} {meta.get('name', '')}")
    return Description(title, tuple(section for section in sections if section.lines))


async def fetch_description(kube: KubeClient, kind: str, name: str, namespace: str = "") -> Description:
    """The description of any object of a kind that is watched, with its events. Raises KubeError."""
    found = next(one for one in WATCHED if one.name == kind)
    body = await kube.get_raw(found, name, namespace)
    about = f"involvedObject.kind={kind},involvedObject.name={name}"  # a node's events have no uid of its own
    try:
        events = await kube.list(EVENTS, namespace, fields=about)
    except Forbidden:
        events = []
    pods: list[Pod] = []
    if found is NODES:
        with contextlib.suppress(Forbidden):
            pods = await kube.list(PODS, fields=f"spec.nodeName={name}")
    return describe(kind, body, events, datetime.now(UTC), pods)


def _identity(kind: str, meta: Raw, spec: Raw, status: Raw, now: datetime) -> Section:
    lines = [
        ("name", meta.get("name")),
        ("namespace", meta.get("namespace")),
        ("created", _when(meta.get("creationTimestamp"), now)),
        ("deleted", _when(meta.get("deletionTimestamp"), now)),
        ("finalizers", ", ".join(meta.get("finalizers") or ())),
        ("controlled by", _owners(meta)),
        ("phase", _joined(status.get("phase"), status.get("reason"), status.get("message"))),
        ("replicas", _replicas(kind, spec, status)),
        (
            "schedule",
            _joined(spec.get("schedule"), spec.get("timeZone"), "suspended" if spec.get("suspend") else ""),
        ),
        ("last success", _when(status.get("lastSuccessfulTime"), now)),
        ("node", _joined(spec.get("nodeName"), status.get("hostIP"))),
        ("pod IP", status.get("podIP")),
        ("service account", spec.get("serviceAccountName")),
        ("node selector", _pairs(spec.get("nodeSelector"))),
        ("priority", spec.get("priorityClassName")),
    ]
    found = [Line(key, plain(str(value))) for key, value in lines if value not in (None, "")]
    for name in ("labels", "annotations"):
        table = {k: v for k, v in (meta.get(name) or {}).items() if "last-applied" not in k}
        found += _listed(name, [f"{key}={value}" for key, value in table.items()])
    return Section("", tuple(found))


def _containers(spec: Raw, status: Raw, now: datetime) -> list[Section]:
    kinds = (
        ("initContainers", "initContainerStatuses", "init container"),
        ("containers", "containerStatuses", "container"),
        ("ephemeralContainers", "ephemeralContainerStatuses", "ephemeral container"),
    )
    sections = []
    for field, status_field, title in kinds:
        states = {one.get("name"): one for one in status.get(status_field) or ()}
        for one in spec.get(field) or ():
            name = plain(str(one.get("name", "")))
            sections.append(
                Section(f"{title} {name}", tuple(_container(one, states.get(one.get("name")), now)))
            )
    return sections


def _container(one: Raw, status: Raw | None, now: datetime) -> list[Line]:
    lines = [Line("image", plain(str(one.get("image", ""))))]
    if status is not None:
        lines += _state(status, now)
    for key in ("command", "args"):
        if one.get(key):
            lines.append(Line(key, plain(" ".join(map(str, one[key])))))
    ports = [f"{port.get('containerPort')}/{port.get('protocol', 'TCP')}" for port in one.get("ports") or ()]
    resources = _table(one, "resources")
    lines += [
        Line(key, plain(value))
        for key, value in (
            ("ports", ", ".join(ports)),
            ("requests", _pairs(resources.get("requests"))),
            ("limits", _pairs(resources.get("limits"))),
            *(
                (f"{name} probe", _probe(one.get(f"{name}Probe")))
                for name in ("startup", "readiness", "liveness")
            ),
        )
        if value
    ]
    lines += _listed("env from", [_env_from(source) for source in one.get("envFrom") or ()])
    lines += _listed("env", [_env(variable) for variable in one.get("env") or ()])
    lines += _listed("mounts", [_mount(mount) for mount in one.get("volumeMounts") or ()])
    return lines


def _state(status: Raw, now: datetime) -> list[Line]:
    lines = []
    for key, title in (("state", "state"), ("lastState", "before")):
        for word, detail in _table(status, key).items():
            end = detail.get("finishedAt") or detail.get("startedAt")
            code = f"exit {detail['exitCode']}" if "exitCode" in detail else ""
            text = _joined(word, detail.get("reason"), code, detail.get("message"), _when(end, now))
            bad = word == "waiting" or detail.get("exitCode", 0) != 0
            lines.append(Line(title, plain(text), ("broken" if key == "state" else "risk") if bad else ""))
    restarts = status.get("restartCount", 0)
    ready = "yes" if status.get("ready") else "no"
    return [
        Line("ready", ready, "" if status.get("ready") else "risk"),
        *lines,
        Line("restarts", str(restarts)),
    ]


def _volumes(spec: Raw) -> Section:
    rows = []
    for volume in spec.get("volumes") or ():
        kind = next((key for key in volume if key != "name"), "")
        source = volume.get(kind) or {}
        name = (
            source.get("secretName")
            or source.get("claimName")
            or source.get("name")
            or source.get("path")
            or ""
        )
        rows.append(Line(plain(str(volume.get("name", ""))), plain(_joined(kind, name))))
    return Section("volumes", tuple(rows))


_BAD_WHEN_TRUE = frozenset({
    "MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable", "ReplicaFailure", "Failed",
    "DisruptionTarget",
})  # fmt: skip


def _conditions(status: Raw, now: datetime) -> Section:
    rows = []
    for one in status.get("conditions") or ():
        when = _when(one.get("lastTransitionTime"), now)
        text = _joined(one.get("status"), one.get("reason"), one.get("message"), when)
        good = (one.get("status") == "True") is not (one.get("type") in _BAD_WHEN_TRUE)
        rows.append(Line(plain(str(one.get("type", ""))), plain(text), "" if good else "risk"))
    return Section("conditions", tuple(rows))


def _keys(item: Raw) -> Section:
    """The names in a Secret or ConfigMap, with the sizes of what they hold."""
    if item.get("kind") not in {"Secret", "ConfigMap"}:
        return Section("", ())
    data = item.get("data") or {}
    return Section(
        "keys", tuple(Line(plain(key), f"{len(str(value))} characters") for key, value in data.items())
    )


def _events(events: Iterable[Event], now: datetime) -> Section:
    ordered = sorted(events, key=lambda event: event.last_seen.timestamp() if event.last_seen else 0.0)
    rows = []
    for event in ordered:
        times = f" ×{event.times}" if event.times > 1 else ""
        text = f"{event.reason}{times}  {event.message}"
        rows.append(
            Line(f"{since(event.last_seen, now)} ago", plain(text), "risk" if event.is_warning else "")
        )
    return Section("events", tuple(rows))


def _pod_template(spec: Raw) -> Raw:
    """The pod spec of a workload's template; of a cronjob's, one level down."""
    return _table(_table(_table(_table(spec, "jobTemplate"), "spec") or spec, "template"), "spec")


def _replicas(kind: str, spec: Raw, status: Raw) -> str:
    if kind not in {"Deployment", "StatefulSet", "ReplicaSet"}:
        return ""
    parts = [f"{spec.get('replicas', 1)} wanted"]
    for key, word in (
        ("updatedReplicas", "updated"),
        ("readyReplicas", "ready"),
        ("availableReplicas", "available"),
    ):
        parts.append(f"{status.get(key, 0)} {word}")
    return ", ".join(parts)


def _env(variable: Raw) -> str:
    name, source = variable.get("name", ""), variable.get("valueFrom")
    if not source:
        return f"{name}={variable.get('value', '')}"
    for key, noun in (("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")):
        if ref := source.get(key):
            return f"{name} from {noun} {ref.get('name', '')}, key {ref.get('key', '')}"
    for key in ("fieldRef", "resourceFieldRef"):
        if ref := source.get(key):
            return f"{name} from {ref.get('fieldPath') or ref.get('resource', '')}"
    return str(name)


def _env_from(source: Raw) -> str:
    for key, noun in (("secretRef", "Secret"), ("configMapRef", "ConfigMap")):
        if ref := source.get(key):
            return _joined(f"{noun} {ref.get('name', '')}", "optional" if ref.get("optional") else "")
    return ""


def _mount(mount: Raw) -> str:
    part = f", subPath {mount['subPath']}" if mount.get("subPath") else ""
    return f"{mount.get('mountPath', '')} from {mount.get('name', '')}{part}"


def _probe(probe: Raw | None) -> str:
    if not probe:
        return ""
    what = "?"
    if get := probe.get("httpGet"):
        what = f"GET {get.get('path', '/')} on port {get.get('port')}"
    elif tcp := probe.get("tcpSocket"):
        what = f"connect to port {tcp.get('port')}"
    elif run := probe.get("exec"):
        what = " ".join(run.get("command") or ())
    elif grpc := probe.get("grpc"):
        what = f"gRPC on port {grpc.get('port')}"
    every, fails = probe.get("periodSeconds", 10), probe.get("failureThreshold", 3)
    return f"{what}, every {every} s, {fails} failures allowed"


def _owners(meta: Raw) -> str:
    return ", ".join(f"{ref.get('kind')} {ref.get('name')}" for ref in meta.get("ownerReferences") or ())


def _when(text: object, now: datetime) -> str:
    if not isinstance(text, str) or not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    ago = since(moment, now)
    return f"{ago} ago ({moment:%Y-%m-%d %H:%M:%S} UTC)"


def _listed(key: str, values: Sequence[str]) -> list[Line]:
    return [Line(key if number == 0 else "", plain(value)) for number, value in enumerate(values) if value]


def _pairs(table: object) -> str:
    return ", ".join(f"{key}={value}" for key, value in table.items()) if isinstance(table, dict) else ""


def _joined(*parts: object) -> str:
    return ", ".join(str(part) for part in parts if part)


def _table(item: Raw, key: str) -> Raw:
    value = item.get(key)
    return value if isinstance(value, dict) else {}
