"""The Logs screen as far as it finds: a search that highlights, filters that hide, and ways from place to place."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from textual import on

from lain_tui.core.errors import LainError
from lain_tui.core.logs.containers import LogScope
from lain_tui.core.logs.find import MatchCount, Wanted, among, errors, next_line, with_pattern
from lain_tui.core.logs.moments import parse_moment
from lain_tui.core.logs.search import LogFilter, Pattern
from lain_tui.core.model.logs import Level
from lain_tui.screens.logs.filter_text import HINT, parse_log_filter
from lain_tui.screens.logs.reading import ReadingScreen
from lain_tui.widgets.filter_bar import FilterBar
from lain_tui.widgets.log_view import LogView

LEVELS = (Level.INFO, Level.WARN, Level.ERROR)


class FindingScreen(ReadingScreen):
    """Search and filter."""

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
        await self._ask("scope", text, f"here: {names} · or pods, container:NAME, blank for all", "read")

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
            self.save(message.text)
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

    def _narrow(self, word: str | None) -> None:
        """Add a word to the filter."""
        if word:
            text = f"{self._filter_text} {word}".strip()
            self._hide_by(parse_log_filter(text), text)

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
        self.go_to_moment(moment)

    def go_to_moment(self, moment: datetime) -> object:
        """Go to the first line from then on."""
        raise NotImplementedError

    def save(self, name: str) -> None:
        """Save the lines shown."""
        raise NotImplementedError
