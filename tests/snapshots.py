"""Pictures of screens, compared with those kept in `snapshots/`.

async def test_x(picture):
    async with app.run_test(size=(80, 24)) as pilot:
        picture(app, "status-80x24")

`make snapshots` (`--update-snapshots`) draws them again. A picture that differs fails with the lines of text that
do, or says that only colours do; what was drawn lies in the test's own folder.
"""

from __future__ import annotations

import difflib
import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.app import App

FOLDER = Path(__file__).parent.parent / "snapshots"

Picture = Callable[[App[int], str], None]
"""Holds an app's present frame to the kept picture of that name."""


@pytest.fixture
def picture(request: pytest.FixtureRequest, tmp_path: Path) -> Picture:
    update = bool(request.config.getoption("--update-snapshots"))

    def compare(app: App[int], name: str) -> None:
        drawn = app.export_screenshot(title="lain-tui")
        kept = FOLDER / f"{name}.svg"
        if update:
            kept.parent.mkdir(exist_ok=True)
            kept.write_text(drawn, encoding="utf-8", newline="\n")
            return
        if not kept.exists():
            pytest.fail(f"there is no picture {kept.name} yet: make snapshots draws it")
        before = kept.read_text(encoding="utf-8")
        if drawn != before:
            (tmp_path / kept.name).write_text(drawn, encoding="utf-8", newline="\n")
            pytest.fail(f"{kept.name} differs: {_difference(before, drawn)}\nnow: {tmp_path / kept.name}")

    return compare


_TEXT = re.compile(r'<text [^>]*\by="([\d.]+)"[^>]*>(.*?)</text>', re.DOTALL)


def _difference(before: str, after: str) -> str:
    lines = list(difflib.unified_diff(_lines(before), _lines(after), "kept", "drawn", lineterm="", n=0))
    return "\n".join(lines) if lines else "the words are the same, their places or colours are not"


def _lines(svg: str) -> list[str]:
    """The words of a picture, line by line."""
    rows: dict[str, str] = {}
    for y, text in _TEXT.findall(svg):
        rows[y] = rows.get(y, "") + " " + html.unescape(text).replace("\xa0", " ")
    return [rows[y].strip() for y in sorted(rows, key=float)]
