"""Stand-ins for every glyph, for terminals and fonts that have ASCII alone."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

# One cell for one cell, so that nothing moves.
_STAND_INS = str.maketrans({
    "…": "~", "·": "|", "–": "-", "—": "-", "─": "-", "━": "=", "│": "|", "┼": "+", "╭": "+", "╮": "+", "╰": "+",
    "╯": "+", "▁": "_", "▂": "_", "▃": ".", "▄": "-", "▅": "-", "▆": "=", "▇": "#", "█": "#", "▔": "-", "▎": "|",
    "▊": "|", "▏": "|", "▕": "|", "✗": "x", "✓": "+", "◌": "~", "●": "*", "○": "o", "◆": "*", "▾": "v", "▸": ">",
    "→": ">", "←": "<", "↑": "^", "↓": "v", "≠": "#", "×": "x", "⏎": "<", "␛": "^", "␡": "^", "\ufffd": "?",
    "•": "*", "▶": ">", "⋯": ".", "▒": "=", "░": "-", "🔎": "/", "⭘": "o", "⌫": "<",
    "▌": "|", "‖": "|", "≥": ">", "±": "~",
})  # fmt: skip


class AsciiGlyphs(LineFilter):
    """Replaces the glyphs of all that is painted; `strict` also what a non-UTF-8 terminal could not take."""

    def __init__(self, *, strict: bool = False) -> None:
        super().__init__()
        self._strict = strict

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment if segment.text.isascii() else Segment(self._ascii(segment.text), *segment[1:])
            for segment in segments
        ]

    def _ascii(self, text: str) -> str:
        text = text.translate(_STAND_INS)
        if self._strict and not text.isascii():
            text = "".join(sign if sign.isascii() else "?" * cell_len(sign) for sign in text)
        return text
