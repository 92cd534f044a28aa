"""`lain-tui status`."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

import click

from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.output import output, print_document
from lain_tui.cli.paths import PathName
from lain_tui.cli.session import Session, session

if TYPE_CHECKING:
    from pathlib import Path

    from lain_tui.cli.status_report import Report
    from lain_tui.core.target import Target

_CLEAR = "\x1b[H\x1b[2J"
_COLOURS = {"RISK": "yellow", "BROKEN": "red"}
"""By severity."""


def _parse_size(ctx: click.Context, param: click.Parameter, text: str) -> tuple[int, int]:
    columns, _, rows = text.partition("x")
    if not (columns.isdigit() and rows.isdigit() and 20 <= int(columns) <= 500 and 5 <= int(rows) <= 200):
        raise click.BadParameter("columns and rows are written like 120x40.")
    return int(columns), int(rows)


@click.command(epilog="Example: lain-tui status --once -o json")
@click.option("--once", is_flag=True, help="Print one picture and end: 3 when something is broken, else 0.")
@click.option(
    "-s", "links", is_flag=True, help="Print once, with the URLs of the app's pages in Kibana and Grafana."
)
@output
@click.option("--snapshot", metavar="FILE", type=PathName(dir_okay=False),
              help="Draw one frame of the screen to FILE.svg or FILE.txt.")  # fmt: skip
@click.option("--size", default="120x40", show_default=True, callback=_parse_size, help="Of the snapshot.")
def command(once: bool, links: bool, output: str, snapshot: Path | None, size: tuple[int, int]) -> int:
    """Show the app's live state, and why it is unhealthy.

    On a terminal it is shown until ctrl+c; elsewhere, and with --once, -s or -o, printed once.
    """
    here = session()
    if snapshot is not None and snapshot.suffix not in (".svg", ".txt"):
        raise click.UsageError("--snapshot writes .svg and .txt files.")
    target = here.app_target()
    if snapshot is not None:
        here.screens.snapshot(target, here.settings, snapshot, size)
        return ExitCode.DONE
    if once or links or output != "text" or not sys.stdout.isatty():
        return _once(here, target, links=links, output=output)
    with contextlib.suppress(KeyboardInterrupt):
        here.run(_follow(here, target))
    return ExitCode.DONE


def _once(here: Session, target: Target, *, links: bool, output: str) -> int:
    from lain_tui.cli.status_report import document_of
    from lain_tui.cli.status_watch import look_once

    report = here.run(look_once(here, target, links=links))
    if output != "text":
        print_document(document_of(report), output)
    else:
        _print(report)
    return ExitCode.NOT_READY if report.is_broken else ExitCode.DONE


async def _follow(here: Session, target: Target) -> None:
    from lain_tui.cli.status_watch import look_on

    async for report in look_on(here, target, links=False):
        click.echo(_CLEAR, nl=False)
        _print(report)


def _print(report: Report) -> None:
    from lain_tui.cli.status_report import report_lines

    for line, severity in report_lines(report):
        colour = _COLOURS.get(severity.name)
        click.echo(click.style(line, fg=colour) if colour else line)
