"""Startup, readiness and liveness probes. One that always succeeds is asked once; one that fails, every period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import shell
from ..storage import Obj
from .node import Node

if TYPE_CHECKING:
    from .container import Container

_WORDS = {"startup": "Startup", "readiness": "Readiness", "liveness": "Liveness"}


def look(container: Container, pod: Obj, node: Node, now: float) -> float | None:
    """Ask the probes that are due; give the time to ask again, or None when nothing will change."""
    if not container.has_started:
        return _startup(container, pod, node, now)
    times = [_readiness(container, pod, node, now), _liveness(container, pod, node, now)]
    return min((t for t in times if t is not None), default=None)


def _due(container: Container, kind: str, probe: Obj) -> float:
    """Give the time of the next attempt: the first after the initial delay, then one each period."""
    tries = container.failures.get(kind, 0)
    first = container.started_at + probe.get("initialDelaySeconds", 0) + 0.4
    return float(first + tries * probe.get("periodSeconds", 10))


def result(container: Container, pod: Obj, kind: str, probe: Obj) -> str:
    """Ask one probe; "" when it succeeds, else what it reports."""
    assert container.run is not None
    action = probe.get("httpGet") or probe.get("tcpSocket") or probe.get("grpc") or {}
    port = _port(container.spec, action.get("port", 0))
    ip = (pod.get("status") or {}).get("podIP", "")
    sick = container.run.sick.get(kind)
    if sick is not None:
        return sick.format(ip=ip, port=port, path=action.get("path", ""))
    if "exec" in probe:
        return _executed(container, probe["exec"].get("command") or [])
    if action and container.run.ports is not None and port not in container.run.ports:
        refused = f"dial tcp {ip}:{port}: connect: connection refused"
        scheme = str(action.get("scheme", "HTTP")).lower()
        return (
            f'Get "{scheme}://{ip}:{port}{action.get("path", "/")}": {refused}'
            if "httpGet" in probe
            else refused
        )
    return ""


def _executed(container: Container, command: list[str]) -> str:
    """Run a probe's command in the shell's imagination; what that does not know succeeds."""
    if not command or not shell.knows_script(command):
        return ""
    script = shell.run(command, container.env, {})
    return "\n".join(text for _, text in script.lines) + "\n" if script.code else ""


def _port(spec: Obj, port: int | str) -> int:
    if isinstance(port, int):
        return port
    if port.isdigit():
        return int(port)
    named = {p.get("name"): p["containerPort"] for p in spec.get("ports") or []}
    return int(named.get(port, 0))


def _fail(container: Container, pod: Obj, node: Node, kind: str, report: str) -> bool:
    """Note one failure; tell whether that is as many as the probe allows."""
    node.record(pod, "Unhealthy", f"{_WORDS[kind]} probe failed: {report}", container, warning=True)
    container.failures[kind] = container.failures.get(kind, 0) + 1
    probe = container.spec[f"{kind}Probe"]
    return bool(container.failures[kind] % max(1, probe.get("failureThreshold", 3)) == 0)


def _kill(container: Container, pod: Obj, node: Node, kind: str, now: float) -> None:
    from .container import stop

    text = f"Container {container.name} failed {kind} probe, will be restarted"
    node.record(pod, "Killing", text, container)
    probe = container.spec[f"{kind}Probe"]
    grace = probe.get("terminationGracePeriodSeconds", pod["spec"].get("terminationGracePeriodSeconds", 30))
    stop(container, float(grace), now)


def _startup(container: Container, pod: Obj, node: Node, now: float) -> float | None:
    probe = container.spec["startupProbe"]
    due = _due(container, "startup", probe)
    if now < due:
        return due
    report = result(container, pod, "startup", probe)
    if not report:
        container.has_started = True
        container.ready = "readinessProbe" not in container.spec
        return now + 0.1
    if _fail(container, pod, node, "startup", report):
        _kill(container, pod, node, "startup", now)
        return container.stopping_at
    return _due(container, "startup", probe)


def _readiness(container: Container, pod: Obj, node: Node, now: float) -> float | None:
    probe = container.spec.get("readinessProbe")
    if probe is None or container.ready:
        return None
    due = _due(container, "readiness", probe)
    if now < due:
        return due
    report = result(container, pod, "readiness", probe)
    if not report:
        container.ready = True
        return None
    _fail(container, pod, node, "readiness", report)
    return _due(container, "readiness", probe)


def _liveness(container: Container, pod: Obj, node: Node, now: float) -> float | None:
    probe = container.spec.get("livenessProbe")
    if probe is None or container.failures.get("liveness") == -1:
        return None
    due = _due(container, "liveness", probe)
    if now < due:
        return due
    report = result(container, pod, "liveness", probe)
    if not report:
        container.failures["liveness"] = -1
        return None
    if _fail(container, pod, node, "liveness", report):
        _kill(container, pod, node, "liveness", now)
        return container.stopping_at
    return _due(container, "liveness", probe)
