"""Results on standard output: documents under a versioned schema as JSON or YAML, tables, ages."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datetime import datetime

    from lain_tui.cli.documents.document import Document

output = click.option(
    "-o", "--output", type=click.Choice(["text", "json", "yaml"]), default="text", metavar="FORM",
    help="text, json or yaml.",
)  # fmt: skip
"""The option of every command that lists or plans; what is not text is one document."""


def print_document(document: Document, output: str) -> None:
    """Print it as JSON or YAML; times are RFC 3339, what is not known is null."""
    import msgspec

    body = document.as_builtins()
    if output == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(body), indent=2).decode())
    else:
        from lain_tui.core.values.writer import to_yaml

        click.echo(to_yaml(body), nl=False)


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
