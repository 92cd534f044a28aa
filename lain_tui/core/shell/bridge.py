"""Joins a program in a container to this terminal, or to pipes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from lain_tui.core.errors import LainError
from lain_tui.core.kube.errors import Unreachable
from lain_tui.core.kube.exec import Exec, Exit
from lain_tui.core.shell.terminal import Terminal, read

Write = Callable[[bytes], None]
_DRAWN = 0.2
"""Seconds in which a program has drawn its first picture."""
_NOTICED = 0.1
"""Seconds in which it has noticed another size."""


async def interact(process: Exec, terminal: Terminal, ahead: bytearray | None = None) -> Exit:
    """Keys, pictures and sizes go to and fro until the program ends. The terminal is raw already.

    `ahead` holds what was typed before the program printed anything: it is sent first, and is there for another
    program should this one prove not to be there. Raises Unreachable when the connection is cut before.
    """
    ahead = bytearray() if ahead is None else ahead
    await process.resize(*terminal.size)
    begun = asyncio.Event()
    async with _beside(
        _send_keys(process, terminal, ahead),
        _send_sizes(process, terminal),
        _remind_of_size(process, terminal, begun),
    ):
        async for piece in process.output():
            ahead.clear()
            await terminal.show(piece.data)
            begun.set()
    return _ended(process)


async def pipe(process: Exec, *, stdin: int | None, out: Write, err: Write) -> Exit:
    """Pass standard input on to its end, and hand over what the program prints; its two streams stay apart.

    `stdin` is a file descriptor; None passes nothing. Raises Unreachable when the connection is cut, and KubeError
    on a cluster that cannot end a program's input.
    """
    printing = asyncio.create_task(_print(process, out, err))
    feeding = asyncio.create_task(_feed(process, stdin))
    try:
        await asyncio.wait({printing, feeding}, return_when=asyncio.FIRST_COMPLETED)
        error = feeding.exception() if feeding.done() else None
        # A connection that is cut is told by what is printed, too: with the exit code when there is one.
        if error is not None and not isinstance(error, Unreachable):
            raise error
        await printing
    finally:
        await _stop(printing, feeding)
    return _ended(process)


async def _print(process: Exec, out: Write, err: Write) -> None:
    async for channel, data in process.output():
        await asyncio.to_thread(out if channel == "stdout" else err, data)


async def _feed(process: Exec, stdin: int | None) -> None:
    if stdin is None:
        return
    sent = False
    while data := await read(stdin):
        sent = True
        await process.write(data)
    # An older cluster cannot end the input; a program that was sent nothing most likely does not read at all.
    if sent or process.ends_stdin:
        await process.close_stdin()


async def _send_keys(process: Exec, terminal: Terminal, ahead: bytearray) -> None:
    if ahead:
        await process.write(bytes(ahead))
    while data := await terminal.read():
        ahead += data
        await process.write(data)
    await process.close()


async def _send_sizes(process: Exec, terminal: Terminal) -> None:
    async with terminal.resizes() as sizes:
        async for columns, rows in sizes:
            await process.resize(columns, rows)


async def _remind_of_size(process: Exec, terminal: Terminal, begun: asyncio.Event) -> None:
    """Let a full-screen program draw once more, soon after its start.

    A container runtime sets the size only once the program runs: what had begun to draw by then may lack a part.
    """
    await begun.wait()
    await asyncio.sleep(_DRAWN)
    if terminal.is_full_screen:
        columns, rows = terminal.size
        await process.resize(columns, max(1, rows - 1))
        await asyncio.sleep(_NOTICED)
        await process.resize(*terminal.size)


def _ended(process: Exec) -> Exit:
    assert process.exit is not None, "output() raises when it ends without"
    return process.exit


@asynccontextmanager
async def _beside(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run these beside the block, and end them with it; a connection they find cut is the block's to tell."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        await _stop(*tasks)


async def _stop(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError, LainError):
            await task
