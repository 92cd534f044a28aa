"""The tree of an app's values: each key with its value and the file that set it, or with two clusters' values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.message import Message

from lain_tui.core.model.text import counted
from lain_tui.core.model.values import MASK, KeyPath, ValueKind, ValueLeaf, ValueRow
from lain_tui.widgets.canvas import Line, Page, Span, fit
from lain_tui.widgets.choice_list import ChoiceList

_INDENT = 2
_LEAST_KEY = 18


class ValueColumns(NamedTuple):
    """Cells for each part of a row."""

    key: int
    value: int
    last: int
    """Where the value comes from; in a comparison the other cluster's value."""


def columns_for(rows: Sequence[ValueRow], width: int, *, compared: bool) -> ValueColumns:
    """As wide as the rows ask for, and never so wide that another part has no room."""
    room = width - 4
    widest = max((row.depth * _INDENT + 2 + cell_len(row.name) for row in rows), default=0)
    key = max(_LEAST_KEY, min(widest, room * 2 // 5))
    if compared:
        value = (room - key) // 2
        return ValueColumns(key, value, room - key - value)
    last = max((cell_len(_place(row.leaf)) for row in rows if row.leaf is not None), default=0)
    last = min(last, room // 3)
    return ValueColumns(key, room - key - last, last)


def shown(leaf: ValueLeaf, *, revealed: bool) -> str:
    """The value's text, masked when its name says so."""
    return MASK if leaf.secret and not revealed else leaf.origin.text


class ValueTitles(Page):
    """The names of the columns, above the tree."""

    def __init__(self) -> None:
        super().__init__()
        self._columns = ValueColumns(_LEAST_KEY, 10, 10)
        self._names = ("KEY", "VALUE", "FROM")

    def show(self, columns: ValueColumns, names: tuple[str, str, str]) -> None:
        if (columns, names) != (self._columns, self._names):
            self._columns, self._names = columns, names
            self.redraw()

    def lines(self, width: int) -> list[Line]:
        spans: list[Span] = [(" ", "")]
        for name, cells in zip(self._names, self._columns, strict=True):
            spans += [*fit([(name, "quiet")], cells), (" ", "")]
        return [spans]


class ValueTree(ChoiceList):
    """Keys to walk through; the row under the cursor is told to whoever shows its details."""

    BINDING_GROUP_TITLE = "Tree"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "fold(True)", "fold", id="tree.fold", tooltip="Fold the map, or go to the one above",
                show=False),
        Binding("right", "fold(False)", "unfold", id="tree.unfold", tooltip="Show what is in the map", show=False),
        Binding("space", "turn", "fold", id="tree.turn", tooltip="Fold the map or unfold it", show=False),
    ]  # fmt: skip

    @dataclass
    class FoldRequested(Message):
        path: KeyPath
        folded: bool

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[ValueRow] = ()
        self._columns = ValueColumns(_LEAST_KEY, 10, 10)
        self._compared = False
        self._revealed = False

    def show_rows(
        self,
        rows: Sequence[ValueRow],
        columns: ValueColumns,
        *,
        compared: bool = False,
        revealed: bool = False,
        notice: Sequence[Line] = (),
    ) -> None:
        self._rows, self._columns = rows, columns
        self._compared, self._revealed = compared, revealed
        self.show_keys([key_of(row.path) for row in rows], notice)

    @property
    def row(self) -> ValueRow | None:
        """The row under the cursor."""
        return self._rows[self._cursor] if self._cursor < len(self._rows) else None

    def line(self, place: int, width: int) -> Line:
        row = self._rows[place]
        key = fit([(" " * (row.depth * _INDENT), ""), *_key(row)], self._columns.key)
        if self._compared:
            return [(" ", ""), *key, (" ", ""), *self._two_values(row)]
        value, last = self._value(row), self._columns.last
        return [
            (" ", ""),
            *key,
            (" ", ""),
            *fit(value, self._columns.value),
            (" ", ""),
            *fit(_from(row), last),
        ]

    def _value(self, row: ValueRow) -> list[Span]:
        leaf = row.leaf
        if leaf is None:
            return [(counted(row.leaves, "key"), "faint")] if row.folded else []
        spans: list[Span] = [(shown(leaf, revealed=self._revealed), _tone(leaf))]
        if leaf.overrode:
            below = MASK if leaf.secret and not self._revealed else leaf.overrode[0].text
            spans.append((f"  over {below}", "faint"))
        return spans

    def _two_values(self, row: ValueRow) -> list[Span]:
        spans: list[Span] = []
        for leaf, cells in ((row.leaf, self._columns.value), (row.other, self._columns.last)):
            side: list[Span] = []
            if leaf is not None:
                side = [(shown(leaf, revealed=self._revealed), "" if row.differs else "quiet")]
            elif not row.is_map:
                side = [("not set", "faint")]
            elif row.folded:
                side = [(counted(row.leaves, "key"), "faint")]
            spans += [*fit(side, cells), (" ", "")]
        return spans

    def action_fold(self, folded: bool) -> None:
        row = self.row
        if row is None:
            return
        if row.is_map and row.folded is not folded:
            self.post_message(self.FoldRequested(row.path, folded))
        elif folded and len(row.path) > 1:
            self.move_to(key_of(row.path[:-1]))
        elif not folded and row.is_map:
            self.action_move(1)

    def action_turn(self) -> None:
        if (row := self.row) is not None and row.is_map:
            self.post_message(self.FoldRequested(row.path, not row.folded))


def key_of(path: KeyPath) -> str:
    """What the list calls a row."""
    return "\0".join(path)


def _key(row: ValueRow) -> list[Span]:
    mark = ("▸ " if row.folded else "▾ ") if row.is_map else "  "
    tone = "accent" if row.differs and not row.is_map else "strong" if row.is_map else ""
    return [(mark, "quiet"), (row.name, tone)]


def _tone(leaf: ValueLeaf) -> str:
    return "quiet" if leaf.origin.kind is ValueKind.NOTHING or leaf.origin.kind is ValueKind.MAP else ""


def _place(leaf: ValueLeaf | None) -> str:
    return f"{leaf.origin.name}:{leaf.origin.line}" if leaf is not None else ""


def _from(row: ValueRow) -> list[Span]:
    """The chart's own file is the rule; what comes from elsewhere is worth the eye."""
    leaf = row.leaf
    if leaf is None:
        return []
    return [(_place(leaf), "quiet" if leaf.origin.name.endswith("values.yaml") else "accent")]
