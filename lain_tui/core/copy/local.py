"""Putting a finished copy in its place on this machine."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lain_tui.core.errors import LainError


def place_for(text: str, base: str) -> Path:
    """Where a copy named `base` goes: into the folder named, else under that very name.

    Raises LainError when there is no folder to put it in.
    """
    path = Path(text).expanduser()
    if path.is_dir():
        return path / base
    if text.endswith("/"):
        raise LainError("there is no such folder", where=text)
    if not path.parent.is_dir():
        raise LainError("there is no folder to put it in", where=str(path.parent))
    return path


@contextmanager
def staging(destination: Path) -> Iterator[Path]:
    """A hidden folder beside the destination, gone afterwards."""
    try:
        stage = Path(tempfile.mkdtemp(prefix=".lain-cp-", dir=destination.parent))
    except OSError as error:
        reason = (error.strerror or "no access").lower()
        raise LainError(f"cannot be written to: {reason}", where=str(destination.parent)) from None
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def dress(path: Path, mode: int, modified: int) -> None:
    """Give a file its permissions and time."""
    path.chmod(mode & 0o777)
    os.utime(path, (modified, modified))


def put(made: Path, destination: Path, *, replace: bool) -> None:
    """Give what was made its name, in one step; into a folder that is there, file by file, each in one step.

    Raises LainError when something is there that may not be replaced.
    """
    try:
        if not os.path.lexists(destination):
            made.rename(destination)
        elif not replace:
            raise LainError(
                "is there already", where=str(destination), hint="Say that it may be replaced (--force)."
            )
        elif made.is_dir() and destination.is_dir():
            _merge(made, destination)
        else:
            made.replace(destination)
    except OSError as error:
        reason = (error.strerror or "no access").lower()
        raise LainError(f"cannot be replaced: {reason}", where=str(error.filename2 or destination)) from None


def _merge(made: Path, destination: Path) -> None:
    for child in sorted(made.iterdir()):
        there = destination / child.name
        if child.is_dir() and not child.is_symlink() and there.is_dir():
            _merge(child, there)
        else:
            child.replace(there)
