"""The release in the header: the newest helm revision, read anew when helm writes one."""

from __future__ import annotations

import asyncio
from typing import Self

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.helm.releases import current_head
from lain_tui.core.kube.change import Change
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import ApiAbsent, Forbidden, KubeError
from lain_tui.core.kube.resources import SECRETS
from lain_tui.core.kube.store import Store, Subscription
from lain_tui.core.model.meta import PartialObject
from lain_tui.core.model.status import ReleaseHead
from lain_tui.core.model.text import plain
from lain_tui.core.project.git import commit_of_tag, find_commit
from lain_tui.core.target import Target

_AGAIN = 10.0
"""Seconds after which a revision that could not be read is tried again."""


class Head:
    """Follows the release's Secrets by their metadata; open while in `async with`."""

    def __init__(self, kube: KubeClient, store: Store, target: Target) -> None:
        self._kube = kube
        self._store = store
        self._namespace = target.namespace
        self._release = target.release or target.app
        self._repository = target.chart.parent if target.chart is not None else None
        self._change = Change()
        self._subscription: Subscription[PartialObject] | None = None
        self._task: asyncio.Task[None] | None = None
        self.head: ReleaseHead | None = None
        """None before it is known, and for an app that helm did not make."""
        self.error: KubeError | None = None
        """Forbidden when Secrets may not be listed or read."""

    async def __aenter__(self) -> Self:
        if self._release:
            self._subscription = self._store.subscribe(
                SECRETS, namespace=self._namespace, selector=f"owner=helm,name={self._release}"
            )
            self._task = asyncio.create_task(self._follow(self._subscription), name="release head")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._subscription is not None:
            self._subscription.close()

    @property
    def version(self) -> int:
        """Grows when `head` or `error` changes."""
        return self._change.count

    async def changed(self, seen: int) -> int:
        """Wait until `version` differs from `seen`, and return it."""
        return await self._change.since(seen)

    async def _follow(self, secrets: Subscription[PartialObject]) -> None:
        await secrets.settled()
        while True:
            whole = await self._read(secrets)
            try:
                async with asyncio.timeout(None if whole else _AGAIN):
                    await secrets.changed()
            except TimeoutError:
                pass

    async def _read(self, secrets: Subscription[PartialObject]) -> bool:
        """Read the newest revision; False when that is to be tried again."""
        head, whole = self.head, True
        error: KubeError | None = None
        if isinstance(secrets.error, Forbidden | ApiAbsent):
            head, error = None, secrets.error
        elif secrets.synced:
            try:
                head = (
                    await current_head(self._kube, self._namespace, self._release) if secrets.items else None
                )
            except KubeError as failure:
                error, whole = failure, isinstance(failure, Forbidden)
            except LainError:
                whole = True  # the record is damaged; the History screen tells how
        if head is not None:
            head = await self._with_subject(head)
        if (head, error) != (self.head, self.error):
            self.head, self.error = head, error
            self._change.tell()
        return whole

    async def _with_subject(self, head: ReleaseHead) -> ReleaseHead:
        """The release with its commit's subject, when the repository we are in knows the commit."""
        if self._repository is None or head.subject or not commit_of_tag(head.image_tag):
            return head
        try:
            commit = await find_commit(self._repository, head.image_tag)
        except (LainError, OSError):
            return head
        return head if commit is None else msgspec.structs.replace(head, subject=plain(commit.subject))
