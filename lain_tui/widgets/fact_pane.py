"""A few facts, each after its label."""

from __future__ import annotations

from collections.abc import Sequence

from lain_tui.widgets.canvas import Line, Page, Span

Fact = tuple[str, Sequence[Span]]
"""A label, and what there is to say of it; an empty label goes on with the fact above."""


class FactPane(Page):
    """As high as it has facts."""

    DEFAULT_CSS = "FactPane { height: auto; max-height: 12; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._facts: Sequence[Fact] = ()

    def show(self, facts: Sequence[Fact]) -> None:
        if facts == self._facts:
            return
        more = len(facts) != len(self._facts)
        self._facts = facts
        self.redraw()
        if more:
            self.refresh(layout=True)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return len(self._facts)

    def lines(self, width: int) -> list[Line]:
        column = max((len(label) for label, _ in self._facts), default=0)
        return [[(f" {label.ljust(column)}  ", "quiet"), *spans] for label, spans in self._facts]
