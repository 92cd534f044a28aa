"""Images to choose one from: the commit of each, which one runs, which is HEAD's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from lain_tui.core.model.text import since
from lain_tui.widgets.canvas import Line, Span, fit, width_of
from lain_tui.widgets.choice_list import ChoiceList
from lain_tui.widgets.revision_list import image_words
from lain_tui.widgets.words import Clock, wall_clock


class TagRow(msgspec.Struct, frozen=True, kw_only=True):
    """One image."""

    name: str
    subject: str = ""
    time: datetime | None = None
    running: bool = False
    head: bool = False
    elsewhere: bool = False
    """Its commit is on another branch."""
    missing: bool = False
    """The registry does not have it."""


class TagList(ChoiceList):
    """Keys are the tags."""

    def __init__(self, *, clock: Clock = wall_clock, id: str | None = None) -> None:
        super().__init__(id=id)
        self._clock = clock
        self._rows: Sequence[TagRow] = ()

    def show_tags(self, rows: Sequence[TagRow], notice: Sequence[Line] = ()) -> None:
        self._rows = rows
        self.show_keys([row.name for row in rows], notice)

    def line(self, place: int, width: int) -> Line:
        row = self._rows[place]
        chosen = place == self._cursor
        right = _labels(row)
        if row.time is not None:
            right = [*right, (since(row.time, self._clock()).replace(" ", "").rjust(5), "quiet")]
        room = max(10, width - 4 - width_of(right) - 2)
        return [
            (" ", ""),
            ("●" if chosen else "○", "accent" if chosen else "faint"),
            (" ", ""),
            *fit(image_words(row.name, row.subject), room),
            ("  ", ""),
            *right,
        ]


def _labels(row: TagRow) -> list[Span]:
    spans: list[Span] = []
    for holds, text, tone in (
        (row.running, "running", "ok"),
        (row.head, "HEAD", "accent"),
        (row.elsewhere, "other branch", "risk"),
        (row.missing, "not pushed", "risk"),
    ):
        if holds:
            spans.append((f"{text} ", tone))
    return spans
