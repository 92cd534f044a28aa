"""What only one kind of object has to tell of itself: a node its size and its pods, an ingress its paths, a service its ports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lain_tui.core.model.description import Line, Section
from lain_tui.core.model.pod import Pod
from lain_tui.core.model.quantity import format_bytes, parse_quantity
from lain_tui.core.model.text import plain
from lain_tui.core.triage.podstate import TERMINAL, pod_state

Raw = dict[str, Any]


def particulars(kind: str, spec: Raw, status: Raw, pods: Iterable[Pod] = ()) -> Iterator[Section]:
    """The sections of that kind, none for most; `pods` are those on a node."""
    if kind == "Node":
        yield _section("node", _node(spec, status))
        yield _section("allocatable", _allocatable(status))
        yield _section("pods", _pods(pods))
    elif kind == "Ingress":
        yield _section("ingress", _paths(spec))
    elif kind == "Service":
        yield _section("service", _service(spec))


def _section(title: str, lines: Iterable[tuple[str, object]]) -> Section:
    return Section(title, tuple(Line(key, plain(str(value))) for key, value in lines if value))


def _node(spec: Raw, status: Raw) -> Iterator[tuple[str, object]]:
    info = status.get("nodeInfo") or {}
    yield "kubelet", info.get("kubeletVersion")
    yield (
        "system",
        ", ".join(filter(None, (info.get("osImage"), info.get("kernelVersion"), info.get("architecture")))),
    )
    yield "runtime", info.get("containerRuntimeVersion")
    yield "addresses", ", ".join(f"{one.get('address')}" for one in status.get("addresses") or ())
    yield "cordoned", "no new pods are placed on it" if spec.get("unschedulable") else ""
    for number, taint in enumerate(spec.get("taints") or ()):
        value = f"={taint['value']}" if taint.get("value") else ""
        yield "" if number else "taints", f"{taint.get('key')}{value}:{taint.get('effect')}"


def _allocatable(status: Raw) -> Iterator[tuple[str, object]]:
    whole = status.get("capacity") or {}
    for name, amount in (status.get("allocatable") or {}).items():
        told, most = _amount(name, amount), _amount(name, whole.get(name, amount))
        yield name, told if told == most else f"{told} of {most}"


def _amount(name: str, amount: str) -> str:
    if name not in ("memory", "ephemeral-storage"):
        return amount
    try:
        return format_bytes(parse_quantity(amount))
    except ValueError:
        return amount


def _pods(pods: Iterable[Pod]) -> Iterator[tuple[str, object]]:
    alive = (pod for pod in pods if pod.status.phase not in TERMINAL)
    for pod in sorted(alive, key=lambda pod: (pod.metadata.namespace, pod.metadata.name)):
        yield pod.metadata.namespace, f"{pod.metadata.name}  {pod_state(pod).word}"


def _paths(spec: Raw) -> Iterator[tuple[str, object]]:
    yield "class", spec.get("ingressClassName")
    yield "default", _backend(spec.get("defaultBackend") or {})
    for rule in spec.get("rules") or ():
        for path in (rule.get("http") or {}).get("paths") or ():
            yield f"{rule.get('host') or '*'}{path.get('path') or '/'}", _backend(path.get("backend") or {})
    for tls in spec.get("tls") or ():
        yield (
            "TLS",
            f"{', '.join(tls.get('hosts') or ())} with Secret {tls.get('secretName') or '(the default one)'}",
        )


def _backend(backend: Raw) -> str:
    service = backend.get("service")
    if not service:
        return str((backend.get("resource") or {}).get("name") or "")
    port = service.get("port") or {}
    return f"Service {service.get('name')}:{port.get('number') or port.get('name')}"


def _service(spec: Raw) -> Iterator[tuple[str, object]]:
    yield "type", spec.get("type")
    yield "address", spec.get("clusterIP")
    yield "selector", ", ".join(f"{key}={value}" for key, value in (spec.get("selector") or {}).items())
    for number, port in enumerate(spec.get("ports") or ()):
        name = f"  {port['name']}" if port.get("name") else ""
        yield (
            "" if number else "ports",
            f"{port.get('port')} → {port.get('targetPort') or port.get('port')}{name}",
        )
