"""What the screens with a text to read share: `/` searches it, `c` copies it, back ends a search first."""

from __future__ import annotations

from typing import ClassVar

from textual import on

from lain_tui.screens.base import LainScreen
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.filter_bar import FilterBar
from lain_tui.widgets.viewer import Viewer


class SearchingScreen(LainScreen[None]):
    """Has one Viewer."""

    VERBS: ClassVar[tuple[Verb, ...]] = ()

    def __init__(self) -> None:
        super().__init__()
        self._sought = ""

    def show_found(self, words: str) -> None:
        """Say where the search is, such as `3 of 7`; empty: there is none."""
        raise NotImplementedError

    def verb_copy(self) -> None:
        self.app.copy_to_clipboard(self.query_one(Viewer).text)
        self.say("Copied")

    async def verb_search(self) -> None:
        if not self.query(FilterBar):
            bar = FilterBar(self._sought, hint="regular expression · enter, then n N")
            await self.mount(bar, after=self.query_one(Viewer))

    def end_search(self) -> bool:
        """Search no more; False when nothing was searched."""
        if not self._sought:
            return False
        self._seek("")
        return True

    def _seek(self, pattern: str) -> None:
        self._sought = pattern
        self.query_one(Viewer).seek(pattern)

    @on(FilterBar.Changed)
    def _pattern_changed(self, message: FilterBar.Changed) -> None:
        self._seek(message.text)

    @on(FilterBar.Closed)
    async def _pattern_closed(self, message: FilterBar.Closed) -> None:
        await self.query(FilterBar).remove()
        self.query_one(Viewer).focus()
        if not message.text:
            self.end_search()

    @on(Viewer.Sought)
    def _found(self, message: Viewer.Sought) -> None:
        if not self._sought:
            self.show_found("")
        else:
            self.show_found(f"{message.place} of {message.count}" if message.count else "no match")
