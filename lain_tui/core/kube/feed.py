"""One kind of object kept as the cluster has it: listed once, then watched.

The rules of list and watch are those of the Kubernetes reference, "Efficient detection of changes": resume from the
last resourceVersion seen (bookmarks move it on while nothing happens), list again when it is no longer kept (410).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Generic, TypeVar

import msgspec

from lain_tui.core.kube.backoff import HEALTHY, SLOW, Backoff
from lain_tui.core.kube.calls import Call
from lain_tui.core.kube.change import Change
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.decode import (
    Page,
    Unreadable,
    decode_object,
    decode_watch_event,
    decoder,
    describe_unreadable,
)
from lain_tui.core.kube.errors import (
    ApiAbsent,
    Forbidden,
    Gone,
    KubeError,
    Quiet,
    Unauthorized,
    Unreachable,
    from_status,
    read_status,
)
from lain_tui.core.kube.lines import line_batches
from lain_tui.core.kube.resources import Kind
from lain_tui.core.model.meta import KubeObject, ObjectMeta, PartialObject
from lain_tui.core.model.status import Link

T = TypeVar("T", bound=KubeObject)


@dataclass(frozen=True)
class Pace:
    """The times a feed keeps, in seconds."""

    watch: float = 300.0
    """How long one watch lasts at the least; at most twice as long, so that watches do not end in step."""
    idle: float = 90.0
    """Without a byte for so long the watch is opened anew: API servers send a bookmark about each minute."""
    slow: float = SLOW
    """Between tries after 401, 403 and a missing API: only a person changes that."""
    healthy: float = HEALTHY
    """A watch that held so long clears the failures before it."""


@dataclass(frozen=True)
class FeedKey(Generic[T]):
    """What makes two subscriptions the same watch."""

    kind: Kind[T]
    namespace: str = ""
    selector: str = ""
    fields: str = ""


class Feed(Generic[T]):
    """The latest picture of one key. State, not a stream: nothing is queued, however slow its lookers are."""

    def __init__(
        self,
        kube: KubeClient,
        key: FeedKey[T],
        *,
        pace: Pace,
        alike: Callable[[], Iterable[Feed[T]]],
        on_change: Callable[[], None],
        on_recovery: Callable[[], None],
    ) -> None:
        """`alike` gives all feeds of the kind, this one too: what two of them have is in memory once."""
        self.key = key
        self.change = Change()
        self.synced = False
        """A whole list has arrived."""
        self.error: KubeError | None = None
        """Why the picture is not kept up now; None while it is."""
        self.bug: Exception | None = None
        self.unreadable: dict[str, Unreadable] = {}
        """Objects that the cluster has and that could not be decoded, by uid."""
        self.link = Link(live=False)
        self._kube = kube
        self._pace = pace
        self._alike = alike
        self._on_change = on_change
        self._on_recovery = on_recovery
        self._items: dict[str, T] = {}
        self._version = ""
        self._listed = -1e9
        self._good_until: datetime | None = None
        self._backoff = Backoff()
        self._wake = asyncio.Event()

    @property
    def items(self) -> Mapping[str, T]:
        """The objects by uid."""
        return MappingProxyType(self._items)

    @property
    def denied(self) -> bool:
        """The API answers, but does not give this kind."""
        return isinstance(self.error, Forbidden | ApiAbsent)

    @property
    def cut_off(self) -> bool:
        """There is no connection, or none on which the API would know us: all watches wait for the same."""
        return isinstance(self.error, Unreachable | Unauthorized)

    def wake(self) -> None:
        """Try again now instead of waiting."""
        self._wake.set()

    async def run(self) -> None:
        """Keep the picture up until cancelled; a bug of ours ends it and is kept for those who look."""
        try:
            await self._keep_up()
        except Exception as error:
            self.bug = error
            self.link = Link(live=False, stale_since=self._good_until, reason=f"internal error: {error}")
            self._tell()

    async def _keep_up(self) -> None:
        while True:
            try:
                if not self._version:
                    await self._list()
                await self._watch()
            except Gone as error:
                self._version = ""
                if time.monotonic() - self._listed < self._pace.healthy:
                    await self._wait(error)
            except KubeError as error:
                await self._wait(error)

    # -- listing

    async def _list(self) -> None:
        key = self.key
        page = await self._kube.list_page(
            key.kind,
            key.namespace,
            selector=key.selector,
            fields=key.fields,
            patient=False,
            kept=self._kept,
        )
        self._version = page.version
        self._listed = time.monotonic()
        self._good_until = datetime.now(UTC)
        news = self._take(page) or not self.synced
        self.synced = True
        self._answered(news=news)

    def _kept(self, item: T) -> T:
        """The object that is here already, or in a feed alike, instead of its equal: those who look see no flicker."""
        meta = item.metadata
        uid = _uid(meta)
        for feed in self._alike():
            old = feed._items.get(uid)
            if old is not None and _same(old.metadata, meta):
                return old
        return item

    def _take(self, page: Page[T]) -> bool:
        """Make the picture the page's, in one step; True when that changed anything."""
        before = self._items
        fresh = {_uid(item.metadata): item for item in page.items}
        unreadable = {lost.uid: lost for lost in page.unreadable}
        changed = (
            len(fresh) != len(before)
            or any(before.get(uid) is not item for uid, item in fresh.items())
            or unreadable != self.unreadable
        )
        self._items, self.unreadable = fresh, unreadable
        return changed

    # -- watching

    async def _watch(self) -> None:
        """Follow the changes until the server ends the watch; raises KubeError when it breaks."""
        key, pace = self.key, self._pace
        received = False
        lasts = random.uniform(pace.watch, 2 * pace.watch)
        opening = self._kube.watch(
            key.kind,
            key.namespace,
            version=self._version,
            selector=key.selector,
            fields=key.fields,
            timeout=lasts,
            idle=pace.idle,
        )
        opened = time.monotonic()
        try:
            async with opening as chunks:
                self._answered()
                async for lines, whole in line_batches(chunks):
                    received = True
                    self._good_until = datetime.now(UTC)
                    if not whole:
                        raise Unreachable("the Kubernetes API cut the connection")
                    self._apply(lines)
        except Quiet:
            return  # Perhaps only nothing happened: the next watch, from the same version, will tell.
        except Unreachable:
            if received or time.monotonic() - opened < pace.idle:
                self._good_until = datetime.now(UTC) if self.link.live else self._good_until
            raise
        finally:
            if time.monotonic() - opened >= pace.healthy:
                self._backoff.reset()
        if not received and time.monotonic() - opened < 1.0:
            raise Unreachable("the Kubernetes API ends the watch at once")

    def _answered(self, *, news: bool = False) -> None:
        """The API gave what was asked: the link is live."""
        recovered = self.cut_off
        if news or recovered or not self.link.live:
            self.error = None
            self.link = Link(live=True)
            self._tell()
        if recovered:
            self._on_recovery()

    def _apply(self, lines: list[bytes]) -> None:
        changed = False
        for line in lines:
            if not line:
                continue
            event = decode_watch_event(line)
            if event.type == "ERROR":
                # Whatever it is, continuing from here is not possible: list again.
                self._version = ""
                if changed:
                    self._tell()
                status = read_status(bytes(event.object))
                raise from_status(status.code or 500, status, self._call)
            if event.type == "BOOKMARK":
                self._version = decode_object(event.object, PartialObject).metadata.resource_version
            else:
                changed |= self._apply_object(event.type, event.object)
        if changed:
            self._tell()

    def _apply_object(self, type_: str, raw: msgspec.Raw) -> bool:
        try:
            item: T = decoder(self.key.kind.struct).decode(raw)
        except msgspec.ValidationError as error:
            lost = describe_unreadable(raw, error)
            self._version = decode_object(raw, PartialObject).metadata.resource_version
            self._items.pop(lost.uid, None)
            self.unreadable.pop(lost.uid, None)
            if type_ != "DELETED":
                self.unreadable[lost.uid] = lost
            return True
        uid = _uid(item.metadata)
        self._version = item.metadata.resource_version
        self.unreadable.pop(uid, None)
        if type_ == "DELETED":
            return self._items.pop(uid, None) is not None
        self._items[uid] = self._kept(item)
        return True

    @property
    def _call(self) -> Call:
        kind = self.key.kind
        return Call(verb="watch", resource=kind.plural, group=kind.group, namespace=self.key.namespace)

    # -- failing

    async def _wait(self, error: KubeError) -> None:
        """Tell why, and wait for the next try: the back-off, what the server asked for, or `wake`."""
        # What was given before will be again: an API server that has just started knows of no roles yet.
        if isinstance(error, Unauthorized) or (isinstance(error, Forbidden | ApiAbsent) and not self.synced):
            delay = self._pace.slow
        else:
            delay = self._backoff.next(error.retry_after or 0.0)
        self.error = error
        self.link = Link(
            live=False,
            stale_since=self._good_until,
            reason=error.what,
            retry_at=datetime.now(UTC) + timedelta(seconds=delay),
        )
        self._tell()
        self._wake.clear()
        try:
            async with asyncio.timeout(delay):
                await self._wake.wait()
        except TimeoutError:
            pass
        else:
            self._backoff.reset()

    def _tell(self) -> None:
        self.change.tell()
        self._on_change()


def _uid(meta: ObjectMeta) -> str:
    """The key of an object; the few that have no uid (none that is stored) go by their name."""
    return meta.uid or f"{meta.namespace}/{meta.name}"


def _same(old: ObjectMeta, new: ObjectMeta) -> bool:
    return bool(new.resource_version) and old.resource_version == new.resource_version
