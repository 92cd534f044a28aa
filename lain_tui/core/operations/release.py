"""What every change of a release shares: its diff, the guard against somebody else's, the rollout, the message."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from lain_tui.core.diff.crds import absent, in_words
from lain_tui.core.diff.keys import takes_part
from lain_tui.core.diff.server import ask_server, read_live, with_answer
from lain_tui.core.diff.text import CONTEXT
from lain_tui.core.diff.three import compare
from lain_tui.core.errors import LainError, Refused
from lain_tui.core.helm.crds import defined, is_of
from lain_tui.core.helm.history import History, objects_of
from lain_tui.core.helm.objects import Rendered
from lain_tui.core.helm.record import ReleaseRecord
from lain_tui.core.helm.releases import read_revision
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import KubeError
from lain_tui.core.kube.logs import read_log
from lain_tui.core.kube.resources import PODS, SECRETS
from lain_tui.core.model.diff import ReleaseDiff
from lain_tui.core.model.managed import ManagedFields
from lain_tui.core.model.plan import Step
from lain_tui.core.model.release import Revision
from lain_tui.core.model.status import SERVING
from lain_tui.core.model.text import listed, since
from lain_tui.core.notify.notice import Notice, executor
from lain_tui.core.notify.webhook import notify
from lain_tui.core.operations.operation import told
from lain_tui.core.project.git import find_commit
from lain_tui.core.target import Target

TIMEOUT = 300.0
"""Seconds that helm's hooks, and then the rollout, are given."""
_LOG_LINES = 20


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A release as it is recorded now."""

    revisions: tuple[Revision, ...] = ()
    """Of every release in the namespace."""
    newest: Revision | None = None
    record: ReleaseRecord | None = None
    """Of the newest revision."""
    base: ReleaseRecord | None = None
    """What helm goes from: the revision that is deployed, the newest where none is."""

    @property
    def good(self) -> int:
        """The newest revision of this release that was deployed without a failure; 0 without one."""
        own = [
            one for one in self.revisions if self.newest is not None and one.release == self.newest.release
        ]
        for status in ("deployed", "superseded"):
            if found := next((one.revision for one in own if one.status == status), 0):
                return found
        return 0

    @property
    def unfinished(self) -> str:
        """That the newest revision is not what is compared with, as a sentence; empty where it is."""
        if self.newest is None or self.base is None or self.base.version == self.newest.revision:
            return ""
        return (
            f"Revision {self.newest.revision} is {self.newest.status}: helm goes from revision {self.base.version}, "
            "and what lives may be partly of the newer one."
        )


async def look_up(kube: KubeClient, target: Target, release: str) -> Known:
    """Raises KubeError, and LainError when a record that counts is damaged."""
    revisions = tuple(await History(kube, target.namespace, "").revisions())
    newest = next((one for one in revisions if one.release == release), None)
    if newest is None:
        return Known(revisions=revisions)
    record = await read_revision(kube, target.namespace, release, newest.revision)
    deployed = next((one for one in revisions if (one.release, one.status) == (release, "deployed")), newest)
    base = record
    if deployed.revision != newest.revision:
        base = await read_revision(kube, target.namespace, release, deployed.revision)
    return Known(revisions=revisions, newest=newest, record=record, base=base)


async def guard(kube: KubeClient, target: Target, release: str, planned: Revision | None) -> None:
    """Raise Refused when the release has moved since the plan was made: its diff is no longer true."""
    found = [
        one for one in await History(kube, target.namespace, release).revisions() if one.release == release
    ]
    newest = found[0] if found else None
    was = (planned.revision, planned.status) if planned is not None else None
    now = (newest.revision, newest.status) if newest is not None else None
    if was == now:
        return
    who = ""
    if newest is not None:
        with contextlib.suppress(LainError):
            record = await read_revision(kube, target.namespace, release, newest.revision)
            who = f" by {record.user}" if record.user else f", {record.info.description}"
    told_now = f"revision {newest.revision} ({newest.status}{who})" if newest is not None else "gone"
    raise Refused(
        f"{release} has changed since the diff was made: it is {told_now} now", hint="Look at the diff again."
    )


async def make_diff(
    kube: KubeClient,
    target: Target,
    record: ReleaseRecord | None,
    following: Sequence[Rendered],
    *,
    crds: Sequence[Rendered] = (),
    renews_crds: bool = False,
    change: str = "",
    said: Iterable[str] = (),
    first: str = "",
    context: int = CONTEXT,
    reveal: bool = False,
) -> ReleaseDiff:
    """Three-way, with what the API server would answer, and what helm has said while it rendered.

    `crds` are those of the chart that follows, `renews_crds` is helm's way with them. Where the `change` is named
    (`rollback`), hooks that it does not run are left out. `first` is a note before all others; `context` are the equal
    lines kept around a difference; `reveal` shows what Secrets hold.

    Raises Unreachable; what may not be read is left out.
    """
    release = objects_of(record) if record is not None else []
    if change:
        release, following = (
            [one for one in state if takes_part(one.body, change)] for state in (release, following)
        )
    there = await read_live(kube, target.namespace, crds) if crds else {}
    custom = in_words(crds, there, target.namespace, first=record is None, renews=renews_crds)
    # What helm has yet to make the kinds of, nobody can be asked about.
    coming = defined(absent(crds, there, target.namespace)) if record is None else set()
    asked = [one for one in following if not is_of(one, coming)]
    alive, answer, notes = await asyncio.gather(
        read_live(kube, target.namespace, release, following),
        ask_server(kube, target.namespace, asked) if asked else _nothing(),
        secret_notes(kube, target, record),
    )
    notes = [*filter(None, [first]), *custom, *notes, *(f"Helm warns: {word}." for word in said)]
    diff = await asyncio.to_thread(
        compare,
        release,
        following,
        alive,
        namespace=target.namespace,
        context=context,
        reveal=reveal,
        notes=notes,
    )
    return diff if answer is None else with_answer(diff, *answer)


async def _nothing() -> None:
    return None


async def secret_notes(kube: KubeClient, target: Target, record: ReleaseRecord | None) -> list[str]:
    """Which of the app's Secrets changed after the release: no deploy carries them."""
    if record is None or record.updated is None:
        return []
    notes = []
    for name in (f"{target.app}-env", f"{target.app}-secret"):
        try:
            body = await kube.get_raw(SECRETS, name, target.namespace)
        except KubeError:
            continue
        managers = msgspec.json.decode(body, type=_Managed).metadata.managed_fields or ()
        later = [
            one for one in managers if one.time is not None and one.time > record.updated and one.data_keys
        ]
        if not later:
            continue
        last = max(later, key=lambda one: one.time or datetime.min.replace(tzinfo=UTC))
        keys = listed(sorted({key for one in later for key in one.data_keys}), most=8)
        notes.append(
            f"Secret {name} changed {since(last.time, datetime.now(UTC))} ago, after this release "
            f"({last.manager} wrote {keys}): no deploy carries that, and pods that started before do not have it."
        )
    return notes


class _Metadata(msgspec.Struct, frozen=True, rename="camel"):
    managed_fields: tuple[ManagedFields, ...] | None = None


class _Managed(msgspec.Struct, frozen=True):
    metadata: _Metadata = _Metadata()


def procs_of(objects: Iterable[Rendered], target: Target) -> list[str]:
    """The procs that have a rollout, as the status screen calls them."""
    release = target.release or target.app
    return sorted(one.name.removeprefix(f"{release}-") for one in objects if one.kind in SERVING)


async def job_logs(kube: KubeClient, target: Target, objects: Iterable[Rendered]) -> AsyncIterator[Step]:
    """The last lines of the pods of Jobs that run as hooks, after one has failed."""
    for one in objects:
        if one.kind != "Job" or "helm.sh/hook" not in one.annotations:
            continue
        with contextlib.suppress(KubeError):
            for pod in await kube.list(PODS, target.namespace, selector=f"job-name={one.name}"):
                if pod.status.phase != "Failed" or not pod.spec.containers:
                    continue
                container = pod.spec.containers[0].name
                async for line in read_log(
                    kube, target.namespace, pod.metadata.name, container, tail=_LOG_LINES
                ):
                    yield told(f"job {one.name}", line.text.decode(errors="replace").rstrip())


async def tell_team(
    target: Target,
    title: str,
    *,
    release: str,
    tag: str = "",
    before: str = "",
    error: str = "",
    cherry: Sequence[str] = (),
    values: Any = None,
) -> str:
    """Send what happened to the app's webhook; returns why it could not be sent, empty when all is well."""
    folder = target.chart.parent if target.chart is not None else None
    commit = await find_commit(folder, tag) if folder is not None and tag else None
    notice = Notice(
        title=title,
        fields=(
            ("cluster", target.cluster),
            ("namespace", target.namespace),
            ("release", release),
            ("executor", executor()),
            ("version", tag),
            ("before", before if before != tag else ""),
            ("commit", f"{commit.author}: {commit.subject}" if commit is not None else ""),
            ("error", error),
            ("commits", "; ".join(cherry)),
        ),
    )
    return await notify(target, notice, values=values)
