"""Looking for a value where it must not be: on command lines, in environments, in files."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from typing import Self

_LARGEST = 10_000_000


class Watcher:
    """Looks at the arguments and the environment of every process that begins, all the time, for a value.

    Whoever has started the processes that are there already is not asked.
    """

    def __init__(self, value: str) -> None:
        self._value = value.encode()
        self._old = {path.name for path in Path("/proc").glob("[0-9]*")}
        self._over = threading.Event()
        self.seen: list[str] = []
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.02):
            for process in Path("/proc").glob("[0-9]*"):
                if process.name in self._old:
                    continue
                for name in ("cmdline", "environ"):
                    with contextlib.suppress(OSError):
                        if self._value in (process / name).read_bytes():
                            self.seen.append(f"{process} {name}")


def files_with(value: str, *folders: Path) -> list[str]:
    """The files in these folders, and below, that hold a value."""
    found = []
    for folder in folders:
        for root, _, names in os.walk(folder):
            for name in names:
                path = Path(root) / name
                with contextlib.suppress(OSError):
                    if not path.is_file() or path.stat().st_size > _LARGEST:
                        continue
                    if value.encode() in path.read_bytes():
                        found.append(str(path))
    return found
