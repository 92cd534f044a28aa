"""The Status screen as far as it shows: follows the picture of an app (`StatusBoard`), and arranges it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import msgspec
from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message

from lain_tui.core.errors import LainError
from lain_tui.core.model.finding import Finding
from lain_tui.core.model.status import Link, Severity, StatusView
from lain_tui.core.target import Target
from lain_tui.screens.base import LainScreen
from lain_tui.screens.status.layout import WIDE, divide
from lain_tui.screens.status.ports import Board, Source
from lain_tui.screens.status.words import calm, empty_table, remedy_keys
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.header import Header
from lain_tui.widgets.notices import GapNotice
from lain_tui.widgets.pod_filter import PodFilter, parse_filter
from lain_tui.widgets.pod_rows import Arrangement, arrange
from lain_tui.widgets.pod_table import PodTable
from lain_tui.widgets.urls_pane import UrlsPane
from lain_tui.widgets.why_pane import WhyPane
from lain_tui.widgets.words import Clock, wall_clock

if TYPE_CHECKING:
    # Loaded when they are first opened, not before the first frame.
    from lain_tui.widgets.filter_bar import FilterBar

FRAME = 1 / 15
"""Seconds between two pictures at least; what comes in between is in the next one."""
_SHARE = 4
"""How many times longer than a picture takes the keys have the loop to themselves."""

_AGAIN = 5.0
"""Seconds after which a picture that could not be had is asked for again."""


class PicturingScreen(LainScreen[None]):
    """What is shown, how the rows are arranged, and which part of the screen each pane gets."""

    VERBS: ClassVar[tuple[Verb, ...]] = ()
    DEFAULT_CSS = """
    PicturingScreen {
        #panes { height: auto; layout: vertical; }
        #free { height: 1fr; }
        &.-beside #panes { layout: horizontal; }
        &.-beside WhyPane { width: 3fr; margin-right: 1; }
        &.-beside UrlsPane { width: 2fr; }
    }
    """

    @dataclass
    class Pictured(Message):
        """A new picture has been computed."""

        view: StatusView

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, PicturingScreen.Pictured)

    @dataclass
    class Failed(Message):
        """The picture cannot be had."""

        error: Exception

    def __init__(self, source: Source, *, clock: Clock = wall_clock, back: bool = False) -> None:
        """`back` says that there is a screen of apps to go back to."""
        super().__init__()
        self._source = source
        self._clock = clock
        self._back = back
        self._board: Board | None = None
        target = source.target
        self._view = StatusView(app=target.app, cluster=target.cluster, namespace=target.namespace)
        self._how = Arrangement()
        self._moved = False
        self._why_lines = 1
        self._rows = 0

    @property
    def target(self) -> Target:
        return self._source.target

    @property
    def picture(self) -> StatusView:
        """What is shown just now."""
        return self._view

    def compose_content(self) -> ComposeResult:
        target = self.target
        yield Header(
            target.app,
            target.cluster,
            target.namespace,
            protected=target.protected,
            read_only=target.read_only,
            clock=self._clock,
        )
        yield PodTable(clock=self._clock)
        yield GapNotice()
        with Container(id="panes"):
            yield WhyPane(clock=self._clock)
            yield UrlsPane(clock=self._clock)
        yield Container(id="free")

    def on_mount(self) -> None:
        self._show()
        # Data comes after the first frame, which must not wait for it.
        self.call_after_refresh(self._start)

    def _start(self) -> None:
        self._follow()
        self._watch_link()

    # Following the picture

    @work(group="status-board", exclusive=True, exit_on_error=False)
    async def _follow(self) -> None:
        while True:
            try:
                async with self._source.board() as board:
                    self._board = board
                    await self._keep_picturing(board)
            except (LainError, OSError) as error:
                self.post_message(self.Failed(error))
                await asyncio.sleep(_AGAIN)

    async def _keep_picturing(self, board: Board) -> None:
        seen = board.version
        while True:
            started = time.perf_counter()
            view = board.view()
            if view.synced or view != self._view:  # as yet it says nothing that is not shown
                self.post_message(self.Pictured(view))
            took = time.perf_counter() - started
            if view.synced:  # until then the reader waits for the first pods, and every answer counts
                await asyncio.sleep(max(FRAME, took * _SHARE))
            await self.in_sight()
            seen = await board.changed(seen)

    @work(group="status-link", exclusive=True, exit_on_error=False)
    async def _watch_link(self) -> None:
        while self._board is None:
            self.post_message(self.Pictured(msgspec.structs.replace(self._view, link=self._source.link())))
            await self._source.link_changed()

    @on(Pictured)
    def _pictured(self, message: Pictured) -> None:
        first = message.view.synced and not self._view.synced
        self._view = message.view
        self._show()
        if first and not self._moved:
            self._to_worst()

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        link = Link(live=False, reason=str(message.error), stale_since=self._view.link.stale_since)
        self._view = msgspec.structs.replace(self._view, link=link)
        self._show()

    def _to_worst(self) -> None:
        """Start on what needs the reader most."""
        if self._board is not None and (worst := self._board.worst()):
            self.query_one(PodTable).move_to(worst)

    # Showing

    def _show(self) -> None:
        view = self._view
        self.query_one(Header).show(view)
        self._show_rows()
        self.query_one(GapNotice).show(view.gaps)
        self.query_one(UrlsPane).show(view.urls)
        self._show_why()

    def _show_rows(self) -> None:
        how, table = self._how, self.query_one(PodTable)
        rows = arrange(self._view.procs, how)
        table.set_rows(rows, grouped=how.grouped, sort=(how.sort, how.descending))
        table.set_notice([] if rows else empty_table(self._view, how, self.keys(), self.size.width))
        self._rows = len(rows)

    def _show_why(self) -> None:
        pane = self.query_one(WhyPane)
        finding = self._finding()
        words = calm(self.query_one(PodTable).row) if self._view.synced else ""
        pane.show(finding, calm=words, keys=remedy_keys(self.keys()))
        self._divide()

    def _finding(self) -> Finding | None:
        """What is wrong with the selected row, or with the app while nothing has been selected."""
        board = self._board
        if board is None:
            return None
        row = self.query_one(PodTable).row
        if row is None or not self._moved:
            return board.finding()
        if row.pod is not None:
            return board.finding(row.pod.uid)
        worst = max(row.proc.pods, key=lambda pod: pod.severity, default=None)
        return board.finding(row.proc.uid) or (board.finding(worst.uid) if worst is not None else None)

    def _divide(self) -> None:
        """Give each pane its lines."""
        size = self.size
        if not size.height:
            return
        why, urls = self.query_one(WhyPane), self.query_one(UrlsPane)
        troubled = self._view.severity >= Severity.PROGRESS or why.wanted > 1
        # The pane only grows, so that moving the selection does not move the table.
        self._why_lines = max(self._why_lines, why.wanted) if troubled else 1
        extra = self.query_one(GapNotice).wanted + len(self.query("FilterBar"))
        heights = divide(
            size.width, size.height, rows=self._rows + 1, why=self._why_lines, urls=urls.wanted, extra=extra
        )
        self.set_class(size.width >= WIDE and heights.urls > 1, "-beside")
        used = heights.table + heights.why + (0 if self.has_class("-beside") else heights.urls)
        # A part of one fraction takes a line even where none is left.
        self.query_one("#free").display = used + extra + 2 < size.height
        table = self.query_one(PodTable)
        for pane, height in ((table, heights.table), (why, heights.why), (urls, heights.urls)):
            pane.display = height > 0
            if pane.styles.height is None or pane.styles.height.value != height:
                pane.styles.height = height

    def on_resize(self, event: events.Resize) -> None:
        self._why_lines = 1
        self.call_after_refresh(self._show_why)

    @on(PodTable.Highlighted)
    def _highlighted(self) -> None:
        self._show_why()
        self.show_keys()

    @on(PodTable.Moved)
    def _selected(self) -> None:
        self._moved = True

    # How the rows are arranged

    def _arrange(self, **changes: object) -> None:
        self._how = msgspec.structs.replace(self._how, **changes)
        self._show_rows()
        self._show_why()

    @on(PodTable.SortRequested)
    def _sort(self, message: PodTable.SortRequested) -> None:
        how = self._how
        if how.sort != message.column:
            self._arrange(sort=message.column, descending=False)
        elif not how.descending:
            self._arrange(descending=True)
        else:
            self._arrange(sort="", descending=False)

    @on(PodTable.FoldRequested)
    def _fold(self, message: PodTable.FoldRequested) -> None:
        folded = self._how.folded
        self._arrange(folded=folded | {message.key} if message.folded else folded - {message.key})

    async def verb_filter(self) -> None:
        from lain_tui.widgets.filter_bar import FilterBar

        if not self.query(FilterBar):
            bar = FilterBar(self._how.filter.text, hint="regex · !inverse · -l selector · -f fuzzy")
            await self.mount(bar, after=self.query_one("#free"))
            self._divide()

    def on_filter_bar_changed(self, message: FilterBar.Changed) -> None:
        new = parse_filter(message.text)
        message.bar.explain(new.error)
        self._arrange(filter=new)

    async def on_filter_bar_closed(self, message: FilterBar.Closed) -> None:
        await self.query("FilterBar").remove()
        self.query_one(PodTable).focus()
        if not message.text.strip():
            self._arrange(filter=PodFilter())
        self._divide()

    def verb_faults(self) -> None:
        self._arrange(faults_only=not self._how.faults_only)

    def verb_flat(self) -> None:
        self._arrange(grouped=not self._how.grouped)

    def verb_back(self) -> None:
        if self.query_one(PodTable).clear_marks():
            return
        if self._how.filter or self._how.faults_only:
            self._arrange(filter=PodFilter(), faults_only=False)
        elif self._back:
            self.dismiss()
