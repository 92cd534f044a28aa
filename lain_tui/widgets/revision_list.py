"""A release's revisions, newest first: when, how it went, which image, who."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from lain_tui.core.model.release import Revision
from lain_tui.core.model.text import since, spell
from lain_tui.widgets.canvas import Line, Page, Span, fit
from lain_tui.widgets.choice_list import ChoiceList
from lain_tui.widgets.words import Clock, wall_clock

_TONES = {"failed": "broken", "deployed": "ok"}
_SHA = 8


class RevisionTitles(Page):
    """The names of the columns."""

    def lines(self, width: int) -> list[Line]:
        names = ("REV", "AGE", "STATUS", "READY IN", "IMAGE", "WHO", "DESCRIPTION")
        spans: list[Span] = [("   ", "")]
        for name, cells in zip(names, columns(width), strict=True):
            if cells:
                spans += [*fit([(name, "quiet")], cells), ("  ", "")]
        return [spans]


def columns(width: int) -> tuple[int, int, int, int, int, int, int]:
    """Cells for revision, age, status, time until ready, image, user and description; what has no room gets none."""
    rest = width - 3 - 4 - 2 - 5 - 2 - 12 - 2
    ready = 8 if rest >= 70 else 0
    rest -= ready + 2 if ready else 0
    who = 10 if rest >= 50 else 0
    description = min(40, rest - who - 44) if rest >= 80 else 0
    image = rest - (who + 2 if who else 0) - (description + 2 if description else 0)
    return 4, 5, 12, ready, image, who, description


class RevisionList(ChoiceList):
    """Keys are the revisions' numbers."""

    def __init__(self, *, clock: Clock = wall_clock, id: str | None = None) -> None:
        super().__init__(id=id)
        self._clock = clock
        self._revisions: Sequence[Revision] = ()
        self._subjects: Mapping[str, str] = {}
        self._marked = 0

    def show_revisions(
        self,
        revisions: Sequence[Revision],
        subjects: Mapping[str, str],
        *,
        marked: int = 0,
        notice: Sequence[Line] = (),
    ) -> None:
        """`subjects` are those of the commits, by image tag; `marked` is the revision to compare with."""
        self._revisions, self._subjects, self._marked = revisions, subjects, marked
        self.show_keys([str(one.revision) for one in revisions], notice)

    @property
    def revision(self) -> Revision | None:
        """The one under the cursor."""
        return self._revisions[self._cursor] if self._cursor < len(self._revisions) else None

    def line(self, place: int, width: int) -> Line:
        one = self._revisions[place]
        number, age, status, ready, image, who, description = columns(width)
        mark: Span = (" ◆ ", "accent") if one.revision == self._marked else ("   ", "")
        live = one.status == "deployed"
        tone = _TONES.get(
            one.status, "progress" if "-" in one.status or one.status == "uninstalling" else "quiet"
        )
        spans: list[Span] = [mark]
        cells: list[tuple[list[Span], int]] = [
            ([(str(one.revision), "strong" if live else "")], number),
            ([(since(one.updated, self._clock()).replace(" ", ""), "quiet")], age),
            ([(one.status, tone)], status),
            ([("" if one.ready_after is None else spell(one.ready_after).replace(" ", ""), "quiet")], ready),
            (self._image(one), image),
            ([(one.user, "quiet")], who),
            ([(one.description, "quiet")], description),
        ]
        for text, room in cells:
            if room:
                spans += [*fit(text, room), ("  ", "")]
        return spans

    def _image(self, one: Revision) -> list[Span]:
        if not one.image_tag:
            return [(one.description if cell_len(one.description) > 20 else "…", "faint")]
        return image_words(one.image_tag, self._subjects.get(one.image_tag, ""))


def image_words(tag: str, subject: str) -> list[Span]:
    """A tag as people tell it from others: the commit's first signs and its subject; others whole."""
    _, dash, sha = tag.partition("-")
    if dash and len(sha) >= 40:
        return [
            (sha[:_SHA], "accent"),
            (f"  {subject}" if subject else f"  {tag}", "" if subject else "faint"),
        ]
    return [(tag, "accent"), (f"  {subject}" if subject else "", "")]
