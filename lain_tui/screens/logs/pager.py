"""The lines of a log in the reader's own pager."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterable

from textual.app import App, SuspendNotSupported

from lain_tui.core.errors import LainError


def page(app: App[int], lines: Iterable[str]) -> None:
    """Show lines in $PAGER (`less` when it is not set), fed through its standard input: nothing touches a disk.

    Raises LainError when there is no such pager, or no terminal to give it.
    """
    command = shlex.split(os.environ.get("PAGER") or "less -RS")
    try:
        with app.suspend():
            pager = subprocess.Popen(command, stdin=subprocess.PIPE, text=True, errors="backslashreplace")
            assert pager.stdin is not None
            try:
                for line in lines:
                    pager.stdin.write(line + "\n")
                pager.stdin.close()
            except BrokenPipeError:
                # The reader left before the end.
                pass
            pager.wait()
    except SuspendNotSupported:
        raise LainError("there is no terminal to give to a pager") from None
    except OSError as error:
        raise LainError(
            f"cannot run {command[0]}: {error.strerror}", hint="Set PAGER to a pager you have"
        ) from None
