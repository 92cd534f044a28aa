"""An app's whole log: every container followed, merged into one order, kept in one buffer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from time import monotonic, time_ns
from typing import Self

import msgspec

from lain_tui.core.kube.change import Change
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import KubeError, Unauthorized
from lain_tui.core.kube.resources import EVENTS, PODS
from lain_tui.core.kube.store import Store, Subscription
from lain_tui.core.logs.buffer import LogBuffer
from lain_tui.core.logs.connections import Connections
from lain_tui.core.logs.containers import LogScope, is_over, sources_of, statuses
from lain_tui.core.logs.events import EventLines
from lain_tui.core.logs.follow import Follower
from lain_tui.core.logs.insertion import Insertion
from lain_tui.core.logs.merge import Merged, Merger
from lain_tui.core.logs.older import OlderLines
from lain_tui.core.logs.timestamps import SECOND
from lain_tui.core.model.cluster import Event
from lain_tui.core.model.logs import Level, LineKind, LogSource
from lain_tui.core.model.pod import ContainerStatus, Pod, StateTerminated

BEAT = 0.05
"""Seconds between two hand-overs from the merger to the buffer."""
BACKLOG = 100_000
"""Lines that may wait in the merger before readers are held back."""


EVENTS_PAST = timedelta(minutes=10)
"""How old an event may be to stand among the first lines."""


class FeedOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the past, and how wide."""

    tail: int | None = 200
    """Lines of each container to begin with; None for all that the kubelet has."""
    since_seconds: int | None = None
    """Only lines younger than this, by the clock of the node."""
    since: int | None = None
    """Only lines from this moment on, in nanoseconds since 1970."""
    until: int | None = None
    """Only lines up to this moment; what is followed ends there."""
    follow: bool = True
    previous: bool = False
    """The instances before the last restarts."""
    max_streams: int = 70
    """Containers followed at once; the others wait for their turn."""
    levels: bool = True
    """Find out how serious each line is."""
    marks: bool = True
    """Put pod starts, ends and crashes among the lines."""


class LogFeed:
    """Reads the logs of the pods of one selector into `buffer`, as long as it is open."""

    def __init__(
        self,
        kube: KubeClient,
        store: Store,
        namespace: str,
        selector: str = "",
        *,
        release: str = "",
        scope: LogScope | None = None,
        options: FeedOptions | None = None,
        buffer: LogBuffer | None = None,
        take: Callable[[Merged], object] | None = None,
    ) -> None:
        """`take` is given the lines in their order; by default they are kept in `buffer`."""
        self._kube = kube
        self._store = store
        self._namespace = namespace
        self._selector = selector
        self._release = release
        self.scope = scope or LogScope()
        self.options = options or FeedOptions()
        self.buffer = LogBuffer() if buffer is None else buffer
        self.error: KubeError | None = None
        """Why the pods cannot be listed."""
        self._change = Change()
        self._take = take or self.buffer.extend
        self._merger = Merger(levels=self.options.levels)
        self._tasks: dict[LogSource, asyncio.Task[None]] = {}
        self._known: dict[LogSource, int] = {}
        """Every container seen, with the restart count last told of."""
        self._ends: dict[LogSource, datetime | None] = {}
        """When each container ended last, as far as that has been told."""
        self._met = False
        self._unmet = set(self.scope.names)
        self._connections = Connections()
        self._allowed = self.options.max_streams
        self._told_of_waiting = False
        self._slots = asyncio.Semaphore(self.options.max_streams)
        self._reading: set[LogSource] = set()
        self._backlog = 0
        """About how many lines wait in the merger."""
        self._pending, self._full, self._room = asyncio.Event(), asyncio.Event(), asyncio.Event()
        """Lines wait in the merger; too many of them; there is room for more."""
        self._pods: Subscription[Pod] | None = None
        self._events: Subscription[Event] | None = None
        self._event_lines = EventLines(self._oldest_event())
        self._listed = False
        """The pods have been listed, or cannot be."""
        self._group: list[asyncio.Task[None]] = []
        self._older = OlderLines(
            kube,
            self.buffer,
            previous=self.options.previous,
            restarted=lambda source: self._known.get(source, 0) > 0,
        )

    async def __aenter__(self) -> Self:
        self._pods = self._store.subscribe(PODS, namespace=self._namespace, selector=self._selector)
        self._group = [asyncio.create_task(self._watch_pods()), asyncio.create_task(self._hand_over())]
        if self.options.marks and self.options.follow:
            self._events = self._store.subscribe(EVENTS, namespace=self._namespace)
            self._group.append(asyncio.create_task(self._watch_events(self._events)))
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = [*self._group, *self._tasks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for subscription in (self._pods, self._events):
            if subscription is not None:
                subscription.close()

    @property
    def version(self) -> int:
        """Grows whenever lines came or the set of streams changed."""
        return self._change.count

    @property
    def streams(self) -> int:
        """Containers being read now."""
        return len(self._reading)

    @property
    def waiting(self) -> int:
        """Containers that wait for one of `max_streams` to end."""
        return len(self._tasks) - len(self._reading)

    @property
    def allowed(self) -> int:
        """How many containers may be followed at once."""
        return self._allowed

    def allow(self, streams: int) -> None:
        """Let more containers be followed at once; those that wait begin."""
        for _ in range(streams - self._allowed):
            self._slots.release()
        self._allowed = max(streams, self._allowed)
        self._change.tell()

    @property
    def sources(self) -> tuple[LogSource, ...]:
        """The containers in scope that are there now."""
        return tuple(self._known)

    @property
    def met(self) -> bool:
        """Whether any container in scope has been seen."""
        return self._met

    @property
    def listed(self) -> bool:
        """Whether the pods are known."""
        return self._listed

    @property
    def unmet(self) -> frozenset[str]:
        """The names in scope that no container seen so far belongs to."""
        return frozenset(self._unmet)

    @property
    def finished(self) -> bool:
        """Nothing more will come: every container has come to its end; while following, none is waited for."""
        done = self._listed and not self._tasks and not len(self._merger)
        return done and (bool(self._known) or not self.options.follow)

    async def changed(self, seen: int) -> int:
        """Wait until `version` is no longer `seen`; return it."""
        return await self._change.since(seen)

    @property
    def begins(self) -> int:
        """The moment from which on no line of any container is missing among those kept; 0 when none is at all."""
        return self._older.begins

    async def load_older(self, back_to: int = 0) -> Insertion:
        """Fetch lines older than those that are kept, as far as the kubelet has them; all back to a moment if given.

        Raises KubeError when it cannot be asked.
        """
        insertion = await self._older.load(back_to)
        self._change.tell()
        return insertion

    async def lines(self, source: LogSource, times: list[int], texts: list[str]) -> None:
        """Take lines from a follower (see `LogSink`)."""
        if self._backlog > BACKLOG:
            self._room.clear()
            self._full.set()
            await self._room.wait()
        self._backlog += len(times)
        self._merger.push_all(source, times, texts, monotonic())
        self._pending.set()

    def notice(self, source: LogSource, text: str) -> None:
        """Take a sentence of the stream's own (see `LogSink`)."""
        self._mark(text, source)

    def lost(self, source: LogSource, error: KubeError) -> None:
        """One of the connections was lost (see `LogSink`)."""
        waits = isinstance(error, Unauthorized)
        if told := self._connections.lost(source, error.what, monotonic(), waits=waits):
            self._mark(told, None)

    def resumed(self, source: LogSource) -> None:
        """A lost connection is there again, or its container has gone meanwhile."""
        if told := self._connections.resumed(source, monotonic()):
            self._mark(told, None)

    async def _watch_pods(self) -> None:
        assert self._pods is not None
        while True:
            await self._pods.settled()
            self.error = None if self._pods.synced else self._pods.error
            wanted = sources_of(self._pods.items.values(), self.scope, self._release)
            # Those in trouble first: when there are more than may be followed, they are what is looked for.
            for source, pod in sorted(wanted.items(), key=lambda item: _ready(item[1])):
                self._meet(source, pod, joining=self._listed)
            for source in [s for s in self._known if s not in wanted]:
                del self._known[source]
                self._ends.pop(source, None)
                if self.options.marks and self.options.follow:
                    self._mark("gone", source)
            self._listed = True
            self._tell_events()
            self._tell_of_waiting(len(wanted))
            self._change.tell()
            await self._pods.changed()

    def _tell_of_waiting(self, containers: int) -> None:
        if len(self._tasks) > self._allowed and self.options.follow and not self._told_of_waiting:
            self._told_of_waiting = True
            self._mark(
                f"{self._allowed} of {containers} containers are followed; the others wait for one to end",
                None,
            )

    async def _watch_events(self, events: Subscription[Event]) -> None:
        while True:
            self._tell_events()
            await events.changed()

    def _oldest_event(self) -> datetime:
        options = self.options
        if options.since is not None:
            return datetime.fromtimestamp(options.since / SECOND, UTC)
        past = timedelta(seconds=options.since_seconds) if options.since_seconds else EVENTS_PAST
        return datetime.now(UTC) - past

    def _tell_events(self) -> None:
        """Put the pods' events among the lines, as far as they may be read."""
        if self._events is not None:
            for time, source, text, level in self._event_lines.fresh(
                self._events.items.values(), self._known
            ):
                self._mark(text, source, time, LineKind.EVENT, level)

    def _meet(self, source: LogSource, pod: Pod, *, joining: bool) -> None:
        """Start following a new container; tell of a crash."""
        status = next(status for status in statuses(pod) if status.name == source.container)
        ended = status.state.terminated or status.last_state.terminated
        restarted = status.restart_count > self._known.get(source, status.restart_count)
        if source not in self._known:
            self._met = True
            self._unmet -= {source.proc, source.pod}
            if joining and self.options.marks:
                self._mark("joined", source)
            elif ended is not None:
                self._ends[source] = ended.finished_at
            self._tasks[source] = asyncio.create_task(self._follow(source))
        self._known[source] = status.restart_count
        if ended is not None and ended.finished_at != self._ends.get(source) and self.options.marks:
            self._ends[source] = ended.finished_at
            if ended.exit_code or restarted:
                self._tell_end(source, pod, status, ended)

    def _tell_end(self, source: LogSource, pod: Pod, status: ContainerStatus, ended: StateTerminated) -> None:
        when = ended.finished_at
        # The API tells whole seconds; the last words of that second stand before their end.
        time = int(when.timestamp() + 1) * SECOND - 1 if when else time_ns()
        bad = ended.exit_code != 0
        how = f"crashed: exit {ended.exit_code}" if bad else "ended: exit 0"
        if ended.reason not in {"", "Error", "Completed"}:
            how += f" ({ended.reason})"
        if not is_over(pod, status):
            # The count grows when it runs again, after the back-off.
            how += f", restart {status.restart_count + (status.state.running is None)}"
        kind, level = (LineKind.CRASH, Level.ERROR) if bad else (LineKind.NOTICE, Level.NONE)
        self._mark(how, source, time, kind, level)

    def _mark(
        self,
        text: str,
        source: LogSource | None,
        time: int | None = None,
        kind: LineKind = LineKind.NOTICE,
        level: Level = Level.NONE,
    ) -> None:
        self._merger.notice(time_ns() if time is None else time, text, monotonic(), source, kind, level)
        self._pending.set()

    async def _follow(self, source: LogSource) -> None:
        assert self._pods is not None
        pods = self._pods
        options = self.options
        looker = self._store.subscribe(PODS, namespace=self._namespace, selector=self._selector)
        follower = Follower(
            self._kube,
            source,
            self,
            lambda: pods.items.get(source.pod_uid),
            looker.changed,
            # A container that joins later is new: all it wrote is wanted.
            tail=options.tail,
            since_seconds=options.since_seconds,
            since=options.since,
            until=options.until,
            follow=options.follow,
            previous=options.previous,
        )
        try:
            async with self._slots:
                self._reading.add(source)
                self._merger.join(source)
                await follower.run()
        finally:
            looker.close()
            self._reading.discard(source)
            self.resumed(source)
            self._merger.leave(source)
            self._tasks.pop(source, None)
            self._change.tell()

    async def _hand_over(self) -> None:
        """Take what is ready out of the merger, on a beat while something waits there, at once when it is full."""
        merger = self._merger
        while True:
            await self._pending.wait()
            lines = merger.ready(monotonic()) if self._tasks else merger.drain()
            if len(lines):
                self._take(lines)
                self._change.tell()
            self._backlog = len(merger)
            if self._backlog <= BACKLOG // 2:
                self._room.set()
            if not self._backlog:
                self._pending.clear()
            self._full.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._full.wait(), BEAT)


def _ready(pod: Pod) -> bool:
    return pod.status.phase == "Succeeded" or all(
        status.ready for status in pod.status.container_statuses or ()
    )
