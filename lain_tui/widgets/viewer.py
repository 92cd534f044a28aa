"""A text to read: scrolled, searched, wrapped, copied; only the visible lines are ever painted."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, chop_cells
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip

from lain_tui.core.model.text import plain
from lain_tui.widgets.canvas import Canvas, Line, Span

Highlighter = Callable[[str], Line]
"""Gives one line its tones; sees plain text."""

_TAB = 4


class Viewer(Canvas, can_focus=True):
    """Lines of text. `n` and `N` go from match to match, `w` wraps."""

    BINDING_GROUP_TITLE = "Text"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_by(-1)", "up", id="text.up", tooltip="One line up", show=False),
        Binding("down,j", "scroll_by(1)", "down", id="text.down", tooltip="One line down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "page up", id="text.page-up", tooltip="A page up", show=False),
        Binding("pagedown,ctrl+f,space", "page(1)", "page down", id="text.page-down", tooltip="A page down",
                show=False),
        Binding("home,g", "to(0)", "top", id="text.top", tooltip="To the first line", show=False),
        Binding("end,G", "to(1000000000)", "end", id="text.end", tooltip="To the last line", show=False),
        Binding("left", "aside(-8)", "left", id="text.left", tooltip="Scroll to the left", show=False),
        Binding("right", "aside(8)", "right", id="text.right", tooltip="Scroll to the right", show=False),
        Binding("n", "match(1)", "next match", id="text.next", tooltip="To the next match", show=False),
        Binding("N", "match(-1)", "match before", id="text.previous", tooltip="To the match before", show=False),
        Binding("w", "wrap", "wrap", id="text.wrap", tooltip="Wrap long lines, or let them run on", show=False),
    ]  # fmt: skip
    DEFAULT_CSS = "Viewer { height: 1fr; overflow: auto auto; scrollbar-size-horizontal: 1; }"

    @dataclass
    class Sought(Message):
        """The search has moved: which match of how many (0 of 0: none)."""

        place: int
        count: int

    def __init__(self, *, highlight: Highlighter | None = None, id: str | None = None) -> None:
        super().__init__(id=id)
        self._highlight = highlight
        self.following = False
        """Whether the end is in sight, so that what is added is shown."""
        self._text: list[str] = []
        self._longest = 0
        """Cells of the longest line."""
        self._toned: list[Line] = []
        """The lines' own tones; empty for a text, which the highlighter gives some."""
        self._pieces: list[tuple[int, int, str]] | None = None
        """With wrapping: each painted line as its text line's index, and the start and the text of its part."""
        self._wrapping = False
        self._pattern: re.Pattern[str] | None = None
        self._matches: list[int] = []
        self._match = -1

    def show(self, content: str | list[Line], *, at_end: bool = False) -> None:
        """Show a text, or lines with their tones; from the top, or from the end."""
        if isinstance(content, str):
            self._toned = []
            self._text = [plain(line.expandtabs(_TAB)) for line in content.split("\n")]
            if self._text and not self._text[-1]:
                self._text.pop()
        else:
            self._toned = [[(plain(text), tone) for text, tone in line] for line in content]
            self._text = ["".join(text for text, _ in line) for line in self._toned]
        self._longest = max(map(cell_len, self._text), default=0)
        self._find()
        self._lay_out()
        self.following = at_end
        self.scroll_to(x=0, y=self.virtual_size.height if at_end else 0, animate=False)

    def extend(self, lines: Sequence[str]) -> None:
        """Add lines to a text; a reader at its end stays there, one who has scrolled up stays where they are."""
        added = [plain(line.expandtabs(_TAB)) for line in lines]
        first = len(self._text)
        self._text += added
        self._longest = max(self._longest, *map(cell_len, added)) if added else self._longest
        if self._pieces is not None:
            self._pieces += _wrapped(added, max(1, self.size.width), first)
        if self._pattern is not None:
            found = [first + place for place, line in enumerate(added) if self._pattern.search(line)]
            self._matches += found
            if found:
                self.post_message(self.Sought(self._match + 1, len(self._matches)))
        self._measure()
        self._stay()

    @property
    def text(self) -> str:
        return "\n".join(self._text)

    @property
    def below(self) -> int:
        """How many painted lines lie below those in sight."""
        return max(0, int(self.max_scroll_y - self.scroll_offset.y))

    @property
    def line_count(self) -> int:
        """How many lines the text has."""
        return len(self._text)

    # Search

    def seek(self, pattern: str) -> None:
        """Search for a regular expression, or for the text itself when it is none; empty ends the search."""
        try:
            self._pattern = re.compile(pattern, re.IGNORECASE) if pattern else None
        except re.error:
            self._pattern = re.compile(re.escape(pattern), re.IGNORECASE)
        self._find()
        self.refresh()
        if self._matches:
            self.action_match(1)
        else:
            self.post_message(self.Sought(0, 0))

    def _find(self) -> None:
        search = self._pattern.search if self._pattern else None
        self._matches = [index for index, line in enumerate(self._text) if search(line)] if search else []
        self._match = -1

    def action_match(self, step: int) -> None:
        if not self._matches:
            return
        if self._match < 0:
            top = self._line_at(self.scroll_offset.y)
            self._match = next((place for place, line in enumerate(self._matches) if line >= top), 0)
        else:
            self._match = (self._match + step) % len(self._matches)
        y = self._painted_at(self._matches[self._match])
        if not self.scroll_offset.y <= y < self.scroll_offset.y + self.size.height:
            self.scroll_to(y=max(0, y - self.size.height // 2), animate=False)
        self.refresh()
        self.post_message(self.Sought(self._match + 1, len(self._matches)))

    # Moving

    def action_scroll_by(self, lines: int) -> None:
        self.scroll_relative(y=lines, animate=False, force=True)

    def action_page(self, pages: int) -> None:
        self.scroll_relative(y=pages * max(1, self.size.height - 1), animate=False, force=True)

    def action_to(self, line: int) -> None:
        # By force, here and above: a text that has just grown too long has no scrollbar yet.
        self.scroll_to(y=min(line, self.virtual_size.height), animate=False, force=True)

    def action_aside(self, cells: int) -> None:
        self.scroll_relative(x=cells, animate=False)

    def action_wrap(self) -> None:
        line = self._line_at(self.scroll_offset.y)
        self._wrapping = not self._wrapping
        self._lay_out()
        self.scroll_to(x=0, y=self._painted_at(line), animate=False)

    # Painting

    def on_resize(self) -> None:
        self._lay_out()
        self._stay()

    def watch_scroll_y(self, before: float, now: float) -> None:
        super().watch_scroll_y(before, now)
        self.following = now >= self.max_scroll_y

    def _stay(self) -> None:
        if self.following:
            self.scroll_to(y=self.virtual_size.height, animate=False, force=True)

    def _lay_out(self) -> None:
        self._pieces = _wrapped(self._text, max(1, self.size.width)) if self._wrapping else None
        self._measure()

    def _measure(self) -> None:
        width = 0 if self._wrapping else self._longest
        height = len(self._text if self._pieces is None else self._pieces)
        self.virtual_size = Size(width or max(1, self.size.width), height)
        self.refresh()

    def _line_at(self, y: int) -> int:
        if self._pieces is None:
            return y
        return self._pieces[y][0] if y < len(self._pieces) else 0

    def _painted_at(self, line: int) -> int:
        if self._pieces is None:
            return line
        return next((y for y, (index, _, _) in enumerate(self._pieces) if index == line), 0)

    def render_line(self, y: int) -> Strip:
        width, place = self.size.width, y + self.scroll_offset.y
        lines = self._text if self._pieces is None else self._pieces
        if place >= len(lines):
            return self.paint((), width)
        index, start, text = (place, 0, self._text[place]) if self._pieces is None else self._pieces[place]
        spans = (
            self._toned[index] if self._toned else self._highlight(text) if self._highlight else [(text, "")]
        )
        if self._toned and self._pieces is not None:
            spans = _part(spans, start, start + len(text))
        if self._pattern is not None:
            current = self._match >= 0 and self._matches[self._match] == index
            spans = _marked(spans, self._pattern, "match-current" if current else "match")
        length = max(width + self.scroll_offset.x, cell_len(text))
        strip = self.paint(spans, length).crop(self.scroll_offset.x, self.scroll_offset.x + width)
        return self.selectable(strip, place)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        lines = self._text if self._pieces is None else [text for _, _, text in self._pieces]
        return selection.extract("\n".join(lines)), "\n"


def _wrapped(lines: Sequence[str], width: int, first: int = 0) -> list[tuple[int, int, str]]:
    """The parts of lines, of which the first has the number `first`."""
    pieces: list[tuple[int, int, str]] = []
    for index, line in enumerate(lines, first):
        if len(line) <= width and cell_len(line) <= width:
            pieces.append((index, 0, line))
            continue
        start = 0
        for part in chop_cells(line, width):
            pieces.append((index, start, part))
            start += len(part)
    return pieces


def _part(spans: Line, start: int, end: int) -> Line:
    """The spans from one character to another."""
    part: list[Span] = []
    place = 0
    for text, tone in spans:
        if piece := text[max(0, start - place) : max(0, end - place)]:
            part.append((piece, tone))
        place += len(text)
    return part


def _marked(spans: Line, pattern: re.Pattern[str], tone: str) -> list[Span]:
    """The spans with each match of the pattern in another tone."""
    text = "".join(part for part, _ in spans)
    cuts = [match.span() for match in pattern.finditer(text) if match.end() > match.start()]
    marked: list[Span] = []
    start = 0
    for part, own in spans:
        place, end = start, start + len(part)
        for left, right in cuts:
            if right <= place or left >= end:
                continue
            if left > place:
                marked.append((text[place:left], own))
            marked.append((text[max(left, place) : min(right, end)], tone))
            place = min(right, end)
        if place < end:
            marked.append((text[place:end], own))
        start = end
    return marked


_YAML = re.compile(r"^(\s*(?:- )*)([^\s#:'\"\-][^:#]*|\"[^\"]*\"|'[^']*'):(\s.*)?$")


def highlight_yaml(line: str) -> Line:
    """Keys in the accent, comments dim; line by line, so that a text of any length costs what is visible."""
    stripped = line.lstrip()
    if stripped.startswith("#"):
        return [(line, "quiet")]
    if match := _YAML.match(line):
        return [(match[1], "quiet"), (match[2], "accent"), (":", "quiet"), (match[3] or "", "")]
    return [(line, "")]
