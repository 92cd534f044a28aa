"""A value on the clipboard, for a while."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping

from textual.app import App

CLEARED_AFTER = 45.0
"""Seconds until it is taken away again."""


def copy_for_a_while(app: App[int], text: str, env: Mapping[str, str] | None = None) -> None:
    """Copy, through the terminal (OSC 52) and on a Mac at home through pbcopy, and clear it later.

    The terminal cannot be asked what is on its clipboard: what was copied by another program meanwhile goes, too.
    """
    _copy(app, text, os.environ if env is None else env)
    app.set_timer(CLEARED_AFTER, lambda: _clear(app, text, os.environ if env is None else env))


def _clear(app: App[int], text: str, env: Mapping[str, str]) -> None:
    if app.clipboard == text:  # nothing else was copied in the app since
        _copy(app, "", env)


def _copy(app: App[int], text: str, env: Mapping[str, str]) -> None:
    app.copy_to_clipboard(text)
    if "SSH_CONNECTION" not in env and (program := shutil.which("pbcopy")):
        # Terminal.app knows no OSC 52. Through standard input: arguments are for everybody to see.
        subprocess.run([program], input=text.encode(), timeout=2, check=False)
