"""Writing values as YAML that helm reads back as the same values, with a remark beside each line if wanted.

PyYAML's and ruamel's writers know other rules than helm for what needs quotes (`0o17`, `1e3`), and neither places
remarks in one column.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lain_tui.core.model.values import MASK
from lain_tui.core.values.node import Node, Table
from lain_tui.core.values.scalars import resolve

_BARE = re.compile(r"(?:--?(?=\w))?[\w/.][\w/.+:-]*(?: [\w/.+-][\w/.+:-]*)*")
_TEXT_TO_HELM = re.compile(
    r"[-+]?(?:0x[\da-f_]+|0o?[\d_]+|0b[01_]+|[\d_]*\.?[\d_]+\.?(?:e[-+]?\d+)?)"  # any number, however long
    r"|[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.\d*)?"  # 1:30
    r"|\d{4}-\d\d?-\d\d?.*"  # a date
    r"|=",
    re.IGNORECASE,
)
"""What is text to helm and a number, a date or something else to other readers of YAML."""
_PRINTABLE_LINES = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\u2028\u2029\ufffe\uffff]*")
REMARK_COLUMN = 60
"""Remarks begin no further right than this, unless the line itself does."""


def to_yaml(value: Any) -> str:
    """A map as a YAML document in block style, keys in their order."""
    return "".join(f"{line}\n" for line, _ in _lines(value, "")) or "{}\n"


def to_yaml_with_remarks(table: Table, shown: Any) -> str:
    """As `to_yaml` for `shown`, with `# FILE:LINE` beside every leaf from `table`, and what it overrode."""
    lines = list(_lines(shown, "", Node(table, Path(), 0)))
    widest = max((len(line) for line, node in lines if node is not None), default=0)
    column = min(widest, REMARK_COLUMN)
    out = []
    for line, node in lines:
        out.append(line if node is None else f"{line:<{column}}  # {_remark(node, hidden=MASK in line)}")
    return "".join(f"{line}\n" for line in out) or "{}\n"


def one_line(value: Any, *, limit: int = 40) -> str:
    """A value in a few characters, for remarks."""
    text = (
        " ".join(json.dumps(value, ensure_ascii=False).split())
        if isinstance(value, dict | list)
        else _scalar(value)
    )
    text = "".join(char if char.isprintable() else " " for char in text)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _remark(node: Node, *, hidden: bool) -> str:
    text = f"{node.path.name}:{node.line}"
    under = node.overrode
    while under is not None:
        text += f", over {under.path.name}:{under.line}"
        text += "" if hidden else f" ({one_line(under.plain())})"
        under = under.overrode
    return text


def _lines(value: Any, indent: str, node: Node | None = None) -> Iterator[tuple[str, Node | None]]:
    """The lines of a map or list, each with the node whose remark belongs beside it."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _entry(f"{indent}{_scalar(key)}:", item, indent, node.find((key,)) if node else None)
        return
    for item in value:
        # A list is replaced as one, so only its key's line has a remark.
        if isinstance(item, dict | list) and item:
            inner = _lines(item, indent + "  ")
            first, _ = next(inner)
            yield f"{indent}- {first.lstrip()}", None
            yield from inner
        else:
            yield from _entry(f"{indent}-", item, indent, None)


def _entry(head: str, value: Any, indent: str, node: Node | None) -> Iterator[tuple[str, Node | None]]:
    if isinstance(value, dict | list) and value:
        yield head, node if isinstance(value, list) else None
        yield from _lines(value, indent + "  ", node)
    elif isinstance(value, str) and "\n" in value and (block := _block(value, indent + "  ")):
        yield f"{head} {block[0]}", node
        yield from ((line, None) for line in block[1:])
    else:
        yield f"{head} {_scalar(value)}", node


def _block(text: str, indent: str) -> list[str]:
    """A literal block; empty when the text cannot be written as one."""
    if not _PRINTABLE_LINES.fullmatch(text) or text[0] in " \t\n" or text.endswith("\n\n") or "\t" in text:
        return []
    body = text.removesuffix("\n")
    if any(line != line.rstrip() for line in body.split("\n")):
        return []
    marker = "|" if text.endswith("\n") else "|-"
    return [marker, *(f"{indent}{line}" if line else "" for line in body.split("\n"))]


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        bare = _BARE.fullmatch(value) and ": " not in value and not value.endswith(":")
        plain = bare and resolve(value) == value and not _TEXT_TO_HELM.fullmatch(value)
        return value if plain else _quoted(value)
    if isinstance(value, dict | list):
        return "{}" if isinstance(value, dict) else "[]"
    return json.dumps(value)


def _quoted(text: str) -> str:
    """A double-quoted scalar: JSON's, with what YAML wants escaped besides."""
    return "".join(
        char if char.isprintable() else _escaped(char) for char in json.dumps(text, ensure_ascii=False)
    )


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
