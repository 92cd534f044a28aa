"""How the Status screen divides its lines between the table, the Why pane and the URLs."""

from __future__ import annotations

from typing import NamedTuple

WIDE = 160
"""Columns from which Why and URLs stand side by side."""
_STEP = 4
"""Lines by which the table grows."""
_LOW = 30
"""Lines under which the URLs are one summary line, and nothing stays free."""


class Heights(NamedTuple):
    """Lines for each part, from top to bottom."""

    table: int
    why: int
    urls: int


def divide(width: int, height: int, *, rows: int, why: int, urls: int, extra: int = 0) -> Heights:
    """The parts' heights; what is left over stays free under them.

    `rows` are the table's, titles included; `why` and `urls` the lines that the panes would like (`why` is 1 when
    there is nothing to explain); `extra` what else needs lines (notices, the filter).
    """
    room = height - 2 - extra
    low = height < _LOW
    urls = min(urls, 1 if low else max(2, room // 4))
    beside = width >= WIDE and urls > 1
    below = 0 if beside else urls
    # In steps, so that a pod more or less does not move everything under the table.
    table = -(-(rows + 1) // _STEP) * _STEP
    why = max(min(why, 3), min(why, room - below - min(table, room // 2)))
    if beside:
        why = urls = max(why, urls)
    table = min(table, room - why - below)
    if low:
        table = room - why - below
    return Heights(table, why, urls)
