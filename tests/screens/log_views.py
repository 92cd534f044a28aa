"""Logs of the dummy app as they are at one moment, for pictures of the Logs screen without a cluster."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime

from textual.app import App

from lain_tui.core.errors import LainError
from lain_tui.core.logs.buffer import LogBuffer
from lain_tui.core.logs.containers import LogScope
from lain_tui.core.logs.feed import FeedOptions
from lain_tui.core.logs.insertion import Insertion
from lain_tui.core.logs.merge import Merger
from lain_tui.core.logs.moments import to_nanoseconds
from lain_tui.core.logs.timestamps import SECOND
from lain_tui.core.model.logs import Level, LineKind, LogSource
from lain_tui.core.target import Target
from lain_tui.screens.logs.screen import LogsScreen
from lain_tui.screens.themes import DARK, OWN

NOW = to_nanoseconds(datetime(2026, 3, 5, 8, 4, 35, tzinfo=UTC))
WEB = LogSource("default", "dummy-web-7c9f8d6b5-x2kqp", "web", "web", "web-1")
WEB_2 = LogSource("default", "dummy-web-7c9f8d6b5-8d9zt", "web", "web", "web-2")
WORKER = LogSource("default", "dummy-worker-6d4f5c7b9-q9f7c", "worker", "worker", "worker-1")

TRACE = """\
ERROR worker: cannot start
Traceback (most recent call last):
  File "/lain/app/worker.py", line 87, in <module>
    main()
  File "/lain/app/worker.py", line 61, in main
    db = connect(os.environ['MYSQL_HOST'])
KeyError: 'MYSQL_HOST'"""
REQUEST = (
    '{"level":"info","method":"GET","path":"/api/搜索?q=拉面","status":200,"duration_ms":12.4,"user":"周杰"}'
)
FAILED = '{"level":"error","method":"POST","path":"/api/orders","status":500,"duration_ms":3012,"request_id":"4f1c"}'


def fill(buffer: LogBuffer, minutes: int = 9) -> None:
    """A few minutes of the dummy app: requests, a crash, a lost connection, an attack on the terminal."""
    merger = Merger()
    for back in range(minutes * 6, 0, -1):
        time = NOW - back * 10 * SECOND
        merger.push(WEB, time, REQUEST, 0)
        merger.push(WEB_2, time + SECOND // 8, "\x1b[32mINFO\x1b[0m  cache warm, 1042 keys", 0)
        if back % 7 == 3:
            merger.push(WEB_2, time + SECOND // 4, FAILED, 0)
        if back % 9 == 4:
            merger.push(
                WEB, time + SECOND // 3, 'level=warn msg="slow query" table=orders duration_ms=812', 0
            )
    start = NOW - 30 * SECOND
    merger.notice(
        start - 2,
        "BackOff ×14: Back-off restarting failed container worker",
        0,
        WORKER,
        LineKind.EVENT,
        Level.WARN,
    )
    for number, text in enumerate(TRACE.splitlines()):
        merger.push(WORKER, start + number, text, 0)
    merger.notice(start + SECOND, "crashed: exit 1, restart 15", 0, WORKER, LineKind.CRASH, Level.ERROR)
    merger.notice(NOW - 8 * SECOND, "connection of 3 streams was lost for 2.1 s, resumed", 0)
    merger.push(WEB, NOW - 5 * SECOND, "👩‍💻 signed in \x1b]0;owned\x07\x1b[2J e\u0301", 0)
    buffer.extend(merger.drain())


class StillFeed:
    """A feed whose lines have come."""

    error: LainError | None = None
    version = 1
    allowed = 70
    met = True
    begins = 0

    def __init__(self, streams: int = 3, waiting: int = 0) -> None:
        self.streams, self.waiting = streams, waiting
        self.sources: Sequence[LogSource] = (WEB, WEB_2, WORKER)

    def allow(self, streams: int) -> None:
        self.streams, self.waiting = self.streams + self.waiting, 0

    async def load_older(self, back_to: int = 0) -> Insertion:
        return Insertion()


class StillLogs:
    """Where the fixed lines come from."""

    trouble = ""

    def __init__(self, feed: StillFeed | None = None, *, lines: bool = True, protected: bool = False) -> None:
        cluster = "prod" if protected else "test"
        self.target = Target(
            namespace="default", cluster=cluster, app="dummy", release="dummy", protected=protected
        )
        self.feed = feed or StillFeed()
        self.scopes: list[LogScope] = []
        """What was asked for, in turn."""
        self._lines = lines

    async def reading(
        self, scope: LogScope, options: FeedOptions, buffer: LogBuffer
    ) -> AbstractAsyncContextManager[StillFeed]:
        self.scopes.append(scope)

        @asynccontextmanager
        async def open_feed() -> AsyncIterator[StillFeed]:
            if self._lines:
                fill(buffer)
            yield self.feed

        return open_feed()


class LogsApp(App[int]):
    """The Logs screen over fixed lines."""

    def __init__(self, source: StillLogs) -> None:
        super().__init__()
        for theme in OWN:
            self.register_theme(theme)
        self.theme = DARK.name
        self._source = source

    def get_default_screen(self) -> LogsScreen:
        return LogsScreen(self._source, clock=lambda: NOW)
