"""Results on standard output: JSON under a versioned schema, tables, ages."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from datetime import datetime

API_VERSION = "lain-tui/v1"
"""Of every JSON document that a command prints; fields are only ever added under it."""


def print_json(kind: str, body: dict[str, Any]) -> None:
    """Print one document: `{"apiVersion": …, "kind": …, …}`; times are RFC 3339, None is null."""
    import msgspec

    document = {"apiVersion": API_VERSION, "kind": kind, **body}
    click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())


def print_table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns under headers, as wide as they need to be."""
    from lain_tui.core.model.text import plain

    lines = [tuple(headers), *(tuple(plain(cell) for cell in row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headers))]
    for number, line in enumerate(lines):
        text = "   ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        click.echo(click.style(text, bold=True) if number == 0 else text)


def age(moment: datetime | None) -> str:
    """How long ago: `38 s`, `3 h`; empty for None."""
    from datetime import UTC, datetime

    from lain_tui.core.model.text import since

    return since(moment, datetime.now(UTC))


def wants_colour() -> bool | None:
    """False when NO_COLOR is set (no-color.org); None leaves it to whether a terminal is there."""
    return False if os.environ.get("NO_COLOR") else None
