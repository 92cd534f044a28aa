"""The Logs screen: every container in scope in one ordered, searchable stream."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partialmethod
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.binding import BindingType

from lain_tui.core.errors import LainError
from lain_tui.core.logs.moments import to_nanoseconds
from lain_tui.core.logs.save import as_text, save_lines
from lain_tui.core.logs.search import LogFilter
from lain_tui.core.logs.timestamps import SECOND
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
        words, seconds = RANGES[key]
        self._span = "" if seconds is None else f"last {words}" if seconds else words
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

    @on(LogView.WentUp)
    def _went_up(self, message: LogView.WentUp) -> None:
        """Have older lines there before the reader is."""
        if not self._no_older and (message.beyond or self._lacks(message.top)):
            self._load_older(tell=message.beyond)

    def _load_older(self, *, tell: bool = True) -> None:
        loading = any(worker.group == "logs-older" and not worker.is_finished for worker in self.workers)
        if not loading and self._feed is not None:
            self._fetch_older(self._feed, tell=tell)

    @work(group="logs-older", exit_on_error=False)
    async def _fetch_older(self, feed: Feed, *, tell: bool) -> None:
        if self._full:
            self._no_older = True
            self._tell_full()
            return
        try:
            count = await self._take_older(feed)
        except LainError as error:
            self.say_error(error)
            return
        self._no_older = not count
        if tell:
            self.say(f"{count:,} older lines" if count else "Nothing older is kept by the kubelet")

    def _tell_full(self) -> None:
        self.say(f"{self._capacity:,} lines are kept, and no more fit: logs.lines in the settings")

    @work(group="logs-older", exclusive=True, exit_on_error=False)
    async def go_to_moment(self, moment: datetime) -> None:
        wanted = to_nanoseconds(moment)
        feed, buffer, selection = self._feed, self._lines.buffer, self._lines.selection
        try:
            while feed is not None and wanted < feed.begins and not self._full:
                if not await self._take_older(feed, wanted):
                    break
        except LainError as error:
            self.say_error(error)
        if feed is not self._feed or not len(selection):
            return
        position = min(selection.position(buffer.find_time(wanted)), len(selection) - 1)
        self.query_one(LogView).go_to(selection[position])
        if feed is not None and wanted < feed.begins and self._full:
            self._tell_full()
        elif wanted < buffer[buffer.first].time:
            self.say("That is before the oldest line there is")

    def verb_streams(self) -> None:
        if self._feed is not None:
            self._feed.allow(self._feed.allowed + self._feed.waiting)
            self.say(f"Following {self._feed.allowed} containers")

    def verb_kibana(self) -> None:
        from lain_tui.core.insight.links import kibana_link

        view, buffer = self.query_one(LogView), self._lines.buffer
        procs, around = {source.proc for source in buffer.sources}, None
        if not view.following and view.cursor is not None:
            line = buffer[view.cursor]
            around = datetime.fromtimestamp(line.time / SECOND, UTC)
            procs = {line.source.proc} if line.source is not None else procs
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
        lines = list(self._lines.whole(i for i in chosen if i in view.marks or i in self._lines))
        self.app.copy_to_clipboard("\n".join(map(as_text, lines)))
        self.say(f"Copied {counted(len(lines), 'line')}")

    def _shown(self) -> Iterator[LogLine]:
        """The lines that are shown now, and what is folded under them."""
        selection = self._lines.selection
        return self._lines.whole([selection[position] for position in range(len(selection))])

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
