"""The text of a values file with one value changed, added or removed; every other character stays as it is."""

from __future__ import annotations

from typing import Any

from lain_tui.core.errors import LainError
from lain_tui.core.values.node import KeyPath
from lain_tui.core.values.source import (
    Entry,
    content_end,
    find_entry,
    is_block,
    is_list,
    is_map,
    is_nothing,
)
from lain_tui.core.values.writer import to_yaml


def with_value(text: str, entry: Entry, written: str, old: Any, new: Any) -> str:
    """Another value for a key that is there: `written` is the new value as YAML on one line."""
    node = entry.value
    if is_nothing(node) and not node.value:
        return f"{text[: entry.start]} {written}{text[entry.start :]}"
    if not is_block(node):
        return text[: entry.start] + written + text[entry.end :]
    if is_list(node) and isinstance(new, list) and new:
        return _with_items(text, node, old, new)
    # A block begins on a line of its own; what takes its place stands beside the key.
    return f"{text[: entry.colon]} {written}{text[entry.end :]}"


def _with_items(text: str, node: Any, old: list[Any], new: list[Any]) -> str:
    """A block list with other items; those that stay at its head and its tail keep their lines."""
    lines = text.split("\n")
    ends = [text.count("\n", 0, content_end(text, item)) + 1 for item in node.value]
    starts = [node.start_mark.line, *ends[:-1]]
    most = min(len(old), len(new))
    head = next((place for place in range(most) if old[place] != new[place]), most)
    tail = next((place for place in range(most - head) if old[-1 - place] != new[-1 - place]), most - head)
    between = new[head : len(new) - tail]
    indent = " " * node.start_mark.column
    fresh = [indent + line[2:] for line in to_yaml({"-": between}).split("\n")[1:-1]] if between else []
    first = starts[head] if head < len(old) else ends[-1]
    last = ends[len(old) - tail - 1] if head + tail < len(old) else first
    return "\n".join([*lines[:first], *fresh, *lines[last:]])


def with_key(text: str, root: Any, keys: KeyPath, written: str) -> str:
    """A key that is not there yet, in the deepest map on its way that is; raises LainError when one is no map."""
    entry: Entry | None = None
    holder, known = root, 0
    while known < len(keys) - 1 and (found := find_entry(text, root, keys[: known + 1])) is not None:
        entry, holder, known = found, found.value, known + 1
    rest, step = keys[known:], " " * _step(holder, root)
    if entry is not None and (is_nothing(holder) or (is_map(holder) and not holder.value)):
        end = line_end(text, entry.end)
        lines = _nested(rest, written, " " * entry.key.start_mark.column + step, step)
        return f"{text[: entry.colon]}{text[entry.end : end].rstrip()}\n{lines}{text[end:]}"
    if not is_map(holder):
        raise LainError(
            f"{'.'.join(keys[:known]) or 'the file'} is no map here, so it has no place for {'.'.join(rest)}",
            where=f"line {holder.start_mark.line + 1}",
        )
    if holder.flow_style:
        brace = int(holder.end_mark.index) - 1
        before = text[:brace].rstrip()
        return f"{before}{', ' if holder.value else ''}{_flow(rest, written)}{text[brace:]}"
    end = line_end(text, content_end(text, holder))
    return f"{text[:end]}\n{_nested(rest, written, ' ' * holder.start_mark.column, step)}{text[end:]}"


def from_nothing(text: str, keys: KeyPath, written: str) -> str:
    """The first key of a file that has none, though it may have comments."""
    lines = _nested(keys, written, "", "  ")
    return f"{text}{'' if not text or text.endswith(chr(10)) else chr(10)}{lines}\n"


def without(text: str, entry: Entry) -> str:
    """The key taken away, with the lines that only it stands on."""
    start, end = int(entry.key.start_mark.index), max(entry.end, entry.colon)
    if entry.parent.flow_style:
        rest = text[end:].lstrip()
        if rest.startswith(","):
            return text[:start] + rest[1:].lstrip()
        return text[:start].rstrip().removesuffix(",") + text[end:]
    begin = text.rfind("\n", 0, start) + 1
    if text[begin:start].strip():
        raise LainError("it shares its line with something else", hint="Edit it in the file itself.")
    return text[:begin] + text[line_end(text, end) + 1 :]


def line_end(text: str, place: int) -> int:
    """The offset of the line's end that follows."""
    end = text.find("\n", place)
    return len(text) if end < 0 else end


def _step(holder: Any, root: Any) -> int:
    """How far maps in maps are indented: as in this map, else as in most of the file, else 2."""
    own = _steps(holder)
    steps = own or sorted(_steps(root))
    return max(steps, key=steps.count, default=2)


def _steps(node: Any) -> list[int]:
    return [
        value.start_mark.column - key.start_mark.column
        for key, value in (node.value if is_map(node) else ())
        if is_map(value) and not value.flow_style and value.start_mark.column > key.start_mark.column
    ]


def _nested(keys: KeyPath, written: str, indent: str, step: str) -> str:
    """The lines of a key in maps of its own, without the last line's end."""
    lines = [f"{indent}{step * depth}{_key(key)}:" for depth, key in enumerate(keys)]
    return "\n".join(lines) + f" {written}"


def _flow(keys: KeyPath, written: str) -> str:
    head = ": {".join(map(_key, keys))
    return f"{head}: {written}{'}' * (len(keys) - 1)}"


def _key(key: str) -> str:
    return to_yaml({key: None}).rpartition(":")[0]
