"""The Logs screen: every container in scope in one ordered, searchable stream."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partialmethod
from pathlib import Path
from typing import ClassVar

import msgspec
from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType

from lain_tui.core.errors import LainError
from lain_tui.core.logs.buffer import LogBuffer
from lain_tui.core.logs.containers import LogScope
from lain_tui.core.logs.feed import FeedOptions, LogFeed
from lain_tui.core.logs.find import MatchCount, Tally, next_line
from lain_tui.core.logs.save import as_text, save_lines
from lain_tui.core.logs.search import LogFilter, Pattern
from lain_tui.core.logs.selection import LogSelection
from lain_tui.core.model.logs import Level, LogLine
from lain_tui.core.model.text import counted
from lain_tui.core.target import Target
from lain_tui.screens.base import LainScreen
from lain_tui.screens.logs.filter_text import HINT, parse_log_filter
from lain_tui.screens.logs.lines import SelectedLines
from lain_tui.screens.logs.verbs import RANGES, VERBS
from lain_tui.screens.session import Session
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.filter_bar import FilterBar
from lain_tui.widgets.log_bar import LogBar, LogState
from lain_tui.widgets.log_columns import LogLook
from lain_tui.widgets.log_view import LogView

LEVELS = (Level.INFO, Level.WARN, Level.ERROR)
FRAME = 0.1
"""Seconds between two looks at what came."""
MINUTES = 10
NEEDS_MATCH = frozenset({"logs.next", "logs.previous", "logs.only"})


class LogsScreen(LainScreen[None]):
    """Reads while it is on top of the stack; leaving it ends every stream."""

    VERBS = VERBS
    BINDINGS: ClassVar[list[BindingType]] = []
    AUTO_FOCUS = "LogView"

    def __init__(
        self,
        session: Session,
        target: Target,
        scope: LogScope | None = None,
        *,
        subject: str = "",
        previous: bool = False,
        capacity: int = 200_000,
        tail: int = 200,
    ) -> None:
        super().__init__()
        self._session = session
        self._target = target
        self._scope = scope or LogScope()
        self._subject = subject or target.app or target.namespace
        self._options = FeedOptions(tail=tail, previous=previous)
        self._capacity, self._tail = capacity, tail
        self._feed: LogFeed | None = None
        self._search: MatchCount | None = None
        self._filter, self._filter_text = LogFilter(), ""
        self._only_matches = False
        self._folded = True
        self._typing = ""
        """What the open bar is for: `search`, `filter` or `save`."""
        self._rate, self._counted_at, self._counted = 0.0, time.monotonic(), 0
        self._begin()

    def _begin(self) -> None:
        buffer = LogBuffer(self._capacity)
        self._tally = Tally()
        self._lines = SelectedLines(buffer, LogSelection(buffer, self._filter))

    def compose_content(self) -> ComposeResult:
        yield LogBar(LogState(subject=self._subject))
        yield LogView(self._lines)

    def on_mount(self) -> None:
        super().on_mount()
        self._read()
        self.set_interval(FRAME, self._look)

    # Reading

    @work(group="logs-feed", exclusive=True, exit_on_error=False)
    async def _read(self) -> None:
        kube, store = await self._session.opened()
        target = self._target
        selector = f"app.kubernetes.io/name={target.app}" if target.app else ""
        feed = LogFeed(
            kube,
            store,
            target.namespace,
            selector,
            release=target.release,
            scope=self._scope,
            options=self._options,
            buffer=self._lines.buffer,
        )
        async with feed:
            self._feed = feed
            await asyncio.Event().wait()

    def _restart(self, **changes: object) -> None:
        """Read again with other options, from an empty buffer."""
        self._options = msgspec.structs.replace(self._options, **changes)
        selection = self._lines.selection
        self._begin()
        self._lines.selection.change(selection.filter, selection.folded)
        if self._search is not None:
            self._search = MatchCount(self._search.pattern)
        self.query_one(LogView).show_lines(self._lines)
        self._read()

    def _look(self) -> None:
        """Take in what came; called on a beat, so that a flood of lines costs no more than a trickle."""
        buffer, selection = self._lines.buffer, self._lines.selection
        if selection.refresh() or not selection.complete:
            self.query_one(LogView).update()
        self._tally.update(buffer)
        if self._search is not None:
            self._search.update(buffer)
        self._show_bar()

    def _show_bar(self) -> None:
        buffer, selection, view = self._lines.buffer, self._lines.selection, self.query_one(LogView)
        now = time.monotonic()
        if now - self._counted_at >= 1:
            self._rate = (buffer.end - self._counted) / (now - self._counted_at)
            self._counted_at, self._counted = now, buffer.end
        lines, errors = self._tally.last_minutes(time.time_ns(), MINUTES)
        feed = self._feed
        search = self._search
        trouble = str(feed.error) if feed is not None and feed.error is not None else ""
        self.query_one(LogBar).show(
            LogState(
                subject=self._subject,
                streams=feed.streams if feed else 0,
                waiting=feed.waiting if feed else 0,
                following=view.following,
                below=view.below,
                rate=round(self._rate),
                kept=len(buffer),
                shown=len(selection),
                dropped=buffer.dropped,
                errors=self._tally.total_errors,
                minutes=lines,
                minute_errors=errors,
                filter=self._filter_words(),
                search=_found_words(search) if search else "",
                previous=self._options.previous,
                trouble=trouble or (self._session.link.reason if feed is None else ""),
            )
        )

    def _filter_words(self) -> str:
        level = self._filter.level
        words = [self._filter_text] if self._filter_text else []
        if level and "level:" not in self._filter_text:
            words.append(f"≥ {level.name.lower()}")
        return " ".join(words)

    # Search and filter

    async def verb_search(self) -> None:
        text = self._search.pattern.text if self._search else ""
        await self._ask("search", text, "regular expression · enter, then n N, f for matches only")

    async def verb_filter(self) -> None:
        await self._ask("filter", self._filter_text, HINT)

    async def verb_save(self) -> None:
        name = f"{self._subject.split()[0]}-{datetime.now(UTC):%Y%m%d-%H%M%S}.log"
        await self._ask("save", name, "file name · .jsonl for JSON lines · enter saves")

    async def _ask(self, what: str, text: str, hint: str) -> None:
        if not self.query(FilterBar):
            self._typing = what
            await self.mount(FilterBar(text, hint=hint), after=self.query_one(LogView))

    @on(FilterBar.Changed)
    def _typed(self, message: FilterBar.Changed) -> None:
        bar = self.query_one(FilterBar)
        try:
            if self._typing == "search":
                self._look_for(Pattern.parse(message.text) if message.text else None)
            elif self._typing == "filter":
                self._hide_by(parse_log_filter(message.text), message.text)
            bar.explain("")
        except LainError as error:
            bar.explain(f"{error.what}. {error.hint}")

    @on(FilterBar.Closed)
    async def _typing_done(self, message: FilterBar.Closed) -> None:
        await self.query(FilterBar).remove()
        view = self.query_one(LogView)
        view.focus()
        if self._typing == "save" and message.text:
            self._save(message.text)
        elif self._typing == "search":
            if not message.text:
                self._look_for(None)
            elif self._search is not None and view.following:
                self.verb_previous()
        elif self._typing == "filter" and not message.text:
            self._hide_by(LogFilter(), "")

    def _look_for(self, pattern: Pattern | None) -> None:
        self._search = MatchCount(pattern) if pattern else None
        if pattern is None:
            self._only_matches = False
        self.query_one(LogView).show(highlight=pattern.spans if pattern else None)
        self._select()

    def _hide_by(self, log_filter: LogFilter, text: str) -> None:
        self._filter, self._filter_text = log_filter, text.strip()
        self._select()

    def _select(self) -> None:
        wanted = self._filter
        if self._only_matches and self._search is not None:
            patterns = (*wanted.patterns, self._search.pattern)
            wanted = msgspec.structs.replace(wanted, patterns=patterns, context=3)
        # While something is searched for, traces stand open: a match may be inside one.
        self._lines.selection.change(wanted, self._folded and self._search is None)
        self._look()

    def verb_only(self) -> None:
        self._only_matches = not self._only_matches
        self._select()

    def verb_level(self) -> None:
        level = next((level for level in LEVELS if level > self._filter.level), Level.NONE)
        self._hide_by(msgspec.structs.replace(self._filter, level=level), self._filter_text)
        self.say("Every level" if not level else f"{level.name.lower()} and above")

    def verb_next(self) -> None:
        self._go(1, self._matches)

    def verb_previous(self) -> None:
        self._go(-1, self._matches)

    def verb_error(self) -> None:
        self._go(1, lambda line: line.level >= Level.ERROR)

    def verb_error_before(self) -> None:
        self._go(-1, lambda line: line.level >= Level.ERROR)

    def verb_mark_next(self) -> None:
        self._go(1, lambda line: line.index in self.query_one(LogView).marks)

    def verb_mark_before(self) -> None:
        self._go(-1, lambda line: line.index in self.query_one(LogView).marks)

    def _matches(self, line: LogLine) -> bool:
        return self._search is not None and self._search.pattern.matches(line.text)

    def _go(self, step: int, wanted: Callable[[LogLine], bool]) -> None:
        view = self.query_one(LogView)
        index = next_line(self._lines.selection, self._lines.buffer, view.cursor, wanted, step)
        if index is None:
            self.say("None is kept")
        else:
            view.go_to(index)

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

    @property
    def _look_now(self) -> LogLook:
        return self.query_one(LogView).look

    def _look_like(self, **changes: object) -> None:
        view = self.query_one(LogView)
        highlight = self._search.pattern.spans if self._search else None
        view.show(msgspec.structs.replace(view.look, **changes), highlight)

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

    @work(group="logs-older", exclusive=True, exit_on_error=False)
    async def verb_older(self) -> None:
        if self._feed is not None:
            count = await self._feed.load_older()
            self.say(f"{count:,} older lines" if count else "Nothing older is kept by the kubelet")

    # Taking lines away

    def verb_copy(self) -> None:
        view, buffer = self.query_one(LogView), self._lines.buffer
        chosen = sorted(index for index in view.marks if buffer.first <= index < buffer.end)
        if not chosen and view.cursor is not None:
            chosen = [view.cursor]
        self.app.copy_to_clipboard("\n".join(as_text(buffer[index]) for index in chosen))
        self.say(f"Copied {len(chosen)} {'line' if len(chosen) == 1 else 'lines'}")

    def _shown(self) -> list[LogLine]:
        selection = self._lines.selection
        return [self._lines.buffer[selection[position]] for position in range(len(selection))]

    @work(group="logs-save", exit_on_error=False)
    async def _save(self, name: str) -> None:
        try:
            count = await asyncio.to_thread(save_lines, self._shown(), Path(name))
        except LainError as error:
            self.say_error(error)
        else:
            self.say(f"Saved {count:,} lines to {name}")

    def verb_pager(self) -> None:
        from lain_tui.screens.logs.pager import page

        page(self.app, (as_text(line) for line in self._shown()))

    @on(LogView.Opened)
    def _opened(self, message: LogView.Opened) -> None:
        from lain_tui.screens.logs.record import RecordScreen

        self.app.push_screen(RecordScreen(message.line))

    @on(LogView.Moved)
    def _moved(self) -> None:
        self._show_bar()

    def verb_back(self) -> None:
        if self._search is not None:
            self._look_for(None)
        elif not self._filter.is_empty:
            self._hide_by(LogFilter(), "")
        else:
            self.dismiss()

    def refusal(self, verb: Verb) -> str:
        if verb.id in NEEDS_MATCH and self._search is None:
            return "search for something first: /"
        if verb.id.startswith("logs.mark-") and not self.query_one(LogView).marks:
            return "no line is marked: space marks one"
        return ""


def _found_words(search: MatchCount) -> str:
    return f"/{search.pattern.text} {counted(search.count, 'match', 'matches')}"
