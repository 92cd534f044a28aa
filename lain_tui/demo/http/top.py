"""A full-screen program in a container: its processes, drawn anew every second and at each new size."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ..kubelet.container import Container

if TYPE_CHECKING:
    from .sessions import Channel

_STDOUT = 1
_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
_BEAT = 1.0


class Top:
    """Ends at q or ctrl-c, or with whoever looks."""

    def __init__(self, channel: Channel, container: Container) -> None:
        self._channel = channel
        self._container = container

    async def run(self, *, tty: bool) -> None:
        if not tty:
            await self._say("\n".join(self._lines(24, 80)) + "\n")
            return
        await self._say(_ENTER)
        key: asyncio.Future[bytes | None] = asyncio.ensure_future(self._channel.input.get())
        try:
            while True:
                await self._draw()
                resized = asyncio.ensure_future(self._channel.resized.wait())
                either: set[asyncio.Future[Any]] = {key, resized}
                await asyncio.wait(either, timeout=_BEAT, return_when=asyncio.FIRST_COMPLETED)
                resized.cancel()
                self._channel.resized.clear()
                if key.done():
                    typed = key.result()
                    if typed is None or b"q" in typed or b"\x03" in typed:
                        break
                    key = asyncio.ensure_future(self._channel.input.get())
        finally:
            key.cancel()
        if not self._channel.killed:
            await self._say(_LEAVE)

    async def _draw(self) -> None:
        rows, columns = self._channel.size
        await self._say("\x1b[H\x1b[2J" + "\r\n".join(self._lines(rows, columns)))

    def _lines(self, rows: int, columns: int) -> list[str]:
        argv = [*(self._container.spec.get("command") or ()), *(self._container.spec.get("args") or ())]
        words = " ".join(map(str, argv)) or "sh"
        lines = [f"top, {columns}x{rows}   q quits", "", "  PID USER     COMMAND", f"    1 lain     {words}"]
        return [line[:columns] for line in [*lines, "   42 lain     top"][:rows]]

    async def _say(self, text: str) -> None:
        await self._channel.send(_STDOUT, text.encode())
