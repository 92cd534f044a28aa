"""Volumes that are not there or cannot be mounted."""

from __future__ import annotations

import re

from lain_tui.core.model.cluster import Event
from lain_tui.core.model.finding import Finding
from lain_tui.core.model.status import Severity
from lain_tui.core.model.text import shortened
from lain_tui.core.triage.case import (
    PodCase,
    event_evidence,
    event_time,
    events_of,
    finding,
    latest_event,
    status_evidence,
)
from lain_tui.core.triage.settings import add_key, object_missing

# The kubelet's words (pkg/volume/secret, pkg/volume/configmap, pkg/kubelet/volumemanager).
_NO_OBJECT = re.compile(r"(?P<kind>secret|configmap)s? \"(?P<name>[^\"]+)\" not found")
_NO_KEY = re.compile(r"references non-existent (?P<kind>secret|config) key: (?P<key>\S+)")
_VOLUME = re.compile(r"for volume \"(?P<volume>[^\"]+)\"")
_ATTACHED = re.compile(r"Multi-Attach error for volume \"(?P<volume>[^\"]+)\"")


def mount_failed(case: PodCase) -> Finding | None:
    """The pod waits in ContainerCreating because a volume cannot be mounted."""
    if (
        case.state.word not in ("ContainerCreating", "PodInitializing", "Pending")
        and not case.state.initializing
    ):
        return None
    event = latest_event(case, "FailedMount", "FailedAttachVolume")
    started = latest_event(case, "Started")
    if event is None or (started is not None and event_time(started) > event_time(event)):
        return None
    text = event.message
    evidence = event_evidence(events_of(case, "FailedMount", "FailedAttachVolume"))
    if match := _NO_OBJECT.search(text):
        kind = "Secret" if match["kind"] == "secret" else "ConfigMap"
        return object_missing(case, kind, match["name"], name=case.proc, container="", evidence=evidence)
    if match := _NO_KEY.search(text):
        kind = "Secret" if match["kind"] == "secret" else "ConfigMap"
        owner = _owner(case, text, kind)
        return finding(
            case,
            "key-missing",
            f"{case.proc} cannot start: {kind} {owner} has no key {match['key']}",
            explanation=[f"The pod mounts {match['key']} as a file."],
            evidence=evidence,
            remedies=add_key(case, kind, owner, match["key"]),
        )
    if match := _ATTACHED.search(text):
        return finding(
            case,
            "volume-in-use",
            f"{case.proc}'s volume is still attached to another node",
            explanation=[
                "The pod that used it before must be gone first; a lost node holds it for some minutes."
            ],
            evidence=evidence,
        )
    volume = _VOLUME.search(text)
    return finding(
        case,
        "mount-failed",
        f"{case.proc} cannot mount volume {volume['volume']}"
        if volume
        else f"{case.proc} cannot mount its volumes",
        explanation=[shortened(text, 300)],
        evidence=evidence,
    )


def _owner(case: PodCase, text: str, kind: str) -> str:
    """The Secret or ConfigMap behind the volume that the message names."""
    match = _VOLUME.search(text)
    for volume in case.pod.spec.volumes or ():
        if match is None or volume.name != match["volume"]:
            continue
        if kind == "Secret" and volume.secret is not None:
            return volume.secret.secret_name
        if kind == "ConfigMap" and volume.config_map is not None:
            return volume.config_map.name
    return match["volume"] if match else "of a volume"


def claim_trouble(case: PodCase) -> Finding | None:
    """A volume claim of the pod is not bound, or not there."""
    for volume in case.pod.spec.volumes or ():
        if volume.persistent_volume_claim is None:
            continue
        name = volume.persistent_volume_claim.claim_name
        claim = case.claims.get(name)
        if claim is None:
            if case.claims or case.gathered:
                return _claim_finding(
                    case,
                    name,
                    "claim-missing",
                    f"{case.proc} waits for claim {name}, which does not exist",
                    "",
                )
            continue
        if claim.status.phase in ("Bound", ""):
            continue
        why = _claim_reason(case.claim_events, name)
        if claim.status.phase == "Lost":
            return _claim_finding(
                case, name, "claim-lost", f"{case.proc}'s volume claim {name} has lost its volume", why
            )
        wanted = claim.spec.storage_class_name
        storage = f" of storage class {wanted}" if wanted else ""
        return _claim_finding(
            case,
            name,
            "claim-pending",
            f"{case.proc} waits for volume claim {name}{storage}",
            why or "No volume was made for it yet.",
        )
    return None


def _claim_finding(case: PodCase, name: str, code: str, title: str, why: str) -> Finding:
    events = [event for event in case.claim_events if event.involved_object.name == name]
    evidence = [*event_evidence(events, most=4), *event_evidence(events_of(case, "FailedScheduling"), most=2)]
    return finding(
        case,
        code,
        title,
        explanation=[why],
        severity=Severity.BROKEN,
        evidence=evidence or [status_evidence(f"claim {name}", "PersistentVolumeClaim")],
    )


def _claim_reason(events: tuple[Event, ...], name: str) -> str:
    own = [event for event in events if event.involved_object.name == name]
    newest = max(own, key=event_time, default=None)
    if newest is None:
        return ""
    if newest.reason == "WaitForFirstConsumer":
        return "It is bound once a node is chosen for the pod."
    return shortened(newest.message, 300)
