"""Secrets and ConfigMaps laid open to be edited: their drafts, kept safe and kept up with the cluster."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any, Self

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.kube.change import Change
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import Forbidden
from lain_tui.core.kube.resources import (
    CONFIG_MAPS,
    CRONJOBS,
    DAEMONSETS,
    DEPLOYMENTS,
    PODS,
    SECRETS,
    STATEFULSETS,
)
from lain_tui.core.kube.store import Store, Subscription
from lain_tui.core.model.holder import Holder, Ref, Usage
from lain_tui.core.model.status import Link
from lain_tui.core.secrets.apply import Applied, Apply
from lain_tui.core.secrets.draft import Draft, Edits
from lain_tui.core.secrets.holders import read_holder
from lain_tui.core.secrets.keeping import Keeper
from lain_tui.core.secrets.origins import values_origin
from lain_tui.core.secrets.readers import usage_of
from lain_tui.core.target import Target

_AGAIN = 5.0
"""Seconds until what could not be read is asked for again."""
_ANY = {"Secret": Ref(name="", namespace=""), "ConfigMap": Ref(kind="ConfigMap", name="", namespace="")}


def own_refs(target: Target) -> tuple[Ref, ...]:
    """The two Secrets that the app's chart names: `APP-env` and `APP-secret`."""
    if not target.app:
        return ()
    return tuple(Ref(name=f"{target.app}-{what}", namespace=target.namespace) for what in ("env", "secret"))


def _place(target: Target) -> str:
    """The cluster by its name, kubeconfig and context: names alone are given twice."""
    files = "\0".join([*map(str, target.kubeconfig), target.context])
    return f"{target.cluster}@{hashlib.sha256(files.encode()).hexdigest()[:12]}"


class Papers:
    """What stays when a desk is left: the drafts, and what was applied and can be undone."""

    def __init__(self, target: Target, keeper: Keeper | None = None) -> None:
        self.keeper = keeper or Keeper(_place(target))
        self.drafts: dict[Ref, Draft] = {}
        self.done: list[Applied] = []
        self.safe = True
        """The drafts outlive this process."""

    @property
    def unapplied(self) -> list[Draft]:
        return [draft for draft in self.drafts.values() if draft]


class Desk:
    """What is open, by its ref. `version` grows with every change that can be seen."""

    def __init__(self, kube: KubeClient, store: Store, target: Target, papers: Papers | None = None) -> None:
        self._kube = kube
        self._store = store
        self._target = target
        self._papers = papers or Papers(target)
        self._keeper = self._papers.keeper
        self._drafts = self._papers.drafts
        self._faults: dict[Ref, LainError] = {}
        self._done = self._papers.done
        self._sending: dict[Ref, Edits] = {}
        self._news: list[str] = []
        self._change = Change()
        self._stack = AsyncExitStack()
        self._task: asyncio.Task[None] | None = None
        self._origin = values_origin(target)
        app = f"app.kubernetes.io/name={target.app}" if target.app else ""
        namespace = target.namespace
        self._held: dict[str, Subscription[Any]] = {
            "Secret": store.subscribe(SECRETS, namespace=namespace),
            "ConfigMap": store.subscribe(CONFIG_MAPS, namespace=namespace),
        }
        self._pods = store.subscribe(PODS, namespace=namespace, selector=app)
        self._workloads: list[Subscription[Any]] = [
            store.subscribe(kind, namespace=namespace, selector=app)
            for kind in (DEPLOYMENTS, STATEFULSETS, DAEMONSETS, CRONJOBS)
        ]

    async def __aenter__(self) -> Self:
        for looker in (*self._held.values(), self._pods, *self._workloads):
            await self._stack.enter_async_context(looker)
        self._task = asyncio.create_task(self._follow(), name="desk")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._stack.aclose()

    # -- looking

    @property
    def version(self) -> int:
        return self._change.count

    async def changed(self, seen: int) -> int:
        return await self._change.since(seen)

    @property
    def link(self) -> Link:
        return self._store.link

    @property
    def refs(self) -> list[Ref]:
        """What is open, in the order in which it was opened."""
        return list(dict.fromkeys([*self._drafts, *self._faults]))

    def draft(self, ref: Ref) -> Draft | None:
        """The draft of what is open; None while it cannot be read."""
        return self._drafts.get(ref)

    def fault(self, ref: Ref) -> LainError | None:
        """Why it cannot be read."""
        return self._faults.get(ref)

    @property
    def drafts(self) -> list[Draft]:
        """Those with something to apply."""
        return self._papers.unapplied

    @property
    def safe(self) -> bool:
        """The drafts outlive this process."""
        return self._papers.safe

    @property
    def conflicts(self) -> bool:
        return any(draft.conflicts for draft in self._drafts.values())

    def names(self) -> list[Ref]:
        """Every Secret and ConfigMap of the namespace that may be listed, releases of helm left out."""
        found = [
            msgspec.structs.replace(_ANY[kind], name=one.metadata.name, namespace=self._target.namespace)
            for kind, looker in self._held.items()
            for one in looker.items.values()
            if not one.metadata.name.startswith("sh.helm.release.")
        ]
        return sorted(found, key=lambda ref: (ref.kind == "ConfigMap", ref.name))

    def unseen(self, kind: str = "Secret") -> str:
        """Why changes by others are not seen while they happen; empty when they are."""
        error = self._held[kind].error
        return (
            f"{error.what}: what others change is seen when you apply" if isinstance(error, Forbidden) else ""
        )

    def usage(self, ref: Ref) -> Usage:
        """Who reads it, as the live specs say."""
        draft = self._drafts.get(ref)
        holder = draft.base if draft is not None else Holder(ref=ref, exists=False)
        denied = next((one.error for one in self._workloads if isinstance(one.error, Forbidden)), None)
        if draft is not None:
            holder = msgspec.structs.replace(holder, data={**holder.data, **draft.values})
        usage = usage_of(
            holder,
            [item for looker in self._workloads for item in looker.items.values()],
            self._pods.items.values(),
            release=self._target.release or self._target.app,
            origin=self._origin,
        )
        return msgspec.structs.replace(usage, unknown=denied.what) if denied is not None else usage

    def take_news(self) -> list[str]:
        """What happened to drafts by itself since this was asked last, in sentences."""
        news, self._news = self._news, []
        return news

    # -- opening

    async def open(self, ref: Ref) -> None:
        """Read it and lay it open; a draft that a dead process left is there again. Raises nothing."""
        await self._read(ref)

    async def _read(self, ref: Ref) -> None:
        try:
            holder = await read_holder(self._kube, ref)
        except LainError as error:
            self._faults[ref] = error
            self._change.tell()
            return
        self._faults.pop(ref, None)
        draft = self._drafts.get(ref)
        if draft is None:
            found = self._keeper.find(holder)
            self._drafts[ref] = found.draft if found is not None else Draft(holder)
            if found is not None:
                self._news.append(
                    f"Your draft of {ref.name} is back: what had it ended before it was applied"
                )
        elif draft.base.version != holder.version or draft.base.exists != holder.exists:
            self._merge(draft, holder)
        else:
            # The time of the last change comes with a reading only.
            draft.rebase(holder)
        self._change.tell()

    def _merge(self, draft: Draft, holder: Holder) -> None:
        had, before = bool(draft), draft.base.data
        draft.rebase(holder, self._sending.get(draft.ref))
        moved = sum(before.get(key) != holder.data.get(key) for key in {*before, *holder.data})
        if had and moved and draft.ref not in self._sending:
            self._news.append(
                f"Somebody changed {draft.ref.name}: "
                + ("the same keys as your draft" if draft.conflicts else "your draft is merged with it")
            )

    # -- editing

    def edited(self, ref: Ref) -> None:
        """The draft was changed: keep it safe."""
        draft = self._drafts.get(ref)
        if draft is not None:
            self._papers.safe = self._keeper.keep(draft)
        self._change.tell()

    # -- applying

    def apply(self, *, restart: bool) -> Apply:
        """The operation that applies every draft."""
        usages: Mapping[Ref, Usage] = {draft.ref: self.usage(draft.ref) for draft in self.drafts}
        return Apply(self._kube, self._target, self.drafts, usages=usages, restart=restart)

    def begun(self, operation: Apply) -> None:
        """It runs from now on: what it writes is no change of somebody else's."""
        self._sending = {draft.ref: draft.edits for draft in operation.drafts}

    async def ended(self, operation: Apply) -> None:
        """It is over, well or not: take in what it did."""
        for ref, applied in operation.applied.items():
            self._done.append(applied)
            if (draft := self._drafts.get(ref)) is not None:
                draft.rebase(applied.now, applied.sent)
                self._keeper.keep(draft)
        self._sending = {}
        for ref in {draft.ref for draft in operation.drafts}:
            await self._read(ref)

    def undo_applied(self) -> Ref | None:
        """Draft the way back of the change applied last; None when there is none."""
        while self._done:
            applied = self._done.pop()
            draft = self._drafts.get(applied.now.ref)
            if draft is not None:
                draft.update(applied.undone(draft.base).edits)
                self.edited(draft.ref)
                return draft.ref
        return None

    @property
    def can_undo_applied(self) -> bool:
        return bool(self._done)

    # -- following

    async def _follow(self) -> None:
        seen = -1
        while True:
            seen = await self._next(seen)
            stale = [ref for ref in self.refs if self._is_stale(ref)]
            for ref in stale:
                await self._read(ref)
            self._change.tell()

    async def _next(self, seen: int) -> int:
        """Wait for the store; while something cannot be read, only so long."""
        try:
            async with asyncio.timeout(_AGAIN if self._faults else None):
                return await self._store.changed(seen)
        except TimeoutError:
            return self._store.version

    def _is_stale(self, ref: Ref) -> bool:
        if ref in self._faults:
            return True
        looker, draft = self._held[ref.kind], self._drafts.get(ref)
        if draft is None or not looker.synced:
            return False
        there = next((one for one in looker.items.values() if one.metadata.name == ref.name), None)
        if there is None:
            return draft.base.exists
        return _is_newer(there.metadata.resource_version, draft.base.version)


def _is_newer(version: str, than: str) -> bool:
    """The watch may be a moment behind what was read or written: only what is newer is read again.

    Kubernetes promises since 1.35 that resourceVersions of one kind can be compared as numbers, and etcd's always could.
    """
    if version.isdigit() and than.isdigit():
        return int(version) > int(than)
    return version != than
