"""The Logs screen: every container in scope in one ordered, searchable stream."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable, Iterator, Sequence
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
from lain_tui.core.logs.find import MatchCount, Tally, Wanted, among, errors, next_line, with_pattern
from lain_tui.core.logs.moments import parse_moment, to_nanoseconds
from lain_tui.core.logs.save import as_text, save_lines
from lain_tui.core.logs.search import LogFilter, Own, Pattern
from lain_tui.core.logs.selection import LogSelection
from lain_tui.core.model.logs import Level, LogLine
from lain_tui.core.model.text import counted
from lain_tui.core.target import Target
from lain_tui.screens.base import LainScreen
from lain_tui.screens.logs.filter_text import HINT, parse_log_filter
from lain_tui.screens.logs.lines import SelectedLines
from lain_tui.screens.logs.verbs import RANGES, VERBS
from lain_tui.screens.places import Context
from lain_tui.screens.session import Session
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.filter_bar import FilterBar
from lain_tui.widgets.log_bar import LogBar, LogState
from lain_tui.widgets.log_columns import LogLook
from lain_tui.widgets.log_view import LogView

LEVELS = (Level.INFO, Level.WARN, Level.ERROR)
FRAME = 0.1
"""Seconds between two looks at what came."""
CALM = 1.0
"""The same while nothing comes."""
SLICE, PATIENCE = 50_000, 0.03
"""Lines that a filter looks at in one go, and the seconds it may take before keys have their turn."""
MINUTES = 30
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
        self._least = Level.NONE
        """At least this level is shown, whatever the filter's text says."""
        self._own = Own.NOTED
        self._only_matches = False
        self._folded = True
        self._typing = ""
        """What the open bar is for: `search`, `filter`, `moment` or `save`."""
        self._no_older = False
        """The kubelet has been asked for older lines, and has none."""
        self._hurried = self._offered = False
        self._sources = 0
        self._opened_at = self._looked = 0.0
        self._rate, self._counted_at, self._counted = 0.0, time.monotonic(), 0
        self._begin()

    def _begin(self) -> None:
        buffer = LogBuffer(self._capacity)
        self._tally = Tally()
        self._looked_at = (-1, -1)
        """What the last look saw: revision of the buffer, version of the feed."""
        self._lines = SelectedLines(buffer, LogSelection(buffer, self._filter))

    def compose_content(self) -> ComposeResult:
        yield LogBar(
            LogState(subject=self._subject, cluster=self._target.cluster, protected=self._target.protected)
        )
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
            self._feed, self._opened_at = feed, time.monotonic()
            self._no_older = False
            await asyncio.Event().wait()

    def _restart(self, **changes: object) -> None:
        """Read again with other options, from an empty buffer."""
        self._options = msgspec.structs.replace(self._options, **changes)
        selection = self._lines.selection
        self._feed = None
        self._begin()
        self._lines.selection.change(selection.filter, selection.folded)
        if self._search is not None:
            self._search = MatchCount(self._search.pattern)
        self.query_one(LogView).show_lines(self._lines)
        self._read()

    def _look(self) -> None:
        """Take in what came; called on a beat, so that a flood of lines costs no more than a trickle."""
        buffer, selection = self._lines.buffer, self._lines.selection
        feed = self._feed
        now = time.monotonic()
        seen = (buffer.revision, feed.version if feed is not None else -1)
        if seen == self._looked_at and selection.complete and now - self._looked < CALM:
            return
        self._looked_at, self._looked = seen, now
        view = self.query_one(LogView)
        if self._take_in(selection):
            view.update()
        if not selection.complete and not self._hurried:
            self._hurried = True
            self.set_timer(0.01, self._hurry)
        self._tally.update(buffer)
        if self._search is not None:
            self._search.update(buffer)
        if len(buffer.sources) != self._sources:
            self._sources = len(buffer.sources)
            pods = {(source.pod, source.pod_uid) for source in buffer.sources}
            if (several := len(pods) < self._sources) is not view.look.containers:
                self._look_like(containers=several)
        if not len(selection):
            view.say(self._why_empty())
        self._offer_streams()
        self._show_bar()

    def _take_in(self, selection: LogSelection) -> bool:
        """Look at what the filter has not seen yet, for as long as nobody notices; tell whether it changed anything."""
        changed, until = selection.refresh(SLICE), time.monotonic() + PATIENCE
        while not selection.complete and time.monotonic() < until:
            changed = selection.refresh(SLICE) or changed
        return changed

    def _hurry(self) -> None:
        """A filter has much to look at: do not wait for the beat."""
        self._hurried = False
        self._look()

    def _why_empty(self) -> str:
        """What is said in place of lines."""
        feed, buffer = self._feed, self._lines.buffer
        if len(buffer) and not self._lines.selection.filter.is_empty:
            done = self._lines.selection.complete
            return f"none of {len(buffer):,} lines passes the filter · esc ends it" if done else "looking …"
        if feed is None:
            return self._session.link.reason or "connecting …"
        if feed.error is not None:
            return str(feed.error.what)
        if not feed.met:
            return f"no pod of {self._subject} is there; lines come here when one starts"
        if self._options.previous:
            return "no container here has run before · p back to the running ones"
        if time.monotonic() - self._opened_at < 1:
            return "reading …"
        return f"{counted(feed.streams, 'container')} followed, and nothing written yet"

    def _offer_streams(self) -> None:
        feed = self._feed
        if feed is not None and feed.waiting and not self._offered and feed.streams >= feed.allowed:
            self._offered = True
            self.say(f"{feed.allowed} containers are followed, {feed.waiting} wait. A follows all of them.")

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
                cluster=self._target.cluster,
                protected=self._target.protected,
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
                search=_found_words(search, view.cursor) if search else "",
                previous=self._options.previous,
                trouble=trouble or (self._session.link.reason if feed is None else ""),
            )
        )

    def _filter_words(self) -> str:
        words = [self._filter_text] if self._filter_text else []
        if self._least:
            words.append(f"≥ {self._least.name.lower()}")
        if self._only_matches:
            words.append("matches ±3")
        return " ".join(words)

    # Search and filter

    async def verb_search(self) -> None:
        text = self._search.pattern.text if self._search else ""
        await self._ask("search", text, "regular expression · enter, then n N, f for matches only")

    async def verb_filter(self) -> None:
        await self._ask("filter", self._filter_text, HINT, "&")

    async def verb_moment(self) -> None:
        await self._ask("moment", "", "15m ago · 10:32 · 2026-01-31 10:32:05 · enter goes there", "@")

    async def verb_save(self) -> None:
        name = f"{self._subject.split()[0]}-{datetime.now(UTC):%Y%m%d-%H%M%S}.log"
        await self._ask("save", name, "file name · .jsonl for JSON lines · enter saves", "save as")

    async def verb_scope(self) -> None:
        found = self._feed.sources if self._feed is not None else ()
        names = " ".join(sorted({source.proc for source in found}))
        text = " ".join(
            [*sorted(self._scope.chosen), *(f"container:{name}" for name in sorted(self._scope.containers))]
        )
        await self._ask("scope", text, f"procs, pods, container:NAME; blank for all · here: {names}", "read")

    async def _ask(self, what: str, text: str, hint: str, label: str = "/") -> None:
        if not self.query(FilterBar):
            self._typing = what
            await self.mount(FilterBar(text, hint=hint, label=label), after=self.query_one(LogView))

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
        elif self._typing == "scope" and not message.cleared:
            self._read_of(message.text)
        elif self._typing == "moment" and message.text:
            self._go_to_moment(message.text)
        elif self._typing == "search":
            if not message.text:
                self._look_for(None)
            elif self._search is not None and view.following:
                self.verb_previous()
        elif self._typing == "filter" and not message.text:
            self._hide_by(LogFilter(), "")

    def _read_of(self, text: str) -> None:
        """Read the containers that were named, in place of those read so far."""
        words = text.split()
        containers = frozenset(
            word.removeprefix("container:") for word in words if word.startswith("container:")
        )
        names = frozenset(word for word in words if not word.startswith("container:"))
        self._scope = LogScope(names=names, containers=containers)
        self._subject = " ".join([self._target.app or self._target.namespace, *words])
        self._restart()

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
        level = max(self._filter.level, self._least)
        wanted = msgspec.structs.replace(self._filter, level=level, own=self._own)
        if self._only_matches and self._search is not None:
            patterns = (*wanted.patterns, self._search.pattern)
            wanted = msgspec.structs.replace(wanted, patterns=patterns, context=3)
        # While something is searched for, traces stand open: a match may be inside one.
        self._lines.selection.change(wanted, self._folded and self._search is None)
        self._looked_at = (-1, -1)
        self._look()

    def verb_only(self) -> None:
        self._only_matches = not self._only_matches
        self._select()

    def verb_level(self) -> None:
        self._least = next((level for level in LEVELS if level > self._least), Level.NONE)
        self._select()
        self.say("Every level" if not self._least else f"{self._least.name.lower()} and above")

    def verb_events(self) -> None:
        self._own = self._own.next
        self._select()
        self.say(f"Events, crashes and connections: {self._own.value}")

    # Going from place to place

    def verb_next(self) -> None:
        self._go_to_match(1)

    def verb_previous(self) -> None:
        self._go_to_match(-1)

    def _go_to_match(self, step: int) -> None:
        if self._search is not None:
            self._go(step, with_pattern(self._search.pattern), "match")

    def verb_error(self) -> None:
        self._go(1, errors, "error")

    def verb_error_before(self) -> None:
        self._go(-1, errors, "error")

    def verb_mark_next(self) -> None:
        self._go(1, among(self.query_one(LogView).marks), "mark")

    def verb_mark_before(self) -> None:
        self._go(-1, among(self.query_one(LogView).marks), "mark")

    def _go(self, step: int, wanted: Wanted, what: str) -> None:
        view = self.query_one(LogView)
        start = view.cursor
        index = next_line(self._lines.selection, self._lines.buffer, start, wanted, step)
        if index is None:
            self.say(f"No {what} among the lines shown")
            return
        if start is not None and (index < start if step > 0 else index > start) and not view.following:
            self.say(f"Past the {'newest' if step > 0 else 'oldest'} {what}, on from the other end")
        view.go_to(index)

    def _go_to_moment(self, text: str) -> None:
        try:
            moment = parse_moment(text, datetime.now().astimezone())
        except LainError as error:
            self.say_error(error)
            return
        buffer, selection = self._lines.buffer, self._lines.selection
        if not len(selection):
            return
        wanted = to_nanoseconds(moment)
        position = min(selection.position(buffer.find_time(wanted)), len(selection) - 1)
        self.query_one(LogView).go_to(selection[position])
        if wanted < buffer[buffer.first].time:
            self.say("That is before the oldest line kept: 6 loads all there is")

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
    async def _fetch_older(self, feed: LogFeed) -> None:
        if len(feed.buffer) >= feed.buffer.capacity:
            self._no_older = True
            self.say(f"{feed.buffer.capacity:,} lines are kept, and no more fit: logs.lines in the settings")
            return
        count = await feed.load_older()
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

        page(self.app, map(as_text, self._shown()))

    @on(LogView.Opened)
    def _opened(self, message: LogView.Opened) -> None:
        from lain_tui.screens.logs.record import RecordScreen

        self.app.push_screen(RecordScreen(message.line, self._lines.rest(message.line.index)))

    @on(LogView.Moved)
    def _moved(self) -> None:
        self._show_bar()

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


def _found_words(search: MatchCount, cursor: int | None) -> str:
    rank = search.rank(cursor) if cursor is not None else 0
    place = f"{rank:,} of " if rank else ""
    return f"/{search.pattern.text} {place}{counted(search.count, 'match', 'matches')}"


def app_logs(context: Context) -> LogsScreen:
    """The log of the whole app."""
    settings = context.settings.logs
    return LogsScreen(context.session, context.target, capacity=settings.lines, tail=settings.tail)
