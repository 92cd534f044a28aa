"""The lines of a log in the reader's own pager."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from typing import Any

from textual.app import App

from lain_tui.core.process import attend
from lain_tui.screens.editor import terminal_lent


async def page(app: App[Any], lines: Iterable[str]) -> None:
    """Show lines in $PAGER (`less` when it is not set), fed through its standard input: nothing touches a disk.

    Raises LainError when there is no such pager, or no terminal to give it.
    """
    command = shlex.split(os.environ.get("PAGER") or "less -RS")
    with terminal_lent(app):
        given = (f"{line}\n".encode(errors="backslashreplace") for line in lines)
        await attend(command, given=given, hint="Set PAGER to a pager you have.")
