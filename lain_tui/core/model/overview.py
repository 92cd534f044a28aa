"""What a whole cluster looks like: its nodes, and what needs somebody, by cause."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from lain_tui.core.model.status import Gap, Link, Severity, Usage


class Topic(StrEnum):
    """What a problem is about; in the order in which they are shown."""

    NODES = "nodes"
    PODS = "pods"
    RELEASES = "releases"
    URLS = "URLs"
    EVENTS = "warning events"
    INGRESSES = "ingresses without pods"
    SINGLETONS = "single replicas"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that needs a look: a cause, and all that it has struck."""

    key: str
    """Stays the same while the problem does."""
    topic: Topic
    severity: Severity
    title: str
    """`CrashLoopBackOff, exit 1`."""
    where: str = ""
    """`default/dummy`, a URL, a node."""
    count: int = 1
    since: datetime | None = None
    """Since when, or when last seen."""
    lines: tuple[str, ...] = ()
    """What belongs to it, one line each: the pods, the event's message …"""
    namespace: str = ""
    app: str = ""
    kind: str = ""
    name: str = ""
    """The object that is looked at when the problem is opened; the app when that is known."""
    struck: tuple[str, ...] = ()
    """The names of all objects of that kind that it is about, where they can be acted on together."""


class NodeRow(msgspec.Struct, frozen=True, kw_only=True):
    """One node and what its pods ask of it."""

    name: str
    severity: Severity = Severity.OK
    state: str = "Ready"
    """`Ready`, `NotReady`, `Ready, MemoryPressure`, `Ready, cordoned`."""
    detail: str = ""
    version: str = ""
    taints: tuple[str, ...] = ()
    pods: int = 0
    cpu: Usage = Usage()
    """Used and requested against what is allocatable (as the limit), in millicores."""
    memory: Usage = Usage()
    created: datetime | None = None


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """One picture of a cluster at one moment."""

    cluster: str
    version: str = ""
    """The API server's."""
    nodes: tuple[NodeRow, ...] = ()
    problems: tuple[Problem, ...] = ()
    """By topic, the worst first."""
    pods: int = 0
    bad_pods: int = 0
    namespaces: int = 0
    namespace: str = ""
    """The only one that the user may see; empty for all."""
    blind: str = ""
    """Why no pod may be seen, in no namespace; empty when some may."""
    gaps: tuple[Gap, ...] = ()
    link: Link = Link(live=False)
    synced: bool = False

    @property
    def severity(self) -> Severity:
        return max((problem.severity for problem in self.problems), default=Severity.OK)
