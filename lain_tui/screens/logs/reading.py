"""The Logs screen as far as it reads: the stream, what is kept of it, and the line that tells of both."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import ClassVar

import msgspec
from rich.cells import cell_len
from textual import on, work
from textual.app import ComposeResult

from lain_tui.core.logs.buffer import LogBuffer
from lain_tui.core.logs.containers import LogScope
from lain_tui.core.logs.feed import FeedOptions
from lain_tui.core.logs.find import MatchCount, Tally
from lain_tui.core.logs.search import LogFilter, Own
from lain_tui.core.logs.selection import LogSelection
from lain_tui.core.logs.timestamps import SECOND, time_of_day
from lain_tui.core.model.logs import Level
from lain_tui.core.model.text import counted
from lain_tui.screens.base import LainScreen
from lain_tui.screens.logs.lines import SelectedLines
from lain_tui.screens.logs.source import Feed, Source
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.log_bar import LogBar, LogState
from lain_tui.widgets.log_columns import LogLook, name_of
from lain_tui.widgets.log_view import LogView

FRAME = 0.1
"""Seconds between two looks at what came."""
CALM = 1.0
"""The same while nothing comes."""
SLICE, PATIENCE = 50_000, 0.03
"""Lines that a filter looks at in one go, and the seconds it may take before keys have their turn."""
SETTLING = 2.0
"""Seconds within which what was written before has come."""
MINUTES = 30
HOUR = 3600 * SECOND
DAY = 24 * HOUR
WIDEST_NAME = 28
"""Cells to which shorter names are filled up."""


class ReadingScreen(LainScreen[None]):
    """Reads while it is on top of the stack; leaving it ends every stream."""

    VERBS: ClassVar[tuple[Verb, ...]] = ()

    def __init__(
        self,
        source: Source,
        scope: LogScope | None = None,
        *,
        subject: str = "",
        previous: bool = False,
        capacity: int = 200_000,
        tail: int = 200,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        """`clock` gives nanoseconds since 1970."""
        super().__init__()
        self._source = source
        self._target = target = source.target
        self._clock = clock
        self._scope = scope or LogScope()
        self._subject = subject or target.app or target.namespace
        self._options = FeedOptions(tail=tail, previous=previous)
        self._capacity, self._tail = capacity, tail
        self._feed: Feed | None = None
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
        self._loading = False
        """Older lines are on their way."""
        self._span = ""
        """The range of time that was asked for, in words."""
        self._hurried = self._offered = False
        self._sources = 0
        self._opened_at, self._settled_at, self._looked = 0, 0.0, 0.0
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
        reading = await self._source.reading(self._scope, self._options, self._lines.buffer)
        async with reading as feed:
            self._feed, self._opened_at = feed, self._clock()
            self._settled_at = time.monotonic() + SETTLING
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
        if len(buffer.sources) != self._sources or self._clock() - view.look.day > DAY + HOUR:
            self._sources = len(buffer.sources)
            self._look_like()
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
            return self._source.trouble or "connecting …"
        if feed.error is not None:
            return str(feed.error.what)
        if not feed.met:
            return f"no pod of {self._subject} is there; lines come here when one starts"
        if self._options.previous:
            return "no container here has run before · p back to the running ones"
        if self._clock() - self._opened_at < SECOND:
            return "reading …"
        return f"{counted(feed.streams, 'container')} followed, and nothing written yet"

    def _offer_streams(self) -> None:
        feed = self._feed
        if feed is not None and feed.waiting and not self._offered and feed.streams >= feed.allowed:
            self._offered = True
            key = self.keys().get("streams", "A")
            self.say(
                f"{feed.allowed} containers are followed, {feed.waiting} wait. {key} follows all of them."
            )

    def _show_bar(self) -> None:
        buffer, selection, view = self._lines.buffer, self._lines.selection, self.query_one(LogView)
        now = time.monotonic()
        if not self._counted or now < self._settled_at:
            # What was there already says nothing of how much comes.
            self._counted, self._counted_at = buffer.end, now
        elif now - self._counted_at >= 1:
            self._rate = (buffer.end - self._counted) / (now - self._counted_at)
            self._counted_at, self._counted = now, buffer.end
        lines, errors = self._tally.last_minutes(self._clock(), MINUTES)
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
                new=view.new,
                below=view.below,
                selected=self._selected(),
                span=self._span,
                loading=self._loading,
                incomplete=self._incomplete(),
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
                trouble=trouble or (self._source.trouble if feed is None else ""),
            )
        )

    def _selected(self) -> int:
        """How many lines shown are selected."""
        selection, chosen = self._lines.selection, self.query_one(LogView).selected
        return selection.position(chosen.stop) - selection.position(chosen.start) if chosen else 0

    def _lacks(self, index: int) -> bool:
        """Whether older lines can be loaded that are younger than this one: of containers that write more."""
        buffer, feed = self._lines.buffer, self._feed
        if feed is None or self._no_older or buffer.dropped or not buffer.first <= index < buffer.end:
            return False
        return buffer[index].time < feed.begins

    def _incomplete(self) -> str:
        """The time of day before which lines on screen have gaps between them."""
        view, feed = self.query_one(LogView), self._feed
        if feed is None or view.following or view.top is None or not self._lacks(view.top):
            return ""
        return time_of_day(feed.begins // SECOND)

    def _filter_words(self) -> str:
        words = [self._filter_text] if self._filter_text else []
        if self._least:
            words.append(f"≥ {self._least.name.lower()}")
        if self._only_matches:
            words.append("matches ±3")
        return " ".join(words)

    @on(LogView.Moved)
    def _moved(self) -> None:
        self._show_bar()

    # Older lines

    @property
    def _full(self) -> bool:
        """There is no room for older lines: younger ones have taken it, or would."""
        return bool(self._lines.buffer.dropped) or len(self._lines.buffer) >= self._capacity

    async def _take_older(self, feed: Feed, back_to: int = 0) -> int:
        """Load older lines and sort them in; return how many came.

        Raises LainError when they cannot be had.
        """
        self._loading = True
        self._show_bar()
        try:
            insertion = await feed.load_older(back_to)
        finally:
            self._loading = False
        if insertion and feed is self._feed:
            selection = self._lines.selection
            selection.moved(insertion)
            self._take_in(selection)
            self._tally.add(insertion.lines)
            self.query_one(LogView).moved(insertion.index)
            self._span = ""
        self._looked_at = (-1, -1)
        self._look()
        return len(insertion)

    # Looks

    @property
    def _look_now(self) -> LogLook:
        return self.query_one(LogView).look

    def _look_like(self, **changes: object) -> None:
        view = self.query_one(LogView)
        highlight = self._search.pattern.spans if self._search else None
        look = msgspec.structs.replace(view.look, **changes)
        sources = self._lines.buffer.sources
        several = len({source.pod_uid or source.pod for source in sources}) < len(sources)
        look = msgspec.structs.replace(look, containers=several, day=self._clock() - DAY)
        view.meet(self._feed.sources if self._feed is not None else sources)
        widths = (cell_len(name_of(source, look)) for source in sources)
        view.show(
            msgspec.structs.replace(look, name_width=min(WIDEST_NAME, max(widths, default=0))), highlight
        )


def _found_words(search: MatchCount, cursor: int | None) -> str:
    rank = search.rank(cursor) if cursor is not None else 0
    place = f"{rank:,} of " if rank else ""
    return f"/{search.pattern.text} {place}{counted(search.count, 'match', 'matches')}"
