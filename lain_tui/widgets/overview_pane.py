"""What belongs to the line of the overview that is under the cursor."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from lain_tui.widgets.canvas import Line, Page, clip, rule
from lain_tui.widgets.wrap import wrap


class OverviewPane(Page):
    """Nothing of it is cut off: what the line above has no room for is read here."""

    DEFAULT_CSS = """
    OverviewPane { height: 6; overflow-y: auto; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[str, str, Sequence[str]] = ("", "", ())

    def show(self, subject: str, what: str, texts: Sequence[str]) -> None:
        """`subject` and `what` it has become the title; without a subject the texts are an aside."""
        if (subject, what, texts) != self._shown:
            self._shown = (subject, what, texts)
            self.redraw()
            self.scroll_home(animate=False)

    def lines(self, width: int) -> list[Line]:
        subject, what, texts = self._shown
        room, tone = width - 4, "" if subject else "quiet"
        title = f"{subject}  {what}"
        if cell_len(title) > room:
            title = clip(subject, room)
            texts = [*([] if title == subject else [subject]), what, *texts]
        head = rule([(title, "title")] if subject else [], width)
        return [head, *([(f" {part}", tone)] for text in texts for part in wrap(text, width - 2))]
