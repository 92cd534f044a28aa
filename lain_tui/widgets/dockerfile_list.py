"""A Dockerfile, each instruction beside the key and the line of the values that it comes from."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lain_tui.core.model.build import DockerfileLine
from lain_tui.widgets.canvas import Line, Span, fit
from lain_tui.widgets.choice_list import ChoiceList
from lain_tui.widgets.wrap import wrap

_WIDE = 100
"""Columns from which the key stands beside its file and line."""
_WORDS = re.compile(
    r"(\"(?:[^\"\\]|\\.)*\"|'[^']*'|(?<=\s)--?[\w-]+(?:=\S+)?|\$\{[^}]*\}|(?<=\s)AS(?=\s)|&&)"
)


def highlight_instruction(text: str, *, first: bool = True) -> list[Span]:
    """Its name in the accent, flags and joints quiet, comments faint."""
    if text.lstrip().startswith("#"):
        return [(text, "faint")]
    spans: list[Span] = []
    if first:
        name, blank, text = text.partition(" ")
        spans.append((name + blank, "accent strong"))
    for place, part in enumerate(_WORDS.split(text)):
        if part:
            spans.append((part, _tone(part) if place % 2 else ""))
    return spans


def _tone(part: str) -> str:
    return "ok" if part[0] in "\"'" else "progress" if part[0] == "$" else "quiet"


class DockerfileList(ChoiceList):
    """Walks from instruction to instruction; long ones go over several lines."""

    BINDING_GROUP_TITLE = "Dockerfile"
    DEFAULT_CSS = "DockerfileList { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self._lines: Sequence[DockerfileLine] = ()
        self._rows: list[tuple[int, str, bool]] = []
        """The painted lines: index of the instruction, a part of its text, whether it is its first."""
        self._why: Sequence[Line] = ()

    def show_lines(self, lines: Sequence[DockerfileLine], notice: Sequence[Line] = ()) -> None:
        self._lines, self._why = lines, notice
        self._lay_out()

    @property
    def current(self) -> DockerfileLine | None:
        """The instruction under the cursor."""
        return self._lines[self._rows[self._cursor][0]] if self._cursor < len(self._rows) else None

    def _columns(self, width: int) -> tuple[int, int, int]:
        """Cells for the text, the key, and the place."""
        place = max((len(_place(line)) for line in self._lines), default=0)
        key = max((len(".".join(line.path)) for line in self._lines), default=0) if width >= _WIDE else 0
        key = min(key, width // 4)
        return max(20, width - place - key - (6 if key else 4)), key, place

    def _lay_out(self) -> None:
        text, _, _ = self._columns(self.size.width or 80)
        self._rows = []
        for index, line in enumerate(self._lines):
            for number, part in enumerate(wrap(line.text, text - 2) or [""]):
                self._rows.append((index, part, number == 0))
        self.show_keys([str(place) for place in range(len(self._rows))], self._why)

    def on_resize(self) -> None:
        self._lay_out()

    def line(self, place: int, width: int) -> Line:
        index, part, first = self._rows[place]
        text, key, where = self._columns(width)
        line = self._lines[index]
        shown = highlight_instruction(part, first=first)
        spans: list[Span] = [(" ", ""), *fit([("" if first else "  ", ""), *shown], text), ("  ", "")]
        if not first:
            return spans
        if key:
            spans += [*fit([(".".join(line.path), "quiet")], key), ("  ", "")]
        tone = "faint" if not line.line else "quiet" if line.name == "values.yaml" else "accent"
        return [*spans, *fit([(_place(line), tone)], where)]


def _place(line: DockerfileLine) -> str:
    if line.line:
        return f"{line.name}:{line.line}"
    return "lain's default" if line.path else ""
