"""What the Values screen says of itself, and when there is nothing to show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from lain_tui.core.config.picture import ValuesPicture
from lain_tui.core.errors import LainError
from lain_tui.core.model.text import counted
from lain_tui.core.model.values import ValueRow
from lain_tui.core.values.tree import TreeView, short_names
from lain_tui.widgets.canvas import Line, Span
from lain_tui.widgets.notices import sentence

Words = tuple[list[Span], list[Span]]


def bar_words(
    picture: ValuesPicture | None, other: ValuesPicture | None, rows: Sequence[ValueRow], view: TreeView
) -> Words:
    """The title bar's middle and right."""
    if picture is None:
        return [("values", "quiet")], []
    middle: list[Span] = [("values", "quiet")]
    if other is not None:
        differing = sum(row.differs and not row.is_map for row in rows)
        middle += [(f" against {other.cluster}", "accent"), (f" · {counted(differing, 'key')} differ", "")]
        right = "only what differs" if view.differences_only else "everything"
    else:
        middle.append((f" · {counted(len(picture.leaves), 'key')}", "quiet"))
        by_file = Counter(leaf.origin.file for leaf in picture.leaves)
        names = short_names(picture.files)
        right = " · ".join(f"{by_file[str(file)]} from {names[file]}" for file in picture.files)
    if view.filter:
        middle += [(" · /", "quiet"), (view.filter, "accent")]
    return middle, [(right, "quiet")]


def empty_tree(
    picture: ValuesPicture | None,
    view: TreeView,
    error: LainError | None,
    keys: Mapping[str, str],
    width: int,
) -> list[Line]:
    """Why there are no rows, and what to do about it."""
    back = keys.get("back", "esc")
    if picture is None and error is not None:
        said = [(str(error), ""), ("It is read again as soon as the file changes.", "quiet")]
        if "no chart" in error.what:
            said.pop()
    elif picture is None:
        said = [("Reading the values …", "quiet")]
    elif view.filter:
        said = [(f"Nothing matches {view.filter}.", ""), (f"{back} shows everything.", "quiet")]
    elif view.differences_only:
        said = [
            ("Both clusters have the same values.", ""),
            (f"{keys.get('differences', 'f')} shows them.", "quiet"),
        ]
    else:
        said = [("The values files set nothing.", "")]
    return [[], *(line for text, tone in said for line in sentence(text, tone, width))]


def described(value: Any) -> str:
    """What helm makes of a value."""
    if value is None:
        return "null: switched off"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "text" if value else "empty text"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return f"a map of {len(value)}"
    return f"the number {value}"
