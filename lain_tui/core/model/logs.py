"""A line of a log, and where it came from."""

from __future__ import annotations

from enum import IntEnum

import msgspec


class Level(IntEnum):
    """How serious a line says it is; NONE when it says nothing."""

    NONE = 0
    TRACE = 1
    DEBUG = 2
    INFO = 3
    WARN = 4
    ERROR = 5
    FATAL = 6


class LineKind(IntEnum):
    """What a line of the stream is."""

    LOG = 0
    """The container wrote it."""
    CONTINUED = 1
    """The container wrote it as part of the entry above: the rest of a stack trace."""
    NOTICE = 2
    """The stream itself says it: a pod joined, a connection was lost and resumed."""
    CRASH = 3
    """The stream says that a container ended badly."""
    EVENT = 4
    """A Kubernetes event of the pod."""


class LogSource(msgspec.Struct, frozen=True, gc=False):
    """One container of one pod."""

    namespace: str
    pod: str
    container: str
    proc: str = ""
    pod_uid: str = ""


class LogLine(msgspec.Struct, frozen=True, gc=False):
    """One line, as the buffer hands it out."""

    index: int
    """Its place in the stream; never reused, so that a mark or a selection survives what is dropped."""
    time: int
    """Nanoseconds since 1970 as the node's clock had it; 0 when unknown."""
    source: LogSource | None
    """None for a notice about the whole stream."""
    text: str
    level: Level = Level.NONE
    kind: LineKind = LineKind.LOG
    late: bool = False
    """Arrived after younger lines had been shown: it stands where it arrived."""
