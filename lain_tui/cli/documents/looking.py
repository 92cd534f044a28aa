"""What `status`, `apps`, `clusters` and `admin` print."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import msgspec

from lain_tui.cli.documents.document import Document
from lain_tui.core.insight.links import Shortcut
from lain_tui.core.model.finding import Finding
from lain_tui.core.model.fleet import Standing
from lain_tui.core.model.overview import Overview, Problem
from lain_tui.core.model.status import Gap, ProcRow, ReleaseHead, Severity, UrlRow
from lain_tui.core.overview.images import ImageUse


class StatusDocument(Document, frozen=True, kw_only=True):
    """An app at one moment."""

    of: ClassVar[tuple[str, ...]] = ("status",)

    app: str
    cluster: str
    namespace: str
    severity: Severity
    """The worst of all; an app with nothing in the cluster is broken."""
    live: bool
    """False when the cluster could not be asked just now."""
    release: ReleaseHead | None
    procs: tuple[ProcRow, ...]
    findings: tuple[Finding, ...]
    """Why it is unhealthy."""
    urls: tuple[UrlRow, ...]
    gaps: tuple[Gap, ...]
    """What could not be looked at, and why."""
    links: tuple[Shortcut, ...]
    """With -s: the app's pages in Kibana and Grafana."""
    time: datetime


class AppRow(msgspec.Struct, frozen=True, kw_only=True):
    """An app of a namespace."""

    name: str
    release: str | None
    """None when helm did not make it."""
    revision: int | None
    status: str | None
    """Of the newest revision, helm's word."""
    updated: datetime | None
    image_tag: str | None
    """Of its first workload."""
    procs: tuple[str, ...]
    """The workloads' names."""


class AppsDocument(Document, frozen=True, kw_only=True):
    """The apps of a namespace."""

    of: ClassVar[tuple[str, ...]] = ("apps",)

    cluster: str
    namespace: str
    apps: tuple[AppRow, ...]


class FleetDocument(Document, frozen=True, kw_only=True):
    """An app on every cluster."""

    of: ClassVar[tuple[str, ...]] = ("clusters",)

    app: str
    clusters: tuple[Standing, ...]
    broken: tuple[str, ...]
    """The clusters on which it is broken."""


class OverviewDocument(Document, frozen=True, kw_only=True):
    """A whole cluster at one moment."""

    of: ClassVar[tuple[str, ...]] = ("admin status",)

    overview: Overview


class ProblemsDocument(Document, frozen=True, kw_only=True):
    """What is wrong on a cluster, of one sort."""

    of: ClassVar[tuple[str, ...]] = ("admin list-singletons", "admin list-unused-ingress")

    cluster: str
    problems: tuple[Problem, ...]


class ImagesDocument(Document, frozen=True, kw_only=True):
    """The images that run on a cluster."""

    of: ClassVar[tuple[str, ...]] = ("admin list-images",)

    images: tuple[ImageUse, ...]


class WasteRow(msgspec.Struct, frozen=True, kw_only=True):
    """A workload that reserves much more memory than it uses; in bytes."""

    namespace: str
    workload: str
    pods: int
    requested: float
    """All its pods together."""
    used: float
    wasted: float


class WasteDocument(Document, frozen=True, kw_only=True):
    """Workloads that reserve much more than they use just now, the most wasteful first."""

    of: ClassVar[tuple[str, ...]] = ("admin list-waste",)

    workloads: tuple[WasteRow, ...]
