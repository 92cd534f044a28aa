"""The line in which a value is typed, for hands and pastes that are faster than the screen."""

from __future__ import annotations

from textual import on
from textual.app import App, ComposeResult
from textual.widgets import Input, TextArea

from lain_tui.widgets.value_bar import ValueBar
from tests.bursts import type_at_once


class Typing(App[None]):
    """Asks for a name, then edits its value; `bad` is a name that it does not take."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def compose(self) -> ComposeResult:
        yield TextArea()
        yield ValueBar("name")

    @on(ValueBar.Submitted)
    async def _named(self, message: ValueBar.Submitted) -> None:
        self.names.append(message.text)
        bar = self.query_one(ValueBar)
        if message.text == "bad":
            bar.reopen("that is taken")
            return
        editor = self.query_one(TextArea)
        self.screen.set_focus(editor)
        bar.pass_on(editor)
        await bar.remove()


async def test_what_is_typed_behind_enter_is_for_what_comes_next() -> None:
    app = Typing()
    async with app.run_test() as pilot:
        type_at_once(app, *"NAME", "enter", *"value", "enter", *"of two lines")
        await pilot.pause()
        while app.query(ValueBar) or "lines" not in app.query_one(TextArea).text:
            await pilot.pause(0.02)
        assert app.names == ["NAME"]
        assert app.query_one(TextArea).text == "value\nof two lines"


async def test_after_a_name_that_is_not_taken_the_line_goes_on() -> None:
    app = Typing()
    async with app.run_test() as pilot:
        type_at_once(app, *"bad", "enter", *"ly")
        while app.query_one(Input).value != "badly":
            await pilot.pause(0.02)
        assert app.names == ["bad"]
