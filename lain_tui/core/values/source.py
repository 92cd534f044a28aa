"""Where each value stands in the text of a values file: what an edit needs to touch nothing else.

The positions come from libyaml, as the values themselves do (see `reader`). A round trip through ruamel.yaml keeps
comments and order, but writes the whole file anew: `key:   value` loses its blanks, mixed list indents become one,
long lines are folded. So an edit replaces just the characters of the value.
"""

from __future__ import annotations

import re
from typing import Any

from lain_tui.core.errors import LainError
from lain_tui.core.values.node import KeyPath
from lain_tui.core.values.scalars import key_text, resolve

_COMMENT_OR_BLANK = re.compile(r"[ \t]*(?:#.*)?\r?")


class Entry:
    """A key with its value, in a map of the file."""

    def __init__(self, text: str, key: Any, value: Any, parent: Any) -> None:
        self._text = text
        self.key = key
        self.value = value
        self.parent = parent
        """The map that it stands in."""

    @property
    def borrowed(self) -> bool:
        """Whether the value is an alias: its text stands at the anchor."""
        return bool(self.value.start_mark.index < self.key.end_mark.index)

    @property
    def start(self) -> int:
        """The offset of the value's first character."""
        return int(self.value.start_mark.index)

    @property
    def end(self) -> int:
        """The offset behind the value's last character; comments and blank lines after it are not its own."""
        return content_end(self._text, self.value)

    @property
    def colon(self) -> int:
        """The offset behind the colon that follows the key."""
        return self._text.index(":", self.key.end_mark.index) + 1

    @property
    def written(self) -> str:
        """The value as the file has it."""
        return self._text[self.start : self.end]


def compose(text: str) -> Any:
    """The tree of a text that `reader` has taken already; None for one without any value."""
    import yaml  # type: ignore[import-untyped]

    return yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def is_map(node: Any) -> bool:
    return getattr(node, "id", "") == "mapping"


def is_list(node: Any) -> bool:
    return getattr(node, "id", "") == "sequence"


def is_nothing(node: Any) -> bool:
    """Null in any spelling."""
    return not is_map(node) and not is_list(node) and not node.style and resolve(node.value, "") is None


def is_block(node: Any) -> bool:
    """Whether it goes over lines by indentation: a map, a list, a literal or folded text."""
    return ((is_map(node) or is_list(node)) and not node.flow_style) or getattr(node, "style", "") in (
        "|",
        ">",
    )


def find_entry(text: str, root: Any, path: KeyPath) -> Entry | None:
    """The entry at a path of keys; None when the file has no such key of its own.

    Raises LainError when the way there leads through an alias, whose text is somewhere else.
    """
    node, entry = root, None
    for place, name in enumerate(path):
        if entry is not None and entry.borrowed:
            raise _borrowed(path[:place], entry)
        entry = _child(text, node, name)
        if entry is None:
            return None
        node = entry.value
    if entry is not None and entry.borrowed:
        raise _borrowed(path, entry)
    return entry


def _child(text: str, node: Any, name: str) -> Entry | None:
    if not is_map(node):
        return None
    for key, value in node.value:
        if getattr(key, "id", "") == "scalar" and _name(key) == name:
            return Entry(text, key, value, node)
    return None


def _name(key: Any) -> str | None:
    return str(key.value) if key.style else key_text(resolve(key.value, ""))


def _borrowed(path: KeyPath, entry: Entry) -> LainError:
    line = entry.value.start_mark.line + 1
    return LainError(
        f"{'.'.join(path)} is an alias of what line {line} says", hint="Edit it in the file itself."
    )


def content_end(text: str, node: Any) -> int:
    """The offset behind the last character of a value.

    The parser ends a block where the next key begins; the comments and blank lines before that belong to neither.
    """
    if not is_block(node):
        return int(node.end_mark.index)
    if is_map(node) or is_list(node):
        last = node.value[-1][1] if is_map(node) else node.value[-1]
        if last.start_mark.index > node.start_mark.index:  # else it is an alias, and stands elsewhere
            return content_end(text, last)
    start, end = int(node.start_mark.index), int(node.end_mark.index)
    lines = text[start:end].split("\n")
    # In a literal text a line may look like a comment: it is none when it is indented as the others are.
    inside = [_indent(line) for line in lines[1:] if line.strip() and not line.lstrip().startswith("#")]
    least = min(inside, default=1) if getattr(node, "style", "") in ("|", ">") else 1 << 30
    while len(lines) > 1 and _COMMENT_OR_BLANK.fullmatch(lines[-1]):
        if lines[-1].strip() and _indent(lines[-1]) >= least:
            break
        lines.pop()
    return start + len("\n".join(lines).rstrip("\r"))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
