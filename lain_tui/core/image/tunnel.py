"""An engine behind ssh, as docker's own client reaches it: `ssh HOST docker system dial-stdio`, one for each connection.

Docker's documentation: docs.docker.com/engine/security/protect-access ("Use SSH"). The user's ssh does the rest: keys,
agents, jump hosts, known hosts. It is never asked for a password, as there may be nobody to type one.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from lain_tui.core.errors import LainError

_CHUNK = 1 << 16


class SshTunnel:
    """A socket of our own, in a folder that only we may enter; what connects to it speaks with the engine."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.trouble = ""
        """What ssh said last on its standard error."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="lain-tui-ssh-")
        self.socket = Path(self._folder.name) / "docker.sock"
        self._server = await asyncio.start_unix_server(self._accept, self.socket)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._folder.cleanup()

    def command(self) -> list[str]:
        """The arguments of ssh; raises LainError when the address names no host."""
        parts = urlsplit(self.url)
        if not parts.hostname or parts.hostname.startswith("-"):
            raise LainError("this address names no host", where=self.url, hint="Such as ssh://me@10.0.0.1.")
        options = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=10"]
        options += ["-l", parts.username] if parts.username else []
        options += ["-p", str(parts.port)] if parts.port else []
        return ["ssh", *options, "--", parts.hostname, "docker", "system", "dial-stdio"]

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of our own: of one that asyncio makes here, it prints that it was cancelled.
        task = asyncio.create_task(self._connected(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(
                *self.command(), stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
            )
        except OSError as error:
            self.trouble = f"cannot run ssh: {error.strerror}"
            writer.close()
            return
        assert process.stdin and process.stdout and process.stderr
        try:
            await asyncio.gather(
                _pass_on(reader, process.stdin),
                _pass_on(process.stdout, writer),
                self._listen(process.stderr),
            )
        finally:
            writer.close()
            if process.returncode is None:
                # Not process.kill(): ssh may be ending just now, and whoever waits for it would miss that.
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
                await process.wait()

    async def _listen(self, errors: asyncio.StreamReader) -> None:
        async for line in errors:
            self.trouble = line.decode(errors="replace").strip() or self.trouble


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError, RuntimeError):
        writer.close()
