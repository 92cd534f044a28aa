"""Keys that come faster than they are done: each takes effect in its turn."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.widget import Widget
from textual.widgets import Input, TextArea

from lain_tui.widgets.in_turn import TypedLine
from lain_tui.widgets.value_editor import ValueEditor
from tests.bursts import type_at_once

BURST = [*"abx", "backspace", *"cx", "backspace", "d", "left", "left", "X", "home", "Y", "end", *"Z"]
TYPED = "YabXcdZ"


def text_of(widget: Widget) -> str:
    assert isinstance(widget, Input | TextArea)
    return widget.value if isinstance(widget, Input) else widget.text


@pytest.mark.parametrize("make", [TypedLine, ValueEditor])
async def test_letters_do_not_overtake_the_keys_before_them(make: type[Widget]) -> None:
    class Typing(App[None]):
        def compose(self) -> ComposeResult:
            yield make()

    app = Typing()
    async with app.run_test() as pilot:
        widget = app.query_one(make)
        widget.focus()
        await pilot.pause()
        type_at_once(app, *BURST)
        await pilot.pause()
        await pilot.pause()
        assert text_of(widget) == TYPED
