"""A release's diff: object by object, the pods that restart beside each, equal lines folded; from change to change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType

from lain_tui.core.model.diff import ChangeKind, DiffLine, Mark, ObjectDiff, ReleaseDiff, beside
from lain_tui.widgets.canvas import Line, Span, clip, fit, width_of
from lain_tui.widgets.viewer import Viewer
from lain_tui.widgets.wrap import wrap

_KINDS: dict[ChangeKind, tuple[str, str]] = {
    ChangeKind.ADDED: ("+", "added"),
    ChangeKind.REMOVED: ("-", "removed"),
    ChangeKind.CHANGED: ("~", "accent"),
    ChangeKind.RENAMED: (">", "accent"),
    ChangeKind.UNCHANGED: ("~", "accent"),  # told where the change sets it back
}
_TONES: dict[Mark, str] = {
    Mark.SAME: "quiet",
    Mark.ADDED: "added",
    Mark.REMOVED: "removed",
    Mark.FOLDED: "faint",
}
LEAST_BESIDE = 100
"""Columns that two columns of YAML need."""


class DiffView(Viewer):
    """Lines that go and come. `]` and `[` go from object to object."""

    BINDING_GROUP_TITLE = "Diff"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right_square_bracket", "change(1)", "next change", key_display="]", id="diff.next",
                tooltip="To the next object that changes", show=False),
        Binding("left_square_bracket", "change(-1)", "change before", key_display="[", id="diff.previous",
                tooltip="To the object before that changes", show=False),
    ]  # fmt: skip

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._diff: ReleaseDiff | None = None
        self._words: Sequence[tuple[str, str]] = ()
        self._live = False
        self._beside = False
        self._places: list[int] = []
        self._width = 0
        """The width that the lines are made for."""

    def show_diff(
        self,
        diff: ReleaseDiff,
        words: Sequence[tuple[str, str]] = (),
        *,
        against_live: bool = False,
        side_by_side: bool = False,
    ) -> None:
        """Show it; `words` are sentences with their tones that stand at its end."""
        self._diff, self._words = diff, words
        self._live, self._beside = against_live, side_by_side
        self._fill()

    def _fill(self) -> None:
        self._width = self.size.width
        if self._diff is None:
            return
        lines, self._places = _lines(
            self._diff,
            self._words,
            width=self._width or 80,
            live=self._live,
            two=self._beside and self.size.width >= LEAST_BESIDE,
        )
        self.show(lines)

    def show_text(self, content: str | list[Line]) -> None:
        """Show something that is no diff in its place."""
        self._diff, self._places = None, []
        self.show(content)

    def on_resize(self) -> None:
        super().on_resize()
        if self.size.width != self._width:  # another height changes no line, and loses no place
            self._fill()

    def action_change(self, step: int) -> None:
        here = self._line_at(self.scroll_offset.y)
        ahead = [place for place in self._places if place > here]
        behind = [place for place in self._places if place < here]
        place = (ahead[0] if ahead else None) if step > 0 else (behind[-1] if behind else None)
        if place is not None:
            self.scroll_to(y=self._painted_at(place), animate=False)


def _lines(
    diff: ReleaseDiff, words: Sequence[tuple[str, str]], *, width: int, live: bool, two: bool
) -> tuple[list[Line], list[int]]:
    """The lines, and where each object begins."""
    lines: list[Line] = []
    places = []
    for one in diff.objects:
        changed = one.live_lines if live and diff.asked_live and not one.hook else one.lines
        if not changed and not one.refusal:
            continue
        places.append(len(lines))
        lines.append(_head(one, width))
        lines += _two_columns(changed, width) if two else [diff_line(line) for line in changed]
        if one.refusal:
            lines.append([(" ", ""), ("✗ the cluster refuses it: ", "broken"), (one.refusal, "")])
        lines.append([])
    if not live:
        for one in diff.drifted:
            places.append(len(lines))
            gone = " is gone from the cluster" if one.live is False else " was changed past helm"
            lines.append([(" ! ", "risk"), (one.title, "strong"), (gone, "risk")])
            if one.live:
                lines += _two_columns(one.drift, width) if two else [diff_line(line) for line in one.drift]
            lines.append([])
    lines += [[(" ", ""), (part, tone)] for text, tone in words for part in wrap(text, max(20, width - 2))]
    return lines, places


def _head(one: ObjectDiff, width: int) -> Line:
    mark, tone = _KINDS[one.change]
    head: list[Span] = [(" ", ""), (mark, tone), (" ", ""), (f"{one.kind} ", "quiet"), (one.called, "strong")]
    head += [("  hook", "quiet")] if one.hook else []
    gap = width - width_of(head) - cell_len(one.restarts) - 1
    if one.restarts:
        head += [(" " * max(2, gap), ""), (one.restarts, "risk")]
    return head


def diff_line(line: DiffLine) -> Line:
    """One line with its mark."""
    tone = _TONES[line.mark]
    if line.mark is Mark.FOLDED:
        return [("   ⋯ ", tone), (line.text, tone)]
    return [(f"   {line.mark.value} ", tone), (line.text, tone)]


def _two_columns(lines: Sequence[DiffLine], width: int) -> list[Line]:
    cells = (width - 5) // 2
    rows: list[Line] = []
    for old, new in beside(lines):
        if old is not None and old.mark is Mark.FOLDED:
            rows.append(diff_line(old))
            continue
        rows.append([("   ", ""), *_side(old, cells), ("│ ", "faint"), *_side(new, cells)])
    return rows


def _side(line: DiffLine | None, cells: int) -> list[Span]:
    if line is None:
        return fit([], cells)
    return fit([(clip(f"{line.mark.value} {line.text}", cells), _TONES[line.mark])], cells)
