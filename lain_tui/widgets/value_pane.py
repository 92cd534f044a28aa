"""One value in full: every layer that sets it, the winner first, and what the winning file says around it."""

from __future__ import annotations

from collections.abc import Sequence

from lain_tui.core.model.text import counted
from lain_tui.core.model.values import MASK, ValueLeaf, ValueOrigin, ValueRow
from lain_tui.widgets.canvas import Line, Page, Span, clip, rule

_BEFORE = 3
"""Lines of the file that stand above the value's own."""


class ValuePane(Page):
    """Below the tree."""

    DEFAULT_CSS = "ValuePane { height: 8; }"

    def __init__(self) -> None:
        super().__init__()
        self._row: ValueRow | None = None
        self._names = ("", "")
        self._source: Sequence[str] = ()
        self._line = 0
        self._revealed = False

    def show(
        self, row: ValueRow | None, *, names: tuple[str, str] = ("", ""), source: Sequence[str] = (),
        line: int = 0, revealed: bool = False,
    ) -> None:  # fmt: skip
        """`source` are the lines of the file, `line` the one of a map's key; `names` the clusters' in a comparison."""
        self._row, self._names, self._source, self._revealed = row, names, source, revealed
        self._line = line
        self.redraw()

    def lines(self, width: int) -> list[Line]:
        row = self._row
        if row is None:
            return [rule([], width)]
        lines: list[Line] = [rule([(".".join(row.path), "title")], width)]
        if row.leaf is None and row.other is None:
            what = (
                f"a map with {counted(row.leaves, 'key')} in it"
                if row.leaves
                else "not set: the default counts"
            )
            lines.append([(f" {what}", "quiet")])
            return [*lines, *self._excerpt(width, self.size.height - len(lines))]
        for leaf, name in ((row.leaf, self._names[0]), (row.other, self._names[1])):
            if leaf is not None:
                lines += self._layers(leaf, name, width)
            elif name:
                lines.append([(f" {name}  ", "accent"), ("not set", "quiet")])
        room = self.size.height - len(lines)
        return [*lines, *self._excerpt(width, room)]

    def _layers(self, leaf: ValueLeaf, name: str, width: int) -> list[Line]:
        masked = leaf.secret and not self._revealed
        chain = [leaf.origin, *leaf.overrode]
        column = min(max(len(_place(origin)) for origin in chain), width // 2)
        lines: list[Line] = []
        for place, origin in enumerate(chain):
            head: list[Span] = [(" ", "")]
            if name:
                head.append(((name if place == 0 else "").ljust(max(map(len, self._names))) + "  ", "accent"))
            head.append((clip(_place(origin), column).ljust(column), "" if place == 0 else "quiet"))
            text = MASK if masked else origin.text
            lines.append(
                [*head, ("  ", ""), (text, "strong" if place == 0 else "faint"), *_word(place, leaf)]
            )
        return lines

    def _excerpt(self, width: int, room: int) -> list[Line]:
        """The winning file around the value."""
        leaf = self._row.leaf if self._row is not None else None
        at = leaf.origin.line if leaf is not None else self._line
        if (
            not at
            or room < 3
            or not self._source
            or (leaf is not None and leaf.secret and not self._revealed)
        ):
            return []
        first = max(0, at - 1 - _BEFORE)
        lines: list[Line] = [[]]
        for number, text in enumerate(self._source[first : first + room - 1], first + 1):
            own = number == at
            lines.append([(f" {number:>4}  ", "accent" if own else "faint"), (text, "" if own else "quiet")])
        return lines


def _place(origin: ValueOrigin) -> str:
    return f"{origin.name}:{origin.line}"


def _word(place: int, leaf: ValueLeaf) -> list[Span]:
    if place == 0:
        return [("  wins", "quiet")] if leaf.overrode else []
    return [("  overridden", "faint")]
