"""A file of the user's in the user's own editor, at a line."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from textual.app import App

from lain_tui.core.process import attend, ctrl_c_is_theirs
from lain_tui.screens.hosting import HostApp, stepped_aside

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


async def edit_file(app: App[Any], path: Path, line: int = 1) -> None:
    """Give the terminal to the editor until it is done. Raises LainError when that cannot be."""
    with terminal_lent(app):
        await attend(editor_command(path, line, os.environ), hint="Set EDITOR to an editor you have.")


@contextlib.contextmanager
def terminal_lent(app: App[Any]) -> Iterator[None]:
    """The terminal and ctrl+c are a program's until it ends; the app goes on behind it. Call it from a worker."""
    with ctrl_c_is_theirs(), stepped_aside(cast("HostApp", app)):
        yield
