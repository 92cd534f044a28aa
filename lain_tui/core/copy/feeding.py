"""A program's input, output and complaints, carried side by side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from lain_tui.core.kube.errors import Unreachable
from lain_tui.core.kube.exec import Exec, Exit
from lain_tui.core.model.text import plain

Sink = Callable[[bytes], Awaitable[None]]

_SILENCE = 10.0
"""Seconds that a program which complained may take nothing more and not end."""
_MOST = 10_000
"""Bytes of complaints that are kept."""


async def drain(process: Exec, sink: Sink | None, complaints: bytearray) -> Exit:
    """Hand over what it prints, and keep its complaints, until it has ended. Raises Unreachable when it is cut off."""
    async for channel, data in process.output():
        if channel == "stderr":
            if len(complaints) < _MOST:
                complaints += data
        elif sink is not None:
            await sink(data)
    assert process.exit is not None, "output() raises when it ends without"
    return process.exit


async def fed(process: Exec, chunks: AsyncIterator[bytes], complaints: bytearray) -> Exit:
    """Give the program its input, until it has ended.

    containerd waits for ever for somebody to read what a program has left of its input: one that complained, and
    neither ends nor takes more, has given up. Raises Unreachable for that.
    """
    feed = _Feed(process, chunks)
    telling = asyncio.create_task(drain(process, None, complaints))
    feeding = asyncio.create_task(feed.run())
    try:
        while not telling.done():
            before, open_ones = feed.sent, {task for task in (telling, feeding) if not task.done()}
            done, _ = await asyncio.wait(open_ones, timeout=_SILENCE, return_when=asyncio.FIRST_COMPLETED)
            if feeding.done() and not isinstance(feeding.exception(), Unreachable | None):
                await feeding
            if complaints and not done and feed.sent == before:
                raise Unreachable("the program takes no more, and does not end")
        return await telling
    finally:
        for task in (telling, feeding):
            task.cancel()
        await asyncio.gather(telling, feeding, return_exceptions=True)


class _Feed:
    """A program's input on its way."""

    def __init__(self, process: Exec, chunks: AsyncIterator[bytes]) -> None:
        self._process, self._chunks = process, chunks
        self.sent = 0
        """How many chunks are with the connection."""

    async def run(self) -> None:
        async for chunk in self._chunks:
            await self._process.write(chunk)
            self.sent += 1
        await self._process.close_stdin()


def in_words(complaints: bytes | bytearray) -> str:
    """What a program wrote to standard error, as one line."""
    return plain(bytes(complaints).strip().replace(b"\n", b"; "))
