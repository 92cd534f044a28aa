"""Breaking a sentence into lines by cells, at blanks where there are any."""

from __future__ import annotations

from rich.cells import cell_len, chop_cells

from lain_tui.core.model.text import plain


def wrap(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` cells; a word longer than a line is cut."""
    text = plain(text).rstrip()
    if width < 1 or cell_len(text) <= width:
        return [text] if text else []
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if cell_len(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = chop_cells(word, width) or [""]
        lines += full
    if line:
        lines.append(line)
    return lines
