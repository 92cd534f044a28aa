"""Helm releases as they are recorded in the cluster."""

from __future__ import annotations

from datetime import datetime

from lain_tui.core.model.meta import KubeStruct


class Revision(KubeStruct, frozen=True, kw_only=True):
    """One revision of a release, without its manifest and values (those are decoded when asked for)."""

    release: str
    namespace: str
    revision: int
    status: str
    """helm's word: deployed, superseded, failed, pending-upgrade, pending-install, uninstalling …"""
    updated: datetime | None = None
    ready_after: float | None = None
    """Seconds until every pod was ready; None when nobody has noted it."""
    chart: str = ""
    description: str = ""
    image_tag: str = ""
    user: str = ""
    """Who deployed it: the `user` value that lain records; empty for a release made otherwise."""
    app: str = ""
    secret_uid: str = ""
    secret_version: str = ""
