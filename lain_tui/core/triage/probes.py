"""Probes that fail: which one, what it asked, and what it was answered.

The kubelet's words are `Readiness probe failed: HTTP probe failed with statuscode: 503`, `Liveness probe failed: Get
"http://10.0.0.7:8080/healthz": dial tcp 10.0.0.7:8080: connect: connection refused`, `Startup probe errored: …`
(pkg/kubelet/prober).
"""

from __future__ import annotations

import re

import msgspec

from lain_tui.core.model.cluster import Event
from lain_tui.core.model.finding import Finding
from lain_tui.core.model.pod import Container, Probe
from lain_tui.core.model.text import counted, listed, plain, shortened, since
from lain_tui.core.triage.case import (
    PodCase,
    Trouble,
    best_tail,
    called,
    container_spec,
    event_evidence,
    event_time,
    events_of,
    finding,
    log_evidence,
    log_remedy,
    status_evidence,
    trouble,
)

_PROBE = re.compile(
    r"(?P<kind>Readiness|Liveness|Startup) probe (?:failed|errored)(?: and resulted in [^:]*)?:? ?(?P<answer>.*)",
    re.DOTALL,
)
_STATUS = re.compile(r"HTTP probe failed with statuscode: (?P<code>\d+)")
_REFUSED = re.compile(r"connection refused")
_TIMEOUT = re.compile(r"context deadline exceeded|Client\.Timeout|i/o timeout|timed out after")
_TLS = re.compile(
    r"server gave HTTP response to HTTPS client|malformed HTTP response|first record does not look like a TLS"
)
_RESET = re.compile(r"connection reset by peer|EOF$")
_FIELD_PATH = re.compile(r"spec\.(?:containers|initContainers)\{(?P<name>[^}]+)\}")


class FailedProbe(msgspec.Struct, frozen=True, kw_only=True):
    """A probe that failed, as the kubelet told it."""

    kind: str
    """readiness, liveness or startup."""
    answer: str
    event: Event
    container: str


def failed_probes(case: PodCase) -> list[FailedProbe]:
    """The probes that failed, the newest first."""
    found = []
    for event in sorted(events_of(case, "Unhealthy", "ProbeWarning"), key=event_time, reverse=True):
        match = _PROBE.match(event.message.strip())
        if match is None:
            continue
        path = _FIELD_PATH.search(event.involved_object.field_path)
        container = path["name"] if path else _only_container(case)
        found.append(
            FailedProbe(
                kind=match["kind"].lower(), answer=match["answer"].strip(), event=event, container=container
            )
        )
    return found


def _only_container(case: PodCase) -> str:
    containers = case.pod.spec.containers or ()
    return containers[0].name if containers else ""


def probe_of(container: Container, kind: str) -> Probe | None:
    """The container's probe of that kind."""
    probes = {
        "readiness": container.readiness_probe,
        "liveness": container.liveness_probe,
        "startup": container.startup_probe,
    }
    return probes.get(kind)


def failing_probe(case: PodCase) -> Finding | None:
    """A container runs, but does not answer as its probe wants; or was ended for it."""
    if case.pod.metadata.deletion_timestamp is not None:
        return None
    found = trouble(case)
    killed = _killed_for(case, found)
    unready = [one for one in case.pod.status.container_statuses or () if one.state.running and not one.ready]
    if not killed and not unready:
        return None
    names = {one.name for one in unready} | ({found.name} if found is not None and killed else set())
    failures = [probe for probe in failed_probes(case) if probe.container in names]
    failure = next((probe for probe in failures if killed and probe.kind != "readiness"), None)
    failure = failure or next(iter(failures), None)
    if failure is None:
        return _silent(case, found) if unready else None
    container = container_spec(case.pod, failure.container)
    if container is None:
        return None
    return _finding(case, failure, container, killed=killed)


def _killed_for(case: PodCase, found: Trouble | None) -> bool:
    if found is None:
        return False
    end = found.status.state.terminated or found.status.last_state.terminated
    return end is not None and any(
        re.search(r"failed (?:liveness|startup) probe", event.message)
        and event_time(event) >= (end.started_at or event_time(event))
        for event in events_of(case, "Killing")
    )


def _finding(case: PodCase, failure: FailedProbe, container: Container, *, killed: bool) -> Finding:
    probe = probe_of(container, failure.kind)
    name = called(case, trouble(case))
    asked = describe_probe(probe, container) if probe is not None else "its probe"
    answer = _answer(failure.answer, probe)
    title = f"{name} is not ready: {answer}"
    if failure.kind == "liveness":
        title = (
            f"{name} is restarted again and again: {answer}"
            if killed
            else f"{name} will be restarted: {answer}"
        )
    elif failure.kind == "startup":
        title = f"{name} does not come up in time: {answer}"
    times = counted(failure.event.times, "time")
    sentences = [
        f"The {failure.kind} probe asks {asked}, and failed {times}.",
        _port_hint(case, probe, container, failure.answer),
        _time_hint(failure, probe),
        "Nothing is sent to it until it is ready." if failure.kind == "readiness" else "",
    ]
    tail = best_tail(case, container.name)
    return finding(
        case,
        f"{failure.kind}-probe",
        title,
        explanation=sentences,
        container=container.name,
        evidence=[
            *event_evidence(events_of(case, "Unhealthy", "Killing", "BackOff"), most=4),
            *log_evidence(tail, 8),
        ],
        remedies=[log_remedy(case, container.name, previous=killed)],
    )


def _silent(case: PodCase, found: Trouble | None) -> Finding | None:
    """Not ready, and no event tells why any more: events are kept for an hour."""
    if found is None or found.status.state.running is None:
        return None
    probe = found.spec.readiness_probe or found.spec.startup_probe
    began = since(found.status.state.running.started_at, case.now)
    name = called(case, found)
    asked = f"Its readiness probe asks {describe_probe(probe, found.spec)}." if probe is not None else ""
    tail = best_tail(case, found.name)
    return finding(
        case,
        "not-ready",
        f"{name} runs for {began}, and is not ready",
        explanation=[
            asked,
            _port_hint(case, probe, found.spec, "refused"),
            "No event tells what it answered.",
        ],
        container=found.name,
        evidence=[*event_evidence(case.events, most=3), *log_evidence(tail, 8)]
        or [status_evidence("not ready", found.name)],
        remedies=[log_remedy(case, found.name, previous=False)],
    )


def describe_probe(probe: Probe, container: Container) -> str:
    """What a probe asks: `GET /healthz on port 8080`."""
    if probe.http_get is not None:
        scheme = "https " if probe.http_get.scheme.upper() == "HTTPS" else ""
        path = probe.http_get.path or "/"
        return f"{scheme}GET {path} on port {_port(probe.http_get.port, container)}"
    if probe.tcp_socket is not None:
        return f"for a connection on port {_port(probe.tcp_socket.port, container)}"
    if probe.exec is not None:
        return f"`{shortened(plain(' '.join(probe.exec.command or ())), 80)}`"
    return "its own service"


def _port(port: int | str, container: Container) -> str:
    number = port_number(port, container)
    return str(number) if number is not None else f"{port!r}, which no container port is called"


def port_number(port: int | str, container: Container) -> int | None:
    """A probe's port as a number; None for a name that the container does not have."""
    if isinstance(port, int):
        return port
    if port.isdecimal():
        return int(port)
    return next((one.container_port for one in container.ports or () if one.name == port), None)


def _answer(answer: str, probe: Probe | None) -> str:
    if match := _STATUS.search(answer):
        path = probe.http_get.path if probe is not None and probe.http_get is not None else ""
        return f"{path or 'it'} answers {match['code']}"
    if _TLS.search(answer):
        return "http and https are mixed up"
    if _REFUSED.search(answer):
        return "nothing listens on the probe's port"
    if _TIMEOUT.search(answer):
        return "no answer in time"
    if _RESET.search(answer):
        return "the connection is cut"
    if probe is not None and probe.exec is not None:
        return "its check command fails" + (f": {shortened(answer, 80)}" if answer else "")
    return shortened(plain(answer), 100) or "the probe fails"


def _port_hint(case: PodCase, probe: Probe | None, container: Container, answer: str) -> str:
    """Say so when the probe asks at a port that the container does not declare."""
    if probe is None or not container.ports or not (_REFUSED.search(answer) or answer == "refused"):
        return ""
    wanted = probe.http_get.port if probe.http_get else probe.tcp_socket.port if probe.tcp_socket else None
    number = None if wanted is None else port_number(wanted, container)
    declared = [one.container_port for one in container.ports]
    if wanted is None or number in declared:
        return "The program may listen on another port or only on 127.0.0.1: see its log." if wanted else ""
    return f"The probe asks port {wanted}, but containerPort is {listed([str(port) for port in declared])}."


def _time_hint(failure: FailedProbe, probe: Probe | None) -> str:
    if probe is None or not _TIMEOUT.search(failure.answer):
        return ""
    return f"It may take {counted(probe.timeout_seconds, 'second')} (timeoutSeconds)."
