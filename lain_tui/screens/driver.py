"""The terminal that the app writes to, which may be gone from one moment to the next."""

from __future__ import annotations

import os
import signal
from typing import IO, TYPE_CHECKING, Any

from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from textual.app import App


class TerminalDriver(LinuxDriver):
    """A terminal that cannot be written to is gone: the app gets a SIGHUP of its own, whether or not one comes.

    Textual's thread that writes would die of the first write that fails; the loop would then wait for room in its
    queue for ever, and see no signal any more.
    """

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._file: Any = _Output(self._file)


class _Output:
    """A file that answers a failed write with a signal, once, in place of raising."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._gone = False

    def write(self, text: str) -> None:
        try:
            self._file.write(text)
        except OSError:
            self._hang_up()

    def flush(self) -> None:
        try:
            self._file.flush()
        except OSError:
            self._hang_up()

    def fileno(self) -> int:
        return self._file.fileno()

    def _hang_up(self) -> None:
        if not self._gone:
            self._gone = True
            os.kill(os.getpid(), signal.SIGHUP)
