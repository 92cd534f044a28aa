"""A file of the user's in the user's own editor, at a line."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from textual.app import App, SuspendNotSupported

from lain_tui.core.errors import LainError

_FALLBACKS = ("vi", "vim", "nano")
_WAIT = {"code": "--wait", "codium": "--wait", "subl": "--wait", "zed": "--wait", "gedit": "--wait"}
"""Editors that come back at once unless they are told not to."""


def editor_command(path: Path, line: int, environment: Mapping[str, str]) -> list[str]:
    """The arguments that open a file at a line, for the editors that have a way of their own to say so."""
    words = shlex.split(environment.get("VISUAL") or environment.get("EDITOR") or "")
    if not words:
        words = [next((name for name in _FALLBACKS if shutil.which(name)), "vi")]
    name = Path(words[0]).name
    if name in _WAIT and _WAIT[name] not in words and "-w" not in words:
        words.append(_WAIT[name])
    if name in {"code", "codium"}:
        return [*words, "--goto", f"{path}:{line}"]
    if name in {"subl", "zed", "hx", "helix"}:
        return [*words, f"{path}:{line}"]
    return [*words, f"+{line}", str(path)]


def edit_file(app: App[int], path: Path, line: int = 1) -> None:
    """Give the terminal to the editor until it is done. Raises LainError when that cannot be."""
    run_outside(app, editor_command(path, line, os.environ), hint="Set EDITOR to an editor you have.")


def run_outside(
    app: App[int],
    command: list[str],
    *,
    environment: Mapping[str, str] | None = None,
    hint: str = "",
    after: Callable[[int], None] | None = None,
) -> int:
    """Give the terminal to a program until it ends, and return its exit code.

    `after` is called with the code while the terminal is still the program's. Raises LainError when there is no such
    program, or no terminal.
    """
    try:
        with app.suspend():
            code = subprocess.run(command, env=environment, check=False).returncode
            if after is not None:
                after(code)
            return code
    except SuspendNotSupported:
        raise LainError("there is no terminal to give to it", where=command[0]) from None
    except OSError as error:
        raise LainError(f"cannot run {command[0]}: {error.strerror}", hint=hint) from None
