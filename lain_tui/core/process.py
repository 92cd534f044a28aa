"""A program of the user's on this terminal."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence

from lain_tui.core.errors import LainError

_GRACE = 2.0
"""Seconds that a program has to end by itself when it is no longer wanted."""


async def attend(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    given: Iterable[bytes] | None = None,
    hint: str = "",
) -> int:
    """Run a program until it ends, and return its exit code; cancelled, it ends the program.

    What is `given` is its standard input, as far as it reads it; without, that is the terminal.
    Raises LainError, with the hint, when there is no such program.
    """
    with _terminal_as_it_was():
        try:
            process = await asyncio.create_subprocess_exec(
                *command, env=environment, stdin=None if given is None else asyncio.subprocess.PIPE
            )
        except OSError as error:
            raise LainError(f"cannot run {command[0]}: {error.strerror}", hint=hint) from None
        try:
            if given is not None:
                await _give(process, given)
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
def ctrl_c_is_theirs() -> Iterator[None]:
    """Ctrl+c is for the program that has the terminal, and nothing to us."""
    # A handler, since what is ignored would be ignored by the program, too.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


async def _give(process: asyncio.subprocess.Process, given: Iterable[bytes]) -> None:
    assert process.stdin is not None
    try:
        for piece in given:
            process.stdin.write(piece)
            await process.stdin.drain()
        process.stdin.close()
        await process.stdin.wait_closed()
    except (BrokenPipeError, ConnectionResetError):
        return  # it was left before the end


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
