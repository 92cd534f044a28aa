"""A value written to a file on purpose."""

from __future__ import annotations

import os
from pathlib import Path

from lain_tui.core.errors import LainError


def save_value(path: Path, value: bytes) -> None:
    """Write a new file that only this user can read; raises LainError when it is there already, or cannot be."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(value)
    except FileExistsError:
        raise LainError("it is there already", where=str(path), hint="Choose another name.") from None
    except OSError as error:
        raise LainError(error.strerror or "cannot be written", where=str(path)) from None
