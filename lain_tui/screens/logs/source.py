"""What the Logs screen asks of the world: fulfilled by core on a cluster, and by fixed lines in tests."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from lain_tui.core.errors import LainError
from lain_tui.core.logs.buffer import LogBuffer
from lain_tui.core.logs.containers import LogScope
from lain_tui.core.logs.feed import FeedOptions, LogFeed
from lain_tui.core.logs.insertion import Insertion
from lain_tui.core.model.logs import LogSource
from lain_tui.core.target import Target
from lain_tui.screens.session import Session


class Feed(Protocol):
    """What the screen asks of core's LogFeed."""

    @property
    def error(self) -> LainError | None: ...
    @property
    def version(self) -> int: ...
    @property
    def streams(self) -> int: ...
    @property
    def waiting(self) -> int: ...
    @property
    def allowed(self) -> int: ...
    @property
    def met(self) -> bool: ...
    @property
    def sources(self) -> Sequence[LogSource]: ...
    @property
    def begins(self) -> int: ...
    def allow(self, streams: int) -> None: ...
    async def load_older(self, back_to: int = 0) -> Insertion: ...


class Source(Protocol):
    """Where the lines come from."""

    target: Target

    @property
    def trouble(self) -> str:
        """Why there is no connection, while there is none."""

    async def reading(
        self, scope: LogScope, options: FeedOptions, buffer: LogBuffer
    ) -> AbstractAsyncContextManager[Feed]:
        """Wait for a connection; then the feed that reads into the buffer as long as it is open."""


class ClusterLogs:
    """The logs of a cluster, through the session that all screens share."""

    def __init__(self, session: Session, target: Target) -> None:
        self._session = session
        self.target = target

    @property
    def trouble(self) -> str:
        return self._session.link.reason

    async def reading(
        self, scope: LogScope, options: FeedOptions, buffer: LogBuffer
    ) -> AbstractAsyncContextManager[Feed]:
        kube, store = await self._session.opened()
        target = self.target
        selector = f"app.kubernetes.io/name={target.app}" if target.app else ""
        return LogFeed(
            kube, store, target.namespace, selector,
            release=target.release, scope=scope, options=options, buffer=buffer,
        )  # fmt: skip
