"""The live picture of a cluster, for any number of screens: one watch per question, however many look.

async with Store(kube) as store:
    async with store.subscribe(PODS, namespace="dummy") as pods:
        await pods.settled()
        while True:
            draw(pods.items.values(), pods.link)
            await pods.changed()
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

from lain_tui.core.kube.change import Change
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.decode import Unreadable
from lain_tui.core.kube.errors import KubeError, Unauthorized
from lain_tui.core.kube.feed import Feed, FeedKey, Pace
from lain_tui.core.kube.resources import Kind
from lain_tui.core.model.meta import KubeObject
from lain_tui.core.model.status import Link

T = TypeVar("T", bound=KubeObject)

LINGER = 5.0
"""Seconds a watch stays warm after its last looker left: going back to a screen costs nothing."""


class Subscription(Generic[T]):
    """One looker at one feed. Close it, or use it in `async with`."""

    def __init__(self, store: Store, feed: Feed[T]) -> None:
        self._store = store
        self._feed = feed
        self._seen = feed.change.count
        self._open = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    @property
    def items(self) -> Mapping[str, T]:
        """The objects by uid, as they are now; an object that did not change stays the same one."""
        return self._feed.items

    @property
    def version(self) -> int:
        """Grows with every visible change: of items, `synced`, `link` or `error`."""
        return self._feed.change.count

    @property
    def synced(self) -> bool:
        """A whole list has arrived; stays true while reconnecting."""
        return self._feed.synced

    @property
    def link(self) -> Link:
        """Whether the items are kept up now."""
        return self._feed.link

    @property
    def error(self) -> KubeError | None:
        """Why they are not: Forbidden and ApiAbsent say what is missing; None while live."""
        return self._feed.error

    @property
    def unreadable(self) -> Mapping[str, Unreadable]:
        """Objects that the cluster has and that could not be decoded, by uid."""
        return self._feed.unreadable

    async def changed(self) -> int:
        """Wait for a change since the last call (at first: since subscribing); return the version.

        However many changes came meanwhile, this returns once: what to show is the latest picture.
        """
        if self._feed.bug is None:
            self._seen = await self._feed.change.since(self._seen)
        if self._feed.bug is not None:
            raise self._feed.bug
        return self._seen

    async def settled(self) -> None:
        """Wait until there is a first answer: the items, or why there are none."""
        while not (self.synced or self.error is not None):
            await self.changed()

    def close(self) -> None:
        """Stop looking; what others look at goes on."""
        if self._open:
            self._open = False
            self._store.release(self._feed)


class Store:
    """Every feed of one cluster. Belongs to the event loop it was made in."""

    def __init__(self, kube: KubeClient, *, linger: float = LINGER, pace: Pace | None = None) -> None:
        """`linger` is how many seconds an unused watch is kept."""
        self._kube = kube
        self._linger = linger
        self._pace = pace or Pace()
        self._feeds: dict[FeedKey[Any], _Entry] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._change = Change()
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def subscribe(
        self, kind: Kind[T], *, namespace: str = "", selector: str = "", fields: str = ""
    ) -> Subscription[T]:
        """Look at a kind: in one namespace, or (empty) in all.

        The first subscription of a question starts its watch; the others share it.
        """
        if self._closed:
            raise RuntimeError("the store is closed")
        key = FeedKey(kind, namespace if kind.namespaced else "", selector, fields)
        entry = self._feeds.get(key)
        if entry is None:
            entry = self._feeds[key] = self._start(key)
        entry.users += 1
        if entry.ending is not None:
            entry.ending.cancel()
            entry.ending = None
        return Subscription(self, entry.feed)

    @property
    def version(self) -> int:
        """Grows with every visible change of any feed."""
        return self._change.count

    async def changed(self, seen: int) -> int:
        """Wait until `version` differs from `seen`, and return it."""
        return await self._change.since(seen)

    @property
    def link(self) -> Link:
        """The connection as a whole: live when every feed that is looked at is; those denied do not count."""
        feeds = [entry.feed for entry in self._feeds.values() if entry.users]
        wanting = [feed for feed in feeds if not feed.link.live and not feed.denied]
        if not wanting:
            return Link(live=bool(feeds))
        worst = max(wanting, key=lambda feed: (feed.error is not None, isinstance(feed.error, Unauthorized)))
        since = [feed.link.stale_since for feed in wanting if feed.link.stale_since]
        retries = [feed.link.retry_at for feed in wanting if feed.link.retry_at]
        return Link(
            live=False,
            stale_since=min(since, default=None),
            reason=worst.link.reason,
            retry_at=min(retries, default=None),
        )

    @property
    def error(self) -> KubeError | None:
        """The error behind a link that is not live, with its hint; None while live or connecting."""
        errors = [entry.feed.error for entry in self._feeds.values() if entry.users and not entry.feed.denied]
        return next((error for error in errors if error is not None), None)

    def retry_now(self) -> None:
        """End every wait: ask again at once, for credentials too."""
        self._kube.retry_now()
        for entry in self._feeds.values():
            entry.feed.wake()

    async def close(self) -> None:
        """End every watch; no task is left."""
        self._closed = True
        for key in list(self._feeds):
            self._end(key)
        if self._tasks:
            await asyncio.wait(self._tasks)

    def release(self, feed: Feed[Any]) -> None:
        """One looker less; used by Subscription."""
        entry = self._feeds.get(feed.key)
        if entry is None:
            return
        entry.users -= 1
        if entry.users == 0:
            entry.ending = asyncio.get_running_loop().call_later(self._linger, self._end, feed.key)

    def _start(self, key: FeedKey[T]) -> _Entry:
        feed = Feed(
            self._kube,
            key,
            pace=self._pace,
            alike=lambda: self._feeds_of(key.kind),
            on_change=self._change.tell,
            on_recovery=self._recovered,
        )
        task = asyncio.get_running_loop().create_task(feed.run(), name=f"watch {key.kind.plural}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return _Entry(feed, task)

    def _feeds_of(self, kind: Kind[T]) -> list[Feed[T]]:
        return [entry.feed for entry in self._feeds.values() if entry.feed.key.kind is kind]

    def _end(self, key: FeedKey[Any]) -> None:
        entry = self._feeds.pop(key)
        if entry.ending is not None:
            entry.ending.cancel()
        entry.task.cancel()

    def _recovered(self) -> None:
        """One watch came back: the others need not wait out their back-off."""
        for entry in self._feeds.values():
            if entry.feed.cut_off:
                entry.feed.wake()


@dataclass
class _Entry:
    feed: Feed[Any]
    task: asyncio.Task[None]
    users: int = 0
    ending: asyncio.TimerHandle | None = None
