"""The line above a log: what is read, how much of it is kept, how busy it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from lain_tui.core.model.text import counted
from lain_tui.widgets.badge import badge_in
from lain_tui.widgets.canvas import Line, Page, Span, clip, fit, width_of

_STEPS = "▁▂▃▄▅▆▇█"


class LogState(msgspec.Struct, frozen=True, kw_only=True):
    """What the bar says."""

    subject: str
    cluster: str = ""
    protected: bool = False
    streams: int = 0
    waiting: int = 0
    following: bool = True
    new: int = 0
    """Lines that came while the reader stands still."""
    below: int = 0
    """Lines younger than the last on screen."""
    selected: int = 0
    rate: float = 0.0
    """Lines a second."""
    kept: int = 0
    shown: int = 0
    dropped: int = 0
    errors: int = 0
    minutes: Sequence[int] = ()
    minute_errors: Sequence[int] = ()
    filter: str = ""
    search: str = ""
    previous: bool = False
    span: str = ""
    """The range of time that was asked for, when it is not the usual one."""
    loading: bool = False
    """Older lines are on their way."""
    incomplete: str = ""
    """The time of day before which lines are missing that have not been loaded, when the reader is there."""
    trouble: str = ""


class LogBar(Page):
    """One line that sheds its parts as the terminal narrows."""

    DEFAULT_CSS = "LogBar { background: $surface; }"

    def __init__(self, state: LogState) -> None:
        super().__init__()
        self._state = state

    def show(self, state: LogState) -> None:
        if state != self._state:
            self._state = state
            self.redraw()

    def lines(self, width: int) -> list[Line]:
        state = self._state
        left: list[Span] = [(" ", ""), (state.subject, "strong")]
        if state.cluster:
            left += [(" ", ""), badge_in(self.app, state.cluster, protected=state.protected)]
        if state.span:
            left.append((f"  {state.span}", "accent"))
        if state.previous:
            # Nothing is followed there.
            left.append(("  before the last restart", "accent"))
        elif state.following:
            left.append(("  ● following", "quiet"))
        else:
            left.append(("  ‖ paused", "progress"))
            if state.new:
                left.append((f", {state.new:,} new", "quiet"))
        needed = width_of(left) + 2
        # In the order in which they may have room: what needs the reader first, then the picture, then the rest.
        right: list[Span] = []
        middle: list[Span] = []
        for part in self._pressing(width):
            room = width - needed - 2
            if not middle and width_of(part) > room > 12:
                part = fit(part, room)
            if needed + width_of(part) + 2 <= width:
                middle += [("  ", ""), *part]
                needed += width_of(part) + 2
        for minutes in (10, 0) if width < 110 else (20, 10) if width < 150 else (30, 20):
            right = self._right(minutes)
            if needed + width_of(right) <= width:
                break
        else:
            right = []
        needed += width_of(right)
        for part in self._quiet():
            if needed + width_of(part) + 2 <= width:
                middle += [("  ", ""), *part]
                needed += width_of(part) + 2
        gap = width - width_of(left) - width_of(middle) - width_of(right) - 1
        if gap < 0:
            return [[(clip("".join(text for text, _ in left), width), "strong")]]
        return [[*left, *middle, (" " * gap, ""), *right, (" ", "")]]

    def _pressing(self, width: int) -> Iterator[list[Span]]:
        state = self._state
        if state.trouble:
            yield [(state.trouble, "broken")]
        if state.selected:
            yield [(f"{state.selected:,} selected", "accent")]
        if state.loading:
            yield [("loading older lines …", "quiet")]
        elif state.incomplete:
            yield [(f"before {state.incomplete} not all is loaded", "risk")]
        if state.search:
            yield [(state.search, "accent")]
        if state.filter:
            words = clip(state.filter, max(16, width // 4))
            yield [("filter ", "quiet"), (words, "accent"), (f" {state.shown:,} shown", "quiet")]
        if state.dropped:
            yield [(f"{state.dropped:,} dropped", "risk")]
        if state.waiting:
            yield [(f"{state.waiting} more wait", "risk")]

    def _quiet(self) -> Iterator[list[Span]]:
        state = self._state
        if not state.following and state.below > 0:
            yield [(f"{state.below:,} below", "quiet")]
        yield [(f"{state.kept:,} kept", "quiet")]
        if state.rate >= 1:
            yield [(f"{state.rate:,.0f}/s", "quiet")]
        if state.streams or not state.previous:
            yield [(counted(state.streams, "stream"), "quiet")]

    def _right(self, minutes: int) -> list[Span]:
        state = self._state
        spans: list[Span] = []
        if state.errors:
            spans.append((f"{counted(state.errors, 'error')} ", "broken"))
        counts, errors_of = state.minutes[-minutes:], state.minute_errors[-minutes:]
        if minutes and any(counts):
            top = max(counts)
            for lines, errors in zip(counts, errors_of, strict=True):
                step = _STEPS[0] if not lines else _STEPS[min(7, int(lines / top * 7.99))]
                spans.append((step, "broken" if errors else "quiet"))
            spans.append((f" {len(counts)} min", "faint"))
        return spans
