"""The terminal this program runs in, lent to a program elsewhere and taken back as it was."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from lain_tui.core.shell.modes import Modes

_CHUNK = 16 * 1024
_SETTLE = 0.05
"""Seconds in which a storm of resizes becomes one."""


class Terminal:
    """Keys from one file descriptor, pictures to another."""

    def __init__(self, keys: int, screen: int) -> None:
        self._keys = keys
        self._screen = screen
        self._modes = Modes()
        self._last = b""
        """The last byte shown."""

    @classmethod
    def of_process(cls) -> Terminal | None:
        """The terminal of this process; None when standard input or output is something else."""
        try:
            keys, screen = sys.__stdin__.fileno(), sys.__stdout__.fileno()  # type: ignore[union-attr]
        except (AttributeError, ValueError, OSError):
            return None
        return cls(keys, screen) if os.isatty(keys) and os.isatty(screen) else None

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        try:
            size = os.get_terminal_size(self._screen)
        except OSError:
            return 80, 24
        return (size.columns or 80, size.lines or 24)

    @property
    def is_full_screen(self) -> bool:
        """What runs here has the whole screen to itself."""
        return self._modes.alternate

    @contextmanager
    def raw(self) -> Iterator[None]:
        """Every key goes through as it is, ctrl-C too; afterwards the terminal is as before, whatever happened."""
        import termios
        import tty

        before = termios.tcgetattr(self._keys)
        tty.setraw(self._keys, termios.TCSADRAIN)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                newline = b"" if self._last in (b"", b"\n") else b"\r\n"
                os.write(self._screen, self._modes.undo() + newline)
            with contextlib.suppress(termios.error):
                # What was typed ahead was meant for the program that is gone.
                termios.tcsetattr(self._keys, termios.TCSAFLUSH, before)

    async def show(self, data: bytes) -> None:
        """Write all of it; a terminal that does not take it (ctrl-S) holds up nothing else."""
        self._modes.feed(data)
        self._last = data[-1:]
        await asyncio.to_thread(_write_all, self._screen, data)

    async def read(self) -> bytes:
        """What was typed; empty when the terminal is gone."""
        return await read(self._keys)

    @contextlib.asynccontextmanager
    async def resizes(self) -> AsyncIterator[AsyncIterator[tuple[int, int]]]:
        """Columns and rows, each time they have changed and come to rest."""
        loop = asyncio.get_running_loop()
        changed = asyncio.Event()
        before = signal.getsignal(signal.SIGWINCH)
        loop.add_signal_handler(signal.SIGWINCH, changed.set)

        async def sizes() -> AsyncIterator[tuple[int, int]]:
            while True:
                await changed.wait()
                await asyncio.sleep(_SETTLE)
                changed.clear()
                yield self.size

        try:
            yield sizes()
        finally:
            loop.remove_signal_handler(signal.SIGWINCH)
            signal.signal(signal.SIGWINCH, before)


async def read(descriptor: int) -> bytes:
    """The next bytes of a file descriptor that is left blocking, for others share it; empty at its end."""
    loop = asyncio.get_running_loop()
    readable = loop.create_future()

    def tell() -> None:
        if not readable.done():
            readable.set_result(None)

    try:
        loop.add_reader(descriptor, tell)
    except PermissionError:  # a file, which is always readable
        return await asyncio.to_thread(os.read, descriptor, _CHUNK)
    try:
        await readable
    finally:
        loop.remove_reader(descriptor)
    try:
        return os.read(descriptor, _CHUNK)
    except OSError:  # EIO: the terminal has hung up
        return b""


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:
            import select

            select.select([], [descriptor], [])
