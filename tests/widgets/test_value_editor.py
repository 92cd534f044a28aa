"""The editor of a value paints only what changed, and what it paints is what Textual's own would."""

from __future__ import annotations

import random

from textual.app import App, ComposeResult
from textual.widgets import TextArea

from lain_tui.widgets.value_editor import ValueEditor

TEXT = "".join(f"key{number}: [value {number}]  # 值 {number % 7}\n" for number in range(200))
KEYS = ["a", "0", "enter", "backspace", "delete", "left_square_bracket", "up", "down", "left", "right", "end", "home",
        "pagedown", "pageup", "shift+down", "shift+left", "ctrl+z", "ctrl+k"]  # fmt: skip


class Editing(App[None]):
    def compose(self) -> ComposeResult:
        yield ValueEditor(TEXT, soft_wrap=False)


async def test_every_line_looks_as_textual_makes_it_after_whatever_was_typed() -> None:
    choose = random.Random(7)
    app = Editing()
    async with app.run_test(size=(60, 20)) as pilot:
        editor = app.query_one(ValueEditor)
        editor.focus()
        for step in range(120):
            await pilot.press(choose.choice(KEYS))
            if step % 30 == 10:
                editor.soft_wrap = not editor.soft_wrap
            if step % 30 == 20:
                editor.show_line_numbers = not editor.show_line_numbers
            if step == 60:
                app.theme = "textual-light"
            await pilot.pause()
            for y in range(editor.size.height):
                painted = editor.render_line(y)
                assert painted == TextArea._render_line(editor, y), f"line {y} after {step + 1} steps"
