"""An interactive shell at the end of an exec session: a prompt, an echo, and what a line discipline does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..kubelet.container import Container
from ..shell import Session
from .top import Top

if TYPE_CHECKING:
    from .sessions import Channel

_STDOUT, _STDERR = 1, 2


class Terminal:
    """Reads lines, runs them, shows what they print."""

    def __init__(
        self, channel: Channel, session: Session, container: Container, host: str, tty: bool
    ) -> None:
        self._channel = channel
        self._container = container
        self._session = session
        self._tty = tty
        self._newline = "\r\n" if tty else "\n"
        self._prompt = f"lain@{host}:/lain/app$ "
        self._line = ""

    async def run(self) -> None:
        """Go on until ``exit``, ctrl-d, or the client's end."""
        await self._ask()
        while not self._over():
            data = await self._channel.input.get()
            if data is None:
                return
            for char in data.decode(errors="replace"):
                await self._key(char)
                if self._over():
                    return

    def _over(self) -> bool:
        return self._session.ended

    async def _ask(self) -> None:
        if self._tty:
            await self._channel.send(_STDOUT, self._prompt.encode())

    async def _echo(self, text: str) -> None:
        if self._tty:
            await self._channel.send(_STDOUT, text.encode())

    async def _key(self, char: str) -> None:
        if char in "\r\n":
            await self._echo("\r\n")
            line, self._line = self._line, ""
            await self._execute(line)
        elif char == "\x04" and self._tty and not self._line:
            await self._echo("exit\r\n")
            self._session.ended = True
        elif char == "\x03" and self._tty:
            self._line = ""
            self._session.code = 130
            await self._echo("^C\r\n")
            await self._ask()
        elif char in "\x7f\b" and self._tty:
            if self._line:
                self._line = self._line[:-1]
                await self._echo("\b \b")
        elif char >= " " or not self._tty:
            self._line += char
            await self._echo(char)

    async def _execute(self, line: str) -> None:
        if self._tty and line.strip() == "top":
            await Top(self._channel, self._container).run(tty=True)
            await self._ask()
            return
        self._session.size = self._channel.size if self._tty else None
        for output in self._session.execute(line):
            target = _STDERR if output.error and not self._tty else _STDOUT
            await self._channel.send(target, (output.text + self._newline).encode())
        if not self._session.ended:
            await self._ask()
