"""The colours that programs write into their logs, and nothing else of what they might write.

Select Graphic Rendition (ECMA-48 §8.3.117, `ESC [ … m`) becomes tones; every other control sequence stays in the
text, where painting shows it as harmless pictures: no title, clipboard, cursor or screen is ever touched.
"""

from __future__ import annotations

import re

from lain_tui.widgets.canvas import Span

_SGR = re.compile(r"\x1b\[([0-9;:]*)m")

ANSI_TONES = (
    *(f"ansi-{number}" for number in range(16)),
    "ansi-bold", "ansi-faint", "ansi-italic", "ansi-underline", "ansi-reverse",
)  # fmt: skip
_ATTRIBUTES = {1: "ansi-bold", 2: "ansi-faint", 3: "ansi-italic", 4: "ansi-underline", 7: "ansi-reverse"}
_ENDS = {
    22: {"ansi-bold", "ansi-faint"},
    23: {"ansi-italic"},
    24: {"ansi-underline"},
    27: {"ansi-reverse"},
}


def ansi_spans(text: str, tone: str = "") -> list[Span]:
    """The text in spans by its own colours, which add to `tone`."""
    if "\x1b[" not in text:
        return [(text, tone)] if text else []
    spans: list[Span] = []
    colour, attributes = "", set[str]()
    end = 0
    for match in _SGR.finditer(text):
        if match.start() > end:
            spans.append((text[end : match.start()], _join(tone, colour, attributes)))
        colour, attributes = _apply(match[1], colour, attributes)
        end = match.end()
    if end < len(text):
        spans.append((text[end:], _join(tone, colour, attributes)))
    return spans


def strip_ansi(text: str) -> str:
    """The text without its colours."""
    return _SGR.sub("", text) if "\x1b" in text else text


def _join(tone: str, colour: str, attributes: set[str]) -> str:
    return " ".join(part for part in (tone, colour, *sorted(attributes)) if part)


def _apply(parameters: str, colour: str, attributes: set[str]) -> tuple[str, set[str]]:
    codes = [int(code) if code else 0 for code in re.split("[;:]", parameters)]
    attributes = set(attributes)
    position = 0
    while position < len(codes):
        code = codes[position]
        position += 1
        if code == 0:
            colour, attributes = "", set()
        elif code in _ATTRIBUTES:
            attributes.add(_ATTRIBUTES[code])
        elif code in _ENDS:
            attributes -= _ENDS[code]
        elif 30 <= code <= 37:
            colour = f"ansi-{code - 30}"
        elif 90 <= code <= 97:
            colour = f"ansi-{code - 82}"
        elif code == 39:
            colour = ""
        elif code in (38, 48):
            kind = codes[position] if position < len(codes) else 0
            size = {5: 2, 2: 4}.get(kind, 1)
            if code == 38:
                colour = _nearest(codes[position : position + size]) or colour
            position += size
    return colour, attributes


def _nearest(extended: list[int]) -> str:
    """The one of the sixteen colours that is nearest to a 256-colour or RGB one."""
    if len(extended) == 2 and extended[1] < 16:
        return f"ansi-{extended[1]}"
    if len(extended) == 2:
        number = min(extended[1], 255)
        if number >= 232:
            red = green = blue = 8 + (number - 232) * 10
        else:
            red, green, blue = ((0, 95, 135, 175, 215, 255)[(number - 16) // step % 6] for step in (36, 6, 1))
    elif len(extended) == 4:
        red, green, blue = extended[1:]
    else:
        return ""
    bright = 8 if max(red, green, blue) > 192 else 0
    half = max(red, green, blue) / 2
    return f"ansi-{bright + (red > half) + 2 * (green > half) + 4 * (blue > half)}"
