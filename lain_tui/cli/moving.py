"""One line on a terminal's standard error that is written anew as things go on."""

from __future__ import annotations

import shutil
import sys

import click

from lain_tui.cli.session import Session


class MovingLine:
    """`clear` it before anything else is printed, and at the end."""

    def __init__(self, here: Session) -> None:
        self.moves = sys.stderr.isatty() and not here.quiet
        """There is a terminal to move on; else nothing is shown."""
        self._shown = ""

    def show(self, text: str) -> None:
        text = text[: shutil.get_terminal_size().columns - 1]
        if self.moves and text != self._shown:
            self.clear()
            self._shown = text
            click.echo(text, err=True, nl=False)

    def clear(self) -> None:
        if self._shown:
            click.echo(f"\r{' ' * len(self._shown)}\r", err=True, nl=False)
            self._shown = ""
