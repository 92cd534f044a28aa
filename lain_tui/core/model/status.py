"""What the Status screen shows and `status` prints: one picture of an app, computed by core."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum

import msgspec


class Severity(IntEnum):
    """How much a row needs the reader; ordered, so that `max` is the worst."""

    OK = 0
    DONE = 1
    """Finished and of no concern (a completed job): drawn dim."""
    PROGRESS = 2
    """On its way: starting, rolling out, terminating."""
    RISK = 3
    """Works, but needs a look: restarts, near a limit, drift."""
    BROKEN = 4


SERVING = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
"""The kinds of procs that have a rollout."""


class Usage(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """CPU in millicores or memory in bytes; None where nothing is known or set."""

    used: float | None = None
    request: float | None = None
    limit: float | None = None
    trend: tuple[float, ...] = ()
    """The last samples, oldest first."""


class PodRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    uid: str
    name: str
    namespace: str
    proc: str
    ready: int
    containers: int
    state: str
    """The reason in one word, as kubectl's STATUS column words it: Running, CrashLoopBackOff, Init:0/1 …"""
    detail: str = ""
    """What the state means: `exit 137, OOM-killed`; empty when the state says it all."""
    severity: Severity = Severity.OK
    restarts: int = 0
    last_restart: datetime | None = None
    created: datetime | None = None
    node: str = ""
    cpu: Usage = Usage()
    memory: Usage = Usage()
    image_tag: str = ""
    drift: str = ""
    """Why its image differs from the release's; empty when it does not."""
    outdated: bool = False
    """It is of an older revision than its workload's newest."""
    labels: dict[str, str] = {}
    probed: bool = False
    """Every container has a readiness probe, so that ready says more than begun."""
    container_names: tuple[str, ...] = ()


class CronRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a cronjob adds to its proc row."""

    schedule: str
    suspended: bool = False
    last_scheduled: datetime | None = None
    last_successful: datetime | None = None
    last_duration: float | None = None
    """Seconds that the last finished run took."""
    next_run: datetime | None = None
    active: int = 0


class ProcRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A proc: one workload of the app and the pods it made."""

    name: str
    """The proc's name as in values: `web`."""
    kind: str
    """Deployment, StatefulSet, DaemonSet, Job, CronJob, or Pod for pods that nobody owns."""
    resource: str
    """The Kubernetes object's name: `dummy-web`."""
    uid: str = ""
    severity: Severity = Severity.OK
    summary: str = ""
    """The rollout in words: `3 of 3, up to date`."""
    desired: int = 0
    updated: int = 0
    ready: int = 0
    available: int = 0
    settled: bool = False
    """The rollout is over: the controller has seen the newest spec, every replica is new and available."""
    hpa: tuple[int, int] | None = None
    """Minimum and maximum replicas when an autoscaler owns the count."""
    image_tag: str = ""
    drift: str = ""
    cpu: Usage = Usage()
    memory: Usage = Usage()
    cron: CronRow | None = None
    pods: tuple[PodRow, ...] = ()
    evicted: tuple[PodRow, ...] = ()
    """What is left of pods that a node or the scheduler ended and the workload has replaced: records, not faults."""
    created: datetime | None = None


class UrlRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One ingress host × path and what it answered."""

    url: str
    severity: Severity = Severity.PROGRESS
    status: int | None = None
    latency: float | None = None
    """Seconds to the answer's headers."""
    cause: str = ""
    """Why it failed, in words."""
    redirect: str = ""
    expires: datetime | None = None
    """When the certificate ends."""
    checked: datetime | None = None
    ingress: str = ""
    namespace: str = ""
    """The ingress's."""


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A pane that cannot be filled, and why: a missing permission, an API that is not served."""

    pane: str
    """Which part of the picture is missing: pods, events, metrics, urls, release …"""
    reason: str
    hint: str = ""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the picture is live."""

    live: bool
    stale_since: datetime | None = None
    """When the last good answer came, while not live."""
    reason: str = ""
    retry_at: datetime | None = None


class ReleaseHead(msgspec.Struct, frozen=True, kw_only=True):
    """The release in the header."""

    name: str
    revision: int
    status: str
    updated: datetime | None = None
    image_tag: str = ""
    user: str = ""
    subject: str = ""
    """The commit's subject when the repository knows the tag's commit."""


class StatusView(msgspec.Struct, frozen=True, kw_only=True):
    """One whole picture of an app at one moment."""

    app: str
    cluster: str
    namespace: str
    release: ReleaseHead | None = None
    procs: tuple[ProcRow, ...] = ()
    urls: tuple[UrlRow, ...] = ()
    gaps: tuple[Gap, ...] = ()
    link: Link = Link(live=False)
    synced: bool = False
    """False until the first full list has arrived."""

    @property
    def pods(self) -> tuple[PodRow, ...]:
        return tuple(pod for proc in self.procs for pod in proc.pods)

    @property
    def severity(self) -> Severity:
        return max((proc.severity for proc in self.procs), default=Severity.OK)
