"""The base of what lain-tui paints itself: lines of spans, each with a tone.

Everything on screen passes `paint`, the one edge where a cluster's text becomes terminal output: it is shown as
plain text, never read as markup, and its control sequences are made harmless.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from lain_tui.core.model.text import plain
from lain_tui.widgets.tones import LINK, TONES, style_of

Span = tuple[str, str]
"""Text and its tone; an empty tone is the default colour."""
Line = Sequence[Span]


class Canvas(ScrollView, can_focus=False, inherit_bindings=False):
    """A widget that paints lines of spans; subclasses give them one by one in `render_line`.

    A span's tone is a name of the table in `tones`, or several joined by a blank.
    """

    DEFAULT_CSS = """
    Canvas {
        height: 1;
        overflow: hidden;
        scrollbar-size-vertical: 1;
        scrollbar-background: $background;
        scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
        scrollbar-color: $foreground 22%;
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._tones: dict[str, Style] = {}

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._tones.clear()

    def paint(self, line: Line, width: int, base: Style | None = None) -> Strip:
        """Draw one line, clipped or padded to `width` cells; `base` gives it a background."""
        ground = self.rich_style if base is None else self.rich_style + base
        segments: list[Segment] = []
        room = width
        for text, tone in line:
            if room <= 0:
                break
            text = plain(text)
            cells = cell_len(text)
            if cells > room:
                text, cells = clip(text, room), room
            style = ground + self.tone(tone) if tone else ground
            if text[:1] == " " and (blanks := len(text) - len(text.lstrip(" "))) < len(text):
                # Leading blanks by themselves: some viewers of an exported picture trim them.
                segments.append(Segment(" " * blanks, style))
                text = text[blanks:]
            segments.append(Segment(text, style))
            room -= cells
        if room > 0:
            segments.append(Segment(" " * room, ground))
        return Strip(segments, width)

    def tone(self, name: str) -> Style:
        """The colours and attributes of a tone; several joined by a blank add up."""
        style = self._tones.get(name)
        if style is None:
            style = self._tones[name] = Style.combine(map(self._one_tone, name.split()))
        return style

    def _one_tone(self, name: str) -> Style:
        app = self.app
        if name.startswith(LINK):
            return Style(link=name.removeprefix(LINK))
        if name in TONES:
            return style_of(name, app.theme_variables, self.background_colors[1], no_color=app.no_color)
        # A subclass may have tones of its own, as component classes `tone--<name>`.
        styles, whole = (
            self.get_component_styles(f"tone--{name}"),
            self.get_component_rich_style(f"tone--{name}"),
        )
        color = whole.color if styles.has_rule("color") and not app.no_color else None
        background = whole.bgcolor if styles.has_rule("background") and not app.no_color else None
        return Style(color=color, bgcolor=background) + styles.text_style

    def selectable(self, strip: Strip, index: int) -> Strip:
        """Let the mouse select the line's text, and show what it has selected."""
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(index)) is not None:
            start, end = span
            end = strip.cell_length if end == -1 else end
            chosen = strip.crop(start, end).apply_style(
                self.screen.get_component_rich_style("screen--selection", partial=True)
            )
            strip = Strip.join([strip.crop(0, start), chosen, strip.crop(end, None)])
        return strip.apply_offsets(0, index)


class Page(Canvas):
    """A canvas whose lines are composed at once: for what is no longer than a few screens."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: list[Line] | None = None

    def lines(self, width: int) -> list[Line]:
        """Everything there is to show, for that width."""
        raise NotImplementedError

    def redraw(self) -> None:
        """The data has changed: compose the lines again, and repaint those that differ."""
        before = self._lines
        after = self._compose_lines()
        if before is None or len(before) != len(after):
            self.refresh()
            return
        for y, (old, new) in enumerate(zip(before, after, strict=True)):
            if old != new:
                self.refresh_line(y)

    def _compose_lines(self) -> list[Line]:
        width = self.size.width
        self._lines = self.lines(width)
        if self.virtual_size != (size := Size(width, len(self._lines))):
            self.virtual_size = size
        return self._lines

    def on_resize(self) -> None:
        self._compose_lines()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        lines = self._lines
        if lines is None:
            lines = self._lines = self.lines(self.size.width)
        line = lines[index] if index < len(lines) else ()
        return self.selectable(self.paint(line, self.size.width), index)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        if self._lines is None:
            return None
        text = "\n".join("".join(plain(span) for span, _ in line) for line in self._lines)
        return selection.extract(text), "\n"


def clip(text: str, width: int) -> str:
    """Cut text to `width` cells, with an ellipsis in the last one."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1) + "…" if width > 0 else ""


def fit(spans: Iterable[Span], width: int, *, right: bool = False) -> list[Span]:
    """The spans in exactly `width` cells, clipped with an ellipsis or padded."""
    fitted: list[Span] = []
    room = width
    for text, tone in spans:
        text = plain(text)
        cells = cell_len(text)
        if cells > room:
            if room > 0:
                fitted.append((clip(text, room), tone))
            room = 0
            break
        fitted.append((text, tone))
        room -= cells
    if room > 0:
        padding: Span = (" " * room, "")
        fitted = [padding, *fitted] if right else [*fitted, padding]
    return fitted


def width_of(spans: Iterable[Span]) -> int:
    return sum(cell_len(text) for text, _ in spans)


def rule(title: Line, width: int) -> Line:
    """A thin separator that carries a title: `─ Why ─ worker crashes ────`."""
    head: list[Span] = [("─ ", "faint"), *title, (" ", "")] if title else []
    room = width - width_of(head)
    if room < 1:
        return [*fit(head, width - 1), ("─", "faint")]
    return [*head, ("─" * room, "faint")]
