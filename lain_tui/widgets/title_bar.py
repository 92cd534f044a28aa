"""The line on top of a screen that needs no cluster: which app, for which cluster, and what it is about."""

from __future__ import annotations

from collections.abc import Sequence

from lain_tui.widgets.badge import badge_in
from lain_tui.widgets.canvas import Line, Page, Span, clip, width_of


class TitleBar(Page):
    """Sheds what stands on the right, then the end of what stands in the middle."""

    DEFAULT_CSS = """
    TitleBar {
        background: $surface;
        &.-protected { background: $error 24%; }
    }
    """

    def __init__(self, app: str, cluster: str, *, protected: bool = False, read_only: bool = False) -> None:
        super().__init__(classes="-protected" if protected else "")
        self._where = (app, cluster)
        self._protected, self._read_only = protected, read_only
        self._middle: Sequence[Span] = ()
        self._right: Sequence[Span] = ()

    def show(self, middle: Sequence[Span], right: Sequence[Span] = ()) -> None:
        self._middle, self._right = middle, right
        self.redraw()

    def _head(self) -> list[Span]:
        app, cluster = self._where
        head: list[Span] = [(" ", ""), (app or "no app", "strong"), ("  ", "")]
        head += [badge_in(self.app, cluster, protected=self._protected)] if cluster else []
        head += [(" · read-only", "accent")] if self._read_only else []
        return head

    def lines(self, width: int) -> list[Line]:
        head = self._head()
        left = [*head, ("  ", ""), *self._middle]
        right = self._right if width_of(left) + width_of(self._right) + 3 <= width else ()
        gap = width - width_of(left) - width_of(right) - 1
        if gap < 0:
            room = width - width_of(head) - 3
            words = clip("".join(text for text, _ in self._middle), max(0, room))
            return [[*head, ("  ", ""), (words, "quiet")]]
        return [[*left, (" " * gap, ""), *right, (" ", "")]]
