"""One object to read: described, as YAML, or the end of its log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual import work

from lain_tui.core.errors import LainError
from lain_tui.screens.text import TextScreen
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.canvas import Line
from lain_tui.widgets.viewer import Highlighter

Load = Callable[[], Awaitable[str | list[Line]]]
"""Fetches what is to be read: text, or lines that have their tones already."""


class DetailScreen(TextScreen):
    """Loads a text off the loop and shows it; `ctrl+r` loads it again."""

    VERBS = (
        *TextScreen.VERBS[:2],
        Verb("detail.reload", "ctrl+r", "reload", "Load it again", worth=20),
        *TextScreen.VERBS[2:],
    )

    def __init__(
        self,
        title: str,
        subject: str,
        load: Load,
        *,
        highlight: Highlighter | None = None,
        at_end: bool = False,
    ) -> None:
        super().__init__(title, subject, highlight=highlight)
        self._load = load
        self._at_end = at_end

    def on_mount(self) -> None:
        super().on_mount()
        self.verb_reload()

    @work(group="detail", exclusive=True, exit_on_error=False)
    async def verb_reload(self) -> None:
        self._head.say(("loading", "accent"))
        try:
            text = await self._load()
        except LainError as error:
            self._head.say()
            self._viewer.show(str(error))
            return
        self._head.say(*([] if text else [("empty", "accent")]))
        self._viewer.show(text, at_end=self._at_end)
