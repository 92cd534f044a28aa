"""Helm's releases, read from the cluster without helm: listed by metadata, unpacked one at a time."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import cast

import msgspec

from lain_tui.core.helm.ready import ready_after
from lain_tui.core.helm.record import ReleaseRecord, decode_secret
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import ApiAbsent, Forbidden
from lain_tui.core.kube.resources import CRONJOBS, DAEMONSETS, DEPLOYMENTS, SECRETS, STATEFULSETS, Kind
from lain_tui.core.model.meta import KubeObject
from lain_tui.core.model.pod import PodTemplate
from lain_tui.core.model.release import Revision
from lain_tui.core.model.status import ReleaseHead
from lain_tui.core.model.workload import CronJob, DaemonSet, Deployment, StatefulSet

APP_LABEL = "app.kubernetes.io/name"
_RELEASE_ANNOTATION = "meta.helm.sh/release-name"

_AnyWorkload = Kind[Deployment] | Kind[StatefulSet] | Kind[DaemonSet] | Kind[CronJob]
_WORKLOADS: tuple[_AnyWorkload, ...] = (DEPLOYMENTS, STATEFULSETS, DAEMONSETS, CRONJOBS)


class App(msgspec.Struct, frozen=True, kw_only=True):
    """An app as found in a namespace: workloads of one name, a helm release, or both."""

    name: str
    release: str = ""
    """Empty when helm did not make it."""
    namespace: str = ""
    procs: tuple[str, ...] = ()
    """The workloads' names."""
    image_tag: str = ""
    """Of its first workload; empty without one."""
    revision: int = 0
    status: str = ""
    """Of the newest revision, helm's word."""
    updated: datetime | None = None


async def list_revisions(kube: KubeClient, namespace: str, release: str = "") -> list[Revision]:
    """The revisions kept of one release, or (empty) of all in the namespace, newest first; from metadata alone.

    Raises KubeError, Forbidden when Secrets may not be listed.
    """
    selector = f"owner=helm,name={release}" if release else "owner=helm"
    secrets = await kube.list(SECRETS, namespace, selector=selector)
    revisions = [_revision(secret.metadata.labels or {}, secret) for secret in secrets]
    return sorted(
        (revision for revision in revisions if revision is not None),
        key=lambda revision: (revision.release, -revision.revision),
    )


def _revision(labels: dict[str, str], secret: KubeObject) -> Revision | None:
    version = labels.get("version", "")
    if not version.isdigit() or not labels.get("name"):
        return None
    meta = secret.metadata
    return Revision(
        release=labels["name"],
        namespace=meta.namespace,
        revision=int(version),
        status=labels.get("status", ""),
        updated=meta.creation_timestamp,
        ready_after=ready_after(labels, int(version)),
        secret_uid=meta.uid,
        secret_version=meta.resource_version,
    )


async def read_revision(kube: KubeClient, namespace: str, release: str, revision: int) -> ReleaseRecord:
    """One revision whole; raises KubeError when it cannot be had, LainError when it is damaged."""
    name = f"sh.helm.release.v1.{release}.v{revision}"
    body = await kube.get_raw(SECRETS, name, namespace)
    return await asyncio.to_thread(decode_secret, body, where=f"Secret {namespace}/{name}")


async def current_head(kube: KubeClient, namespace: str, release: str) -> ReleaseHead | None:
    """The newest revision of a release; None when there is none. Raises as `read_revision`."""
    revisions = await list_revisions(kube, namespace, release)
    if not revisions:
        return None
    newest = revisions[0]
    record = await read_revision(kube, namespace, release, newest.revision)
    return ReleaseHead(
        name=release,
        revision=newest.revision,
        status=newest.status or record.info.status,
        updated=record.updated or newest.updated,
        image_tag=record.image_tag,
        user=record.user,
    )


async def find_apps(kube: KubeClient, namespace: str) -> list[App]:
    """The apps of a namespace by name.

    What may not be listed is left out; raises Forbidden when nothing at all may be.
    """
    listing = asyncio.gather(*(_workloads(kube, kind, namespace) for kind in _WORKLOADS))
    answers, revisions = await asyncio.gather(listing, _newest_revisions(kube, namespace))
    if isinstance(revisions, Forbidden) and all(isinstance(answer, Forbidden) for answer in answers):
        raise revisions
    found: dict[str, App] = {}
    for answer in answers:
        for workload in () if isinstance(answer, Forbidden) else answer:
            known = found.get(workload.app) or App(name=workload.app, namespace=namespace)
            found[workload.app] = msgspec.structs.replace(
                known,
                release=known.release or workload.release,
                procs=(*known.procs, workload.name),
                image_tag=known.image_tag or workload.image_tag,
            )
    apps_of_releases = {app.release: app.name for app in found.values() if app.release}
    for newest in () if isinstance(revisions, Forbidden) else revisions:
        name = apps_of_releases.get(newest.release, newest.release)
        known = found.get(name) or App(name=name, namespace=namespace)
        found[name] = msgspec.structs.replace(
            known,
            release=newest.release,
            revision=newest.revision,
            status=newest.status,
            updated=newest.updated,
        )
    return [found[name] for name in sorted(found)]


class _Workload(msgspec.Struct, frozen=True, kw_only=True):
    app: str
    release: str
    name: str
    image_tag: str


async def _workloads(kube: KubeClient, kind: _AnyWorkload, namespace: str) -> list[_Workload] | Forbidden:
    try:
        listed = await kube.list(kind, namespace, selector=APP_LABEL)
    except Forbidden as refusal:
        return refusal
    except ApiAbsent:
        return []
    things = cast("list[Deployment | StatefulSet | DaemonSet | CronJob]", listed)
    return [
        _Workload(
            app=thing.metadata.label(APP_LABEL),
            release=thing.metadata.annotation(_RELEASE_ANNOTATION),
            name=thing.metadata.name,
            image_tag=_tag(
                thing.spec.job_template.spec.template if isinstance(thing, CronJob) else thing.spec.template
            ),
        )
        for thing in things
    ]


async def _newest_revisions(kube: KubeClient, namespace: str) -> list[Revision] | Forbidden:
    """The newest revision of each release."""
    try:
        revisions = await list_revisions(kube, namespace)
    except Forbidden as refusal:
        return refusal
    newest: dict[str, Revision] = {}
    for revision in revisions:
        newest.setdefault(revision.release, revision)
    return list(newest.values())


def _tag(template: PodTemplate) -> str:
    containers = template.spec.containers
    if not containers:
        return ""
    name = containers[0].image.partition("@")[0].rpartition("/")[2]
    return name.partition(":")[2]
