"""A program of the user's on this terminal."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping, Sequence

from lain_tui.core.errors import LainError

_GRACE = 2.0
"""Seconds that a program has to end by itself when it is no longer wanted."""


async def attend(
    command: Sequence[str], *, environment: Mapping[str, str] | None = None, hint: str = ""
) -> int:
    """Run a program until it ends, and return its exit code; cancelled, it ends the program.

    Raises LainError, with the hint, when there is no such program.
    """
    with _terminal_as_it_was():
        try:
            process = await asyncio.create_subprocess_exec(*command, env=environment)
        except OSError as error:
            raise LainError(f"cannot run {command[0]}: {error.strerror}", hint=hint) from None
        try:
            return await process.wait()
        finally:
            if process.returncode is None:
                process.terminate()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), _GRACE)
            if process.returncode is None:
                process.kill()
                await process.wait()


@contextlib.contextmanager
def _terminal_as_it_was() -> Iterator[None]:
    """Whoever is ended while the terminal is raw leaves it so: docker's client does."""
    import termios

    try:
        before = termios.tcgetattr(0)
    except termios.error:  # standard input is no terminal
        yield
        return
    try:
        yield
    finally:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(0, termios.TCSADRAIN, before)
