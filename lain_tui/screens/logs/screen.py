"""The Logs screen: every container in scope in one ordered, searchable stream."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partialmethod
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.binding import BindingType

from lain_tui.core.errors import LainError
from lain_tui.core.logs.save import as_text, save_lines
from lain_tui.core.logs.search import LogFilter
from lain_tui.core.model.logs import Level, LogLine
from lain_tui.core.model.text import counted
from lain_tui.screens.logs.finding import FindingScreen
from lain_tui.screens.logs.source import ClusterLogs, Feed
from lain_tui.screens.logs.verbs import RANGES, VERBS
from lain_tui.screens.places import Context
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.log_view import LogView

NEEDS_MATCH = frozenset({"logs.next", "logs.previous", "logs.only"})


class LogsScreen(FindingScreen):
    """Looks, time ranges, and ways to take lines away."""

    VERBS = VERBS
    BINDINGS: ClassVar[list[BindingType]] = []
    AUTO_FOCUS = "LogView"

    # Looks

    def verb_fold(self) -> None:
        self._folded = not self._folded
        self._select()

    def verb_wrap(self) -> None:
        self._look_like(wrap=not self._look_now.wrap)

    def verb_times(self) -> None:
        self._look_like(times=self._look_now.times.next)

    def verb_names(self) -> None:
        self._look_like(names=self._look_now.names.next)

    def verb_records(self) -> None:
        self._look_like(records=not self._look_now.records)

    # Time

    def _show_range(self, key: str) -> None:
        seconds = RANGES[key][1]
        self._restart(since_seconds=seconds or None, tail=self._tail if seconds is None else None)

    verb_range_0 = partialmethod(_show_range, "0")
    verb_range_1 = partialmethod(_show_range, "1")
    verb_range_2 = partialmethod(_show_range, "2")
    verb_range_3 = partialmethod(_show_range, "3")
    verb_range_4 = partialmethod(_show_range, "4")
    verb_range_5 = partialmethod(_show_range, "5")
    verb_range_6 = partialmethod(_show_range, "6")

    def verb_before(self) -> None:
        self._restart(previous=not self._options.previous)

    def verb_older(self) -> None:
        self._no_older = False
        self._load_older()

    @on(LogView.OlderWanted)
    def _older_wanted(self) -> None:
        if not self._no_older:
            self._load_older()

    def _load_older(self) -> None:
        loading = any(worker.group == "logs-older" and worker.is_running for worker in self.workers)
        if not loading and self._feed is not None:
            self._fetch_older(self._feed)

    @work(group="logs-older", exit_on_error=False)
    async def _fetch_older(self, feed: Feed) -> None:
        if len(self._lines.buffer) >= self._capacity:
            self._no_older = True
            self.say(f"{self._capacity:,} lines are kept, and no more fit: logs.lines in the settings")
            return
        try:
            count = await feed.load_older()
        except LainError as error:
            self.say_error(error)
            return
        self._no_older = not count
        self.say(f"{count:,} older lines" if count else "Nothing older is kept by the kubelet")

    def verb_streams(self) -> None:
        if self._feed is not None:
            self._feed.allow(self._feed.allowed + self._feed.waiting)
            self.say(f"Following {self._feed.allowed} containers")

    def verb_kibana(self) -> None:
        from lain_tui.core.insight.links import kibana_link

        view = self.query_one(LogView)
        cursor = None if view.following else view.cursor
        around = None
        if cursor is not None:
            around = datetime.fromtimestamp(self._lines.buffer[cursor].time / 1e9, UTC)
        procs = {source.proc for source in self._lines.buffer.sources}
        link = kibana_link(self._target, procs.pop() if len(procs) == 1 else "", around)
        if link.missing:
            self.say(link.missing, severity="warning")
        else:
            self.app.copy_to_clipboard(link.url)
            self.say(f"Copied: {link.url}")

    # Taking lines away

    def verb_copy(self) -> None:
        view = self.query_one(LogView)
        chosen: Sequence[int] = view.selected or sorted(view.marks)
        if not chosen and view.cursor is not None:
            chosen = [view.cursor]
        lines = list(self._kept(index for index in chosen if index in view.marks or index in self._lines))
        self.app.copy_to_clipboard("\n".join(map(as_text, lines)))
        self.say(f"Copied {counted(len(lines), 'line')}")

    def _kept(self, indexes: Iterable[int]) -> Iterator[LogLine]:
        """The lines of these indexes, those passed over that were dropped meanwhile."""
        buffer = self._lines.buffer
        for index in indexes:
            with contextlib.suppress(IndexError):
                yield buffer[index]

    def _shown(self) -> Iterator[LogLine]:
        """The lines that are shown now; read as they are needed, in another thread if need be."""
        selection = self._lines.selection
        return self._kept([selection[position] for position in range(len(selection))])

    def save(self, name: str) -> None:
        self._write(Path(name))

    @work(group="logs-save", exit_on_error=False)
    async def _write(self, path: Path) -> None:
        try:
            count = await asyncio.to_thread(save_lines, self._shown(), path)
        except LainError as error:
            self.say_error(error)
        else:
            self.say(f"Saved {count:,} lines to {path}")

    @work(group="logs-pager", exclusive=True, exit_on_error=False)
    async def verb_pager(self) -> None:
        from lain_tui.screens.logs.pager import page

        try:
            await page(self.app, map(as_text, self._shown()))
        except LainError as error:
            self.say_error(error)

    @on(LogView.Opened)
    def _opened(self, message: LogView.Opened) -> None:
        from lain_tui.screens.logs.record import RecordScreen

        self.app.push_screen(RecordScreen(message.line, self._lines.rest(message.line.index)), self._narrow)

    def verb_back(self) -> None:
        view = self.query_one(LogView)
        if view.selected is not None:
            view.unselect()
        elif self._search is not None:
            self._look_for(None)
        elif self._filter_text or self._least:
            self._least = Level.NONE
            self._hide_by(LogFilter(), "")
        else:
            self.dismiss()

    def refusal(self, verb: Verb) -> str:
        if verb.id in NEEDS_MATCH and self._search is None:
            return "search for something first: /"
        if verb.id.startswith("logs.mark-") and not self.query_one(LogView).marks:
            return "no line is marked: space marks one"
        if verb.id == "logs.streams" and (self._feed is None or not self._feed.waiting):
            return "every container is followed"
        return ""


def app_logs(context: Context) -> LogsScreen:
    """The log of the whole app."""
    settings = context.settings.logs
    return LogsScreen(
        ClusterLogs(context.session, context.target), capacity=settings.lines, tail=settings.tail
    )
