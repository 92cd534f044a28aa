"""Short lines about what is missing: a permission, an API, room on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from lain_tui.core.model.status import Gap
from lain_tui.widgets.canvas import Line, Page
from lain_tui.widgets.wrap import wrap


class GapNotice(Page):
    """One line for each part of the picture that cannot be had, and what to do about it."""

    DEFAULT_CSS = "GapNotice { height: auto; max-height: 3; display: none; &.-some { display: block; } }"

    def __init__(self) -> None:
        super().__init__()
        self._gaps: Sequence[Gap] = ()

    def show(self, gaps: Sequence[Gap]) -> None:
        if gaps == self._gaps:
            return
        self._gaps = gaps
        self.set_class(bool(gaps), "-some")
        self.redraw()

    @property
    def wanted(self) -> int:
        return min(3, len(self._gaps))

    def lines(self, width: int) -> list[Line]:
        return [
            [
                (" ! ", "risk"),
                (f"no {gap.pane}: ", ""),
                (gap.reason, ""),
                (f". {gap.hint}" if gap.hint else "", "quiet"),
            ]
            for gap in self._gaps
        ]


class TooSmall(Page):
    """Covers the screen when there is no room to show it."""

    DEFAULT_CSS = "TooSmall { height: 1fr; width: 1fr; }"

    def __init__(self, width: int, height: int) -> None:
        super().__init__()
        self._needed = (width, height)

    def lines(self, width: int) -> list[Line]:
        columns, rows = self._needed
        size = self.app.size
        words = (
            f"The terminal is {size.width}×{size.height}; lain-tui needs {columns}×{rows} at least. q quits."
        )
        return [[(part, "risk" if index == 0 else "")] for index, part in enumerate(wrap(words, width))]


def sentence(text: str, tone: str, width: int) -> list[Line]:
    """A sentence across as many lines as it takes, for a notice in an empty table."""
    return [[("   ", ""), (part, tone)] for part in wrap(text, width - 6)]
