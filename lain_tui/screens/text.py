"""A text to read: searched, copied, left again."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult

from lain_tui.screens.searching import SearchingScreen
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.canvas import Line, Page, Span
from lain_tui.widgets.viewer import Highlighter, Viewer


class TextTitle(Page):
    """What is read, and its state or that of the search."""

    DEFAULT_CSS = "TextTitle { background: $surface; }"

    def __init__(self, title: str, subject: str) -> None:
        super().__init__()
        self._title, self._subject = title, subject
        self._state: list[Span] = []

    def say(self, *state: Span) -> None:
        self._state = list(state)
        self.redraw()

    def lines(self, width: int) -> list[Line]:
        line: list[Span] = [(" ", ""), (self._subject, "strong"), (f"  {self._title}", "quiet")]
        return [[*line, ("   ", ""), *self._state]]


class TextScreen(SearchingScreen):
    """`/` searches the text, `c` copies it."""

    VERBS: ClassVar[tuple[Verb, ...]] = (
        Verb("detail.search", "slash", "search", "Search the text; n and N go from match to match", worth=50),
        Verb("detail.copy", "c", "copy", "Copy the whole text to the clipboard", worth=45),
        Verb("detail.back", "escape,q", "back", "Back to where you were; ends a search first", worth=48),
        Verb(
            "detail.help", "question_mark", "keys", "Show all keys of this screen, and search them", worth=40
        ),
    )
    AUTO_FOCUS = "Viewer"

    def __init__(self, title: str, subject: str, *, highlight: Highlighter | None = None) -> None:
        super().__init__()
        self._head = TextTitle(title, subject)
        self._viewer = Viewer(highlight=highlight)

    def compose_content(self) -> ComposeResult:
        yield self._head
        yield self._viewer

    def show_state(self) -> None:
        """Say above the text how it is with it, when no search has the place."""
        self._head.say()

    def show_found(self, words: str) -> None:
        if words:
            self._head.say((words, "accent"))
        else:
            self.show_state()

    def verb_back(self) -> None:
        if not self.end_search():
            self.dismiss()
