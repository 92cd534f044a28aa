"""All that is known of one pod when the rules look at it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import msgspec

from lain_tui.core.model.cluster import Event, Node
from lain_tui.core.model.finding import Evidence, EvidenceKind, Finding, Remedy
from lain_tui.core.model.pod import Container, ContainerStatus, Pod
from lain_tui.core.model.status import Severity
from lain_tui.core.model.text import LONG_AGO, plain, uncoloured
from lain_tui.core.model.workload import PersistentVolumeClaim
from lain_tui.core.triage.podstate import PodState, pod_state


class TailLine(msgspec.Struct, frozen=True):
    """One line of a log."""

    text: str
    time: datetime | None = None


class Tail(msgspec.Struct, frozen=True, kw_only=True):
    """The last lines of one container's log."""

    container: str
    lines: tuple[TailLine, ...] = ()
    previous: bool = False
    """Of the instance before the last restart."""


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """The names in a Secret or ConfigMap. Values are never kept."""

    exists: bool = True
    names: frozenset[str] | None = None
    """None when they may not be read."""
    changed: datetime | None = None
    """When its data was last written."""


class PodCase(msgspec.Struct, frozen=True, kw_only=True):
    """A pod and everything around it that could explain its state; what was not fetched is absent."""

    pod: Pod
    proc: str
    now: datetime
    app: str = ""
    events: tuple[Event, ...] = ()
    """The pod's own, oldest first."""
    node: Node | None = None
    tails: tuple[Tail, ...] = ()
    secrets: Mapping[str, Keys] = {}
    config_maps: Mapping[str, Keys] = {}
    claims: Mapping[str, PersistentVolumeClaim] = {}
    claim_events: tuple[Event, ...] = ()
    memory: float | None = None
    """Bytes used now, all containers together."""
    gathered: bool = False
    """The evidence that must be fetched (logs, keys) has been."""

    @property
    def state(self) -> PodState:
        return pod_state(self.pod)

    @property
    def name(self) -> str:
        return self.pod.metadata.name


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """The container that is to blame, and what it is called in a sentence."""

    status: ContainerStatus
    spec: Container
    init: bool

    @property
    def name(self) -> str:
        return self.status.name


def trouble(case: PodCase) -> Trouble | None:
    """The container that decides the pod's state; for a pod that runs, the first that is not ready."""
    pod, state = case.pod, case.state
    status = state.culprit
    if status is None:
        unready = (one for one in pod.status.container_statuses or () if not one.ready)
        restarted = (one for one in pod.status.container_statuses or () if one.restart_count)
        status = next(unready, None) or next(restarted, None)
    if status is None:
        return None
    init = any(one.name == status.name for one in pod.spec.init_containers or ())
    spec = container_spec(pod, status.name)
    return None if spec is None else Trouble(status=status, spec=spec, init=init)


def container_spec(pod: Pod, name: str) -> Container | None:
    """A container's specification by its name."""
    spec = pod.spec
    every = (*(spec.containers or ()), *(spec.init_containers or ()), *(spec.ephemeral_containers or ()))
    return next((container for container in every if container.name == name), None)


def called(case: PodCase, found: Trouble | None) -> str:
    """What the culprit is called: its proc, or the container where it is not the only one."""
    if found is None:
        return case.proc
    if found.init:
        return f"init container {found.name} of {case.proc}"
    containers = case.pod.spec.containers or ()
    return case.proc if len(containers) == 1 else f"container {found.name} of {case.proc}"


def finding(
    case: PodCase,
    code: str,
    title: str,
    *,
    explanation: Iterable[str] = (),
    container: str = "",
    severity: Severity = Severity.BROKEN,
    evidence: Iterable[Evidence] = (),
    remedies: Iterable[Remedy] = (),
) -> Finding:
    """A finding about the case's pod; empty sentences are left out."""
    return Finding(
        code=code,
        title=plain(title),
        explanation=tuple(plain(sentence) for sentence in explanation if sentence),
        severity=severity,
        subject=f"Pod/{case.name}",
        pod=case.name,
        container=container,
        evidence=tuple(evidence),
        remedies=tuple(remedies),
    )


# -- evidence


def events_of(case: PodCase, *reasons: str) -> list[Event]:
    """The pod's events with one of these reasons, oldest first."""
    return [event for event in case.events if event.reason in reasons]


def latest_event(case: PodCase, *reasons: str) -> Event | None:
    """The newest of them."""
    return max(events_of(case, *reasons), key=event_time, default=None)


def event_time(event: Event) -> datetime:
    return event.last_seen or LONG_AGO


_POD_AND_UID = re.compile(r" in pod \S+_\S+\([0-9a-f-]{36}\)$")
"""How the kubelet ends its sentences: what the reader looks at already."""


def event_evidence(events: Iterable[Event], most: int = 6) -> list[Evidence]:
    """Events as evidence, the newest first; warnings before what is normal when there are too many."""
    newest = sorted(events, key=event_time, reverse=True)
    chosen = sorted(newest, key=lambda event: not event.is_warning)[:most]
    return [
        Evidence(
            kind=EvidenceKind.EVENT,
            text=plain(_POD_AND_UID.sub("", event.message)),
            time=event.last_seen,
            label=plain(event.reason),
            count=event.times,
            warning=event.is_warning,
        )
        for event in sorted(chosen, key=event_time, reverse=True)
    ]


def best_tail(case: PodCase, container: str) -> Tail | None:
    """The log that tells how a container ended: the previous instance's, or the current one when that has ended."""
    tails = [tail for tail in case.tails if tail.container == container and tail.lines]
    return next((tail for tail in tails if tail.previous), None) or next(iter(tails), None)


def log_evidence(tail: Tail | None, most: int = 12, upto: int | None = None) -> list[Evidence]:
    """The last lines of a log, oldest first; `upto` is the index of the line to end with."""
    if tail is None:
        return []
    end = len(tail.lines) if upto is None else upto + 1
    kind = EvidenceKind.PREVIOUS_LOG if tail.previous else EvidenceKind.LOG
    return [
        Evidence(kind=kind, text=uncoloured(line.text), time=line.time, label=tail.container)
        for line in tail.lines[max(0, end - most) : end]
    ]


def status_evidence(text: str, label: str = "", time: datetime | None = None) -> Evidence:
    """What an object's status says, as evidence."""
    return Evidence(kind=EvidenceKind.STATUS, text=plain(text), label=label, time=time, warning=True)


# -- remedies


def log_remedy(case: PodCase, container: str, *, previous: bool) -> Remedy:
    """Open the whole log."""
    return Remedy(
        text="whole log",
        verb="logs",
        arguments={"pod": case.name, "container": container, "previous": "true" if previous else ""},
    )


def nanoseconds(time: int) -> datetime | None:
    """A log line's time; None for 0, which stands for not known."""
    return datetime.fromtimestamp(time / 1e9, UTC) if time else None
