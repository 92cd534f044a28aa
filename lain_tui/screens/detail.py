"""One object to read: described, as YAML, or the end of its log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual import on, work
from textual.app import ComposeResult

from lain_tui.core.errors import LainError
from lain_tui.screens.base import LainScreen
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.canvas import Line, Page, Span
from lain_tui.widgets.filter_bar import FilterBar
from lain_tui.widgets.viewer import Highlighter, Viewer

Load = Callable[[], Awaitable[str | list[Line]]]
"""Fetches what is to be read: text, or lines that have their tones already."""


class _Title(Page):
    DEFAULT_CSS = "_Title { background: $surface; }"

    def __init__(self, title: str, subject: str) -> None:
        super().__init__()
        self._title, self._subject = title, subject
        self.state = "loading"

    def say(self, state: str) -> None:
        self.state = state
        self.redraw()

    def lines(self, width: int) -> list[Line]:
        line: list[Span] = [(" ", ""), (self._subject, "strong"), (f"  {self._title}", "quiet")]
        return [[*line, (f"   {self.state}", "accent")]]


class DetailScreen(LainScreen[None]):
    """Loads a text off the loop and shows it; `/` searches it, `c` copies it, `ctrl+r` loads it again."""

    VERBS = (
        Verb("detail.search", "slash", "search", "Search the text; n and N go from match to match", worth=50),
        Verb("detail.copy", "c", "copy", "Copy the whole text to the clipboard", worth=45),
        Verb("detail.reload", "ctrl+r", "reload", "Load it again", worth=20),
        Verb("detail.back", "escape,q", "back", "Back to where you were; ends a search first", worth=48),
        Verb(
            "detail.help", "question_mark", "keys", "Show all keys of this screen, and search them", worth=40
        ),
    )
    AUTO_FOCUS = "Viewer"

    def __init__(
        self,
        title: str,
        subject: str,
        load: Load,
        *,
        highlight: Highlighter | None = None,
        at_end: bool = False,
    ) -> None:
        super().__init__()
        self._head = _Title(title, subject)
        self._viewer = Viewer(highlight=highlight)
        self._load = load
        self._at_end = at_end
        self._sought = ""

    def compose_content(self) -> ComposeResult:
        yield self._head
        yield self._viewer

    def on_mount(self) -> None:
        self.verb_reload()

    @work(group="detail", exclusive=True, exit_on_error=False)
    async def verb_reload(self) -> None:
        self._head.say("loading")
        try:
            text = await self._load()
        except LainError as error:
            self._head.say("")
            self._viewer.show(str(error))
            return
        self._head.say("" if text else "empty")
        self._viewer.show(text, at_end=self._at_end)

    async def verb_search(self) -> None:
        if not self.query(FilterBar):
            await self.mount(
                FilterBar(self._sought, hint="regular expression · enter, then n N"), after=self._viewer
            )

    @on(FilterBar.Changed)
    def _seek(self, message: FilterBar.Changed) -> None:
        self._sought = message.text
        self._viewer.seek(message.text)

    @on(FilterBar.Closed)
    async def _searched(self, message: FilterBar.Closed) -> None:
        await self.query(FilterBar).remove()
        self._viewer.focus()
        if not message.text:
            self._sought = ""
            self._viewer.seek("")

    @on(Viewer.Sought)
    def _found(self, message: Viewer.Sought) -> None:
        if not self._sought:
            self._head.say("")
        else:
            self._head.say(f"{message.place} of {message.count}" if message.count else "no match")

    def verb_copy(self) -> None:
        self.app.copy_to_clipboard(self._viewer.text)
        self.say("Copied")

    def verb_back(self) -> None:
        if self._sought:
            self._sought = ""
            self._viewer.seek("")
        else:
            self.dismiss()
