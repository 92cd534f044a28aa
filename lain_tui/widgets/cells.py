"""Cutting text by the cells it takes, so that Chinese, emoji and combining characters keep their width."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len

from lain_tui.widgets.canvas import Span


def broken(text: str, first: int, others: int) -> list[tuple[int, int]]:
    """Where rows of `first` and then `others` cells begin and end, in cells; no wide character is cut in two."""
    rows: list[tuple[int, int]] = []
    start, room = 0, first
    if text.isascii():
        while len(text) - start > room:
            rows.append((start, start + room))
            start, room = start + room, others
        return [*rows, (start, max(start, len(text)))]
    at = 0
    for letter in text:
        cells = cell_len(letter)
        if at + cells > start + room:
            rows.append((start, at))
            start, room = at, others
        at += cells
    return [*rows, (start, at)]


def cut(spans: Iterable[Span], start: int, width: int) -> list[Span]:
    """The cells from `start` on, `width` of them; of a wide character on the border a blank is left."""
    kept: list[Span] = []
    at = 0
    for text, tone in spans:
        # Letter by letter, as everywhere here: what a terminal joins into one sign is at most as wide.
        cells = len(text) if text.isascii() else sum(map(cell_len, text))
        if at + cells > start or (cells == 0 and (at > start or at == start == 0)):
            if at > start + width or (at == start + width and cells):
                break
            inside = at >= start and at + cells <= start + width
            kept.append((text if inside else _cells(text, start - at, start + width - at), tone))
        at += cells
    return kept


def _cells(text: str, low: int, high: int) -> str:
    if text.isascii():
        return text[max(low, 0) : high]
    kept: list[str] = []
    at = 0
    for letter in text:
        cells = cell_len(letter)
        if not cells:
            # It belongs to the letter before it.
            if low < at <= high or at == low == 0:
                kept.append(letter)
        elif at >= low and at + cells <= high:
            kept.append(letter)
        elif at < high and at + cells > low:
            kept.append(" ")
        at += cells
    return "".join(kept)
