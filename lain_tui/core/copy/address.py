"""How a file in a pod is named on a command line."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import NamedTuple

from lain_tui.core.errors import LainError


class Address(NamedTuple):
    """`web:/lain/app/run.py`: a proc or pod, and a path in it."""

    name: str
    """Empty for the proc with the largest memory limit."""
    path: str

    @property
    def base(self) -> str:
        """The last part of the path."""
        return PurePosixPath(self.path).name


def parse_address(text: str) -> Address | None:
    """None for a path of this machine. A file here whose name has a colon is named with a slash: `./a:b`.

    Raises LainError for a path that nobody should copy to or from.
    """
    name, colon, path = text.partition(":")
    if not colon or "/" in name:
        return None
    return Address(name, checked(path))


def checked(path: str) -> str:
    """The path as the container's programs get it. Raises LainError when it is empty or leads back up."""
    if not path:
        raise LainError("which file? There is no path behind the colon", hint="Such as web:/lain/app/run.py.")
    if "\0" in path:
        raise LainError("a path has no zero byte in it")
    if ".." in PurePosixPath(path).parts:
        raise LainError("a path in a container has no .. in it", where=path, hint="Say where it leads to.")
    # None of the container's programs takes it for an option then.
    return f"./{path}" if path.startswith("-") else path
