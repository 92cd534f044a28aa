"""Why something is unhealthy: a finding in words, and the evidence for it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from lain_tui.core.model.status import Severity


class EvidenceKind(StrEnum):
    EVENT = "event"
    LOG = "log"
    PREVIOUS_LOG = "previous log"
    STATUS = "status"
    NODE = "node"


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One line that proves a finding, as the cluster worded it."""

    kind: EvidenceKind
    text: str
    time: datetime | None = None
    label: str = ""
    """An event's reason, a container's name …"""
    count: int = 1
    warning: bool = False


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """Something the user can do about it; `verb` names an action of the app, empty for advice in words."""

    text: str
    verb: str = ""
    arguments: dict[str, str] = {}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one object, worded for its owner."""

    code: str
    """Stable name of the cause for scripts and tests: crash-loop, oom-killed, image-not-found …"""
    title: str
    """One line: `worker crashes 2 s after start`."""
    explanation: tuple[str, ...] = ()
    """Sentences under the title, most important first."""
    severity: Severity = Severity.BROKEN
    subject: str = ""
    """Kind/name the finding is about: `Pod/dummy-worker-7c9f-q9f7c`."""
    pod: str = ""
    container: str = ""
    evidence: tuple[Evidence, ...] = ()
    remedies: tuple[Remedy, ...] = ()
