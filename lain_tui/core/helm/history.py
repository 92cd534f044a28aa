"""The past of a release: listed by metadata alone, each revision unpacked when somebody looks at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.helm.objects import Rendered, split_manifest
from lain_tui.core.helm.record import ReleaseRecord
from lain_tui.core.helm.releases import list_revisions, read_revision
from lain_tui.core.helm.rolled_out import rolled_out
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.model.release import Revision

_KEPT = 12
"""Records held in memory: one may be some megabytes."""
_AT_ONCE = 4

PENDING = frozenset({"pending-install", "pending-upgrade", "pending-rollback", "uninstalling"})
"""States in which another helm is at work, or was when it died."""


class History:
    """One release's revisions; what was read is kept as long as the cluster has the same."""

    def __init__(self, kube: KubeClient, namespace: str, release: str) -> None:
        self._kube = kube
        self.namespace = namespace
        self.release = release
        self._records: dict[str, ReleaseRecord] = {}
        self._newest = 0

    async def revisions(self) -> list[Revision]:
        """Newest first, from metadata. Raises KubeError."""
        revisions = await list_revisions(self._kube, self.namespace, self.release)
        self._newest = revisions[0].revision if revisions else 0
        return revisions

    async def record(self, revision: Revision) -> ReleaseRecord:
        """One revision whole; raises KubeError, and LainError when helm's record is damaged."""
        key = f"{revision.secret_uid} {revision.secret_version}"
        record = self._records.pop(key, None)
        if record is None:
            record = await read_revision(self._kube, self.namespace, self.release, revision.revision)
        self._records[key] = record
        while len(self._records) > _KEPT:
            self._records.pop(next(iter(self._records)))
        return record

    async def details(self, revisions: Sequence[Revision]) -> AsyncIterator[Revision]:
        """The revisions with image tag, user, chart and description; in that order, a few read at once.

        One that cannot be read says so in its description. Of the newest the time until it was ready is looked for in
        the cluster, where nobody has noted it.
        """
        for start in range(0, len(revisions), _AT_ONCE):
            some = revisions[start : start + _AT_ONCE]
            for detailed in await asyncio.gather(*(self._detail(one) for one in some)):
                yield detailed

    async def _detail(self, revision: Revision) -> Revision:
        try:
            record = await read_revision(self._kube, self.namespace, self.release, revision.revision)
        except LainError as error:
            return msgspec.structs.replace(revision, description=error.what)
        if revision.revision == self._newest and revision.status == "deployed":
            revision = await self._with_ready(revision, record)
        return detailed(revision, record)

    async def _with_ready(self, revision: Revision, record: ReleaseRecord) -> Revision:
        if revision.ready_after is not None or revision.updated is None:
            return revision
        try:
            objects = objects_of(record)
        except LainError:
            return revision
        seconds = await rolled_out(self._kube, self.namespace, objects, revision.updated)
        return msgspec.structs.replace(revision, ready_after=seconds)

    async def find(self, number: int = 0) -> Revision:
        """The revision of that number, else (0) the newest; raises LainError when there is none."""
        revisions = await self.revisions()
        if not revisions:
            raise LainError(
                f"there is no release {self.release} in namespace {self.namespace}",
                hint="lain-tui apps lists what is there; lain-tui deploy makes one.",
            )
        if not number:
            return revisions[0]
        for one in revisions:
            if one.revision == number:
                return one
        known = [str(one.revision) for one in reversed(revisions)]
        raise LainError(
            f"{self.release} has no revision {number}", hint=f"Helm keeps {known[0]} to {known[-1]}."
        )


def detailed(revision: Revision, record: ReleaseRecord) -> Revision:
    """The revision with what only its record tells."""
    return msgspec.structs.replace(
        revision,
        status=revision.status or record.info.status,
        updated=record.updated or revision.updated,
        chart=record.chart_label,
        description=record.info.description,
        image_tag=record.image_tag,
        user=record.user,
        app=record.value("appname"),
    )


def objects_of(record: ReleaseRecord) -> list[Rendered]:
    """The objects of a revision, hooks too; raises LainError when its manifest is no YAML."""
    hooks = "".join(f"---\n# Source: {hook.path}\n{hook.manifest}\n" for hook in record.hooks or ())
    return split_manifest(record.manifest + "\n" + hooks)
