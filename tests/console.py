"""A program at a terminal of its own: what is typed, what is seen, and how the terminal is left."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

_MODES = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
_ON_AT_REST = (7, 25)
"""Line wrap and the cursor."""
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|\x1b[()][0-9A-B]|\x1b[=>78]|\x0f")


class Console:
    """Runs a program in a pseudo-terminal, ended with the `with` block."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], size: tuple[int, int] = (80, 24)) -> None:
        self._argv, self._env, self._size = argv, dict(env), size
        self.seen = b""
        """What it has printed since somebody last waited for something."""
        self.all = b""
        self._gone = False
        """Everything it has printed."""

    def __enter__(self) -> Self:
        self._master, slave = pty.openpty()
        self.before = termios.tcgetattr(slave)
        self._slave = slave
        self.resize(*self._size)
        self._process = subprocess.Popen(
            self._argv,
            env=self._env,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509  (no threads here)
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if not self._gone:
            os.close(self._master)
            os.close(self._slave)

    @property
    def text(self) -> str:
        """What it has printed, without what moves and colours."""
        return _ESCAPES.sub("", self.seen.decode("utf-8", "replace"))

    @property
    def modes(self) -> set[int]:
        """The private modes (DEC: alternate screen, hidden cursor, mouse …) that it has left other than they were."""
        left = dict.fromkeys(_ON_AT_REST, True)
        for numbers, switch in _MODES.findall(self.all):
            left.update({int(number): switch == b"h" for number in numbers.split(b";")})
        return {number for number, on in left.items() if on is not (number in _ON_AT_REST)}

    @property
    def attributes(self) -> list[Any]:
        """How the terminal is set just now."""
        return termios.tcgetattr(self._slave)

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def until(self, words: str, seconds: float = 180.0) -> str:
        """Wait until it has printed that; returns what came before and with it, and forgets it."""
        deadline = time.monotonic() + seconds
        while words not in self.text:
            assert time.monotonic() < deadline, f"{words!r} did not come: {self.text[-2000:]!r}"
            self._read(0.2)
        seen, self.seen = self.text, b""
        return seen

    def ends(self, seconds: float = 180.0) -> int:
        """Wait for its end; returns the exit code."""
        deadline = time.monotonic() + seconds
        while self._process.poll() is None:
            assert time.monotonic() < deadline, f"it does not end: {self.text[-2000:]!r}"
            self._read(0.1)
        while self._read(0):
            pass
        return self._process.returncode

    def hang_up(self) -> None:
        """Take the terminal away, as an ssh connection that breaks does."""
        os.close(self._slave)
        os.close(self._master)
        self._gone = True

    def waits_for_end(self, seconds: float = 30.0) -> int:
        """As `ends`, of a program whose terminal is gone."""
        return self._process.wait(seconds)

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], seconds)
        if ready:
            try:
                read = os.read(self._master, 65536)
            except OSError:
                return False
            self.seen, self.all = self.seen + read, self.all + read
        return bool(ready)


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
