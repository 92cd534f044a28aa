"""What is left of a bug of ours: a file that its finder can send, with nothing of theirs in it."""

from __future__ import annotations

import os
import platform
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from lain_tui import __version__
from lain_tui.core.state import state_folder


def write_report(error: BaseException, *, env: Mapping[str, str] | None = None) -> Path | None:
    """Write the places where an unexpected error passed; None when the file cannot be written.

    Only types, files, lines and functions: messages and variables may hold what nobody else should read.
    """
    now = datetime.now(UTC)
    path = state_folder(env) / f"report-{now:%Y%m%d-%H%M%S}-{os.getpid()}.txt"
    lines = [
        f"lain-tui {__version__}, Python {platform.python_version()}, {platform.platform()}, {now:%Y-%m-%dT%H:%M:%SZ}"
    ]
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        lines.append(f"{type(current).__module__}.{type(current).__qualname__}")
        lines += [
            f"  {frame.filename}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(current.__traceback__)
        ]
        current = current.__cause__ or current.__context__
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write("\n".join(lines) + "\n")
    except OSError:
        return None
    return path
