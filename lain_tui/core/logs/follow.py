"""Follows one container's log through restarts, lost connections and rotation."""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from time import monotonic
from typing import Protocol

from lain_tui.core.kube.backoff import Backoff
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import Forbidden, Invalid, KubeError, NotFound
from lain_tui.core.kube.logs import log_batches
from lain_tui.core.logs.containers import container_status, has_log, is_over
from lain_tui.core.logs.position import Position
from lain_tui.core.logs.timestamps import SECOND, format_rfc3339, split_timestamp, time_of_day
from lain_tui.core.model.logs import LogSource
from lain_tui.core.model.pod import ContainerStatus, Pod

HEALTHY = 5.0
"""Seconds a connection must hold for its end to be an ordinary one."""


class LogSink(Protocol):
    """Where a follower puts what it reads."""

    async def lines(self, source: LogSource, times: list[int], texts: list[str]) -> None:
        """Take lines; waits while the reader is behind, which slows the connection down, not memory."""

    def notice(self, source: LogSource, text: str) -> None:
        """Take a sentence about the stream itself."""

    def lost(self, source: LogSource, error: KubeError) -> None:
        """The connection was lost, or cannot be had back."""

    def resumed(self, source: LogSource) -> None:
        """It is there again."""


class Follower:
    """One container's log, read to its end."""

    def __init__(
        self,
        kube: KubeClient,
        source: LogSource,
        sink: LogSink,
        pod: Callable[[], Pod | None],
        pod_changed: Callable[[], Awaitable[object]],
        *,
        tail: int | None,
        since_seconds: int | None,
        since: int | None,
        until: int | None,
        follow: bool,
        previous: bool,
    ) -> None:
        self._kube = kube
        self._source = source
        self._sink = sink
        self._pod = pod
        self._pod_changed = pod_changed
        self._tail = tail
        self._since_seconds = since_seconds
        self._since = since
        self._until = until
        self._past = False
        """The moment `until` has been reached."""
        self._follow = follow
        self._previous = previous
        self._position = Position()
        self._let_in = False
        """The log could be read once."""
        self._restarts = -1
        """The restart count of the instance that is being read; -1 before the first."""

    async def run(self) -> None:
        """Read until the container is over or gone; KubeErrors become notices."""
        backoff = Backoff()
        while True:
            status = await self._started()
            if status is None or (self._previous and not _ran_before(status)):
                return
            began = monotonic()
            failure: KubeError | None = None
            try:
                if 0 <= self._restarts < status.restart_count and not self._previous:
                    # The rest of the instance that we were reading, in case the connection went before it did; the
                    # kubelet may have thrown it away already.
                    with suppress(NotFound, Invalid):
                        await self._read(previous=True, follow=False)
                same = self._restarts == status.restart_count
                self._restarts = status.restart_count
                await self._read(
                    previous=self._previous, follow=self._follow and not self._previous, same=same
                )
                backoff.reset()
            except (NotFound, Invalid) as error:
                if self._previous or not self._follow:
                    # There was no run before, or the node has thrown its log away.
                    self._say(error.what)
                    return
                # The pod is going, or its container has not begun: its state tells which, and when to ask again.
                failure = error
            except KubeError as error:
                if isinstance(error, Forbidden) and not self._let_in:
                    self._say(str(error))
                    return
                # Also when it may not any more: an API server that has just started knows of nobody's roles yet.
                failure = error
                self._sink.lost(self._source, error)
            if (not self._follow or self._previous) and failure is None:
                return
            if self._ended() or self._past:
                return
            if failure is not None or monotonic() - began < HEALTHY:
                await self._pause(backoff.next(getattr(failure, "retry_after", None) or 0.0))

    async def _read(self, *, previous: bool, follow: bool, same: bool = False) -> bool:
        """Read from where we were; tell whether the line that we had read last was sent again.

        `same` is whether it should be, for the pod tells of no other instance.
        """
        position, source = self._position, self._source
        position.reconnect()
        resumed = position.since is not None
        batches = log_batches(
            self._kube,
            source.namespace,
            source.pod,
            source.container,
            previous=previous,
            tail=None if resumed else self._tail,
            since=position.since or (format_rfc3339(self._since) if self._since else None),
            since_seconds=None if resumed or self._since else self._since_seconds,
            follow=follow,
            opened=self._connected,
        )
        unfinished: bytes | None = None
        first, last = -1, 0
        async with aclosing(batches):
            async for lines, whole in batches:
                if not whole and len(lines[0]) < _PIECE:
                    unfinished = lines[0]
                    continue
                if first < 0:
                    last, (first, _) = position.time, split_timestamp(lines[0])
                    if same and 0 < last < first and not await self._read_before():
                        self._tell_of_gap(last, first)
                await self._hand_on(lines)
                if self._past:
                    break
        if unfinished is not None and not self._past and (not follow or self._ended()):
            # No newline at the end: the container's last words, or a line cut on its way, which comes again.
            await self._hand_on([unfinished])
        return 0 < first <= last

    async def _read_before(self) -> bool:
        """Read the rest of the instance before, and tell whether that is the one that we were reading.

        A container's new log is there a moment before the API tells of the restart.
        """
        met = False
        with suppress(NotFound, Invalid):
            met = await self._read(previous=True, follow=False)
        self._position.reconnect()
        return met

    async def _hand_on(self, lines: list[bytes]) -> None:
        times, texts = self._position.take(lines)
        if self._since and times and times[0] < self._since:
            # The API takes whole seconds.
            start = bisect_left(times, self._since)
            times, texts = times[start:], texts[start:]
        if self._until and times and times[-1] > self._until:
            stop = bisect_right(times, self._until)
            times, texts, self._past = times[:stop], texts[:stop], True
        if times:
            # Decoded in one go: a newline ends any broken sequence of bytes before it.
            decoded = b"\n".join(texts).decode("utf-8", "backslashreplace").split("\n")
            await self._sink.lines(self._source, times, decoded)

    def _tell_of_gap(self, last: int, next: int) -> None:
        """The line that we had read last is no longer there: the log was rotated while nobody read."""
        begin, end = (time_of_day(time // SECOND) for time in (last, next))
        self._say(f"lines between {begin} and {end} may be missing: the log was rotated meanwhile")

    def _connected(self) -> None:
        self._let_in = True
        self._sink.resumed(self._source)

    async def _started(self) -> ContainerStatus | None:
        """Wait until the container has a log; None when the pod is gone first."""
        while True:
            pod = self._pod()
            if pod is None:
                return None
            status = container_status(pod, self._source.container)
            if status is not None and has_log(status):
                return status
            if not self._follow:
                return None
            await self._pod_changed()

    def _ended(self) -> bool:
        pod = self._pod()
        return pod is None or is_over(pod, container_status(pod, self._source.container))

    async def _pause(self, seconds: float) -> None:
        """Wait before asking again, but no longer than until the pod changes."""
        try:
            async with asyncio.timeout(seconds):
                restarts = self._restarts
                while (pod := self._pod()) is not None:
                    status = container_status(pod, self._source.container)
                    if status is not None and status.restart_count > restarts and status.state.running:
                        return
                    await self._pod_changed()
        except TimeoutError:
            return

    def _say(self, text: str) -> None:
        self._sink.notice(self._source, text)


def _ran_before(status: ContainerStatus) -> bool:
    return status.restart_count > 0 or status.last_state.terminated is not None


_PIECE = 256 * 1024
"""An unfinished line of this size is a piece of an overlong one, not the end of a stream."""
