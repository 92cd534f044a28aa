"""One local port that leads to a proc's pod, whichever it is by now."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import time
from collections.abc import Callable

from lain_tui.core.errors import LainError
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import Forbidden, KubeError, NotFound, ServerFault
from lain_tui.core.kube.portforward import PortRefused, PortStream, open_port
from lain_tui.core.kube.resources import PODS
from lain_tui.core.model.forwards import ForwardRow
from lain_tui.core.shell.place import Place, find_place
from lain_tui.core.target import Target

HOST = "127.0.0.1"
PATIENCE = 20.0
"""Seconds that a new connection waits while the pod is being replaced."""
_PAUSE = 0.5
_CHUNK = 64 * 1024


class Forward:
    """Listens until it is closed. Each connection goes to the newest running pod of the moment."""

    def __init__(
        self,
        kube: KubeClient,
        target: Target,
        name: str,
        remote: int,
        local: int,
        on_change: Callable[[], None],
    ) -> None:
        self._kube = kube
        self._target = target
        self._name = name
        self._remote = remote
        self._local = local
        self._on_change = on_change
        self._place: Place | None = None
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self._sent = self._received = 0
        self._error = ""

    @property
    def row(self) -> ForwardRow:
        """How it stands."""
        return ForwardRow(
            name=self._name,
            pod=self._place.pod if self._place else "",
            local=self._local,
            remote=self._remote,
            connections=len(self._open),
            sent=self._sent,
            received=self._received,
            error=self._error,
        )

    async def start(self) -> None:
        """Listen. Raises LainError when the local port is taken, or there is no such pod."""
        self._place = await find_place(self._kube, self._target, self._name)
        self._name = self._name or self._place.proc
        if not self._remote:
            self._remote = await self._only_port(self._place)
        try:
            self._server = await asyncio.start_server(self._accept, HOST, self._local)
        except OSError as error:
            raise _cannot_listen(error, self._local) from None
        self._local = self._server.sockets[0].getsockname()[1]
        self._on_change()

    async def close(self) -> None:
        """Stop listening and cut what is open."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        self._on_change()

    async def _only_port(self, place: Place) -> int:
        pod = await self._kube.get(PODS, place.pod, place.namespace)
        for container in pod.spec.containers or ():
            if container.name == place.container and container.ports:
                return container.ports[0].container_port
        raise LainError(
            f"which port? {place.name} declares none", hint=f"Give it: {place.proc or place.pod} 8080:80."
        )

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._server is None:  # closed after this connection had come, and before its turn
            writer.close()
            return
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        self._on_change()
        try:
            await self._carry(reader, writer)
            self._error = ""
        except LainError as error:
            self._error = str(error)
        except (OSError, asyncio.CancelledError):
            pass  # the local program went away, or the forward is closed
        finally:
            self._open.discard(task)
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()
            self._on_change()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection to its end; while the pod is being replaced it waits for the new one."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                place = self._place = await find_place(self._kube, self._target, self._name)
                async with open_port(self._kube, place.namespace, place.pod, self._remote) as stream:
                    await self._join(stream, reader, writer)
                return
            except (Forbidden, PortRefused):
                raise
            except (NotFound, ServerFault) as error:
                last: LainError = error
            except KubeError:
                raise
            except LainError as error:
                last = error  # no pod runs just now
            if time.monotonic() > end or reader.at_eof():
                raise last
            await asyncio.sleep(_PAUSE)

    async def _join(
        self, stream: PortStream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        upward = asyncio.create_task(self._up(stream, reader))
        try:
            async for data in stream.output():
                self._received += len(data)
                writer.write(data)
                await writer.drain()
        finally:
            upward.cancel()
            with contextlib.suppress(LainError, OSError, asyncio.CancelledError):
                await upward

    async def _up(self, stream: PortStream, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(_CHUNK):
            await stream.write(data)
            self._sent += len(data)


def _cannot_listen(error: OSError, port: int) -> LainError:
    if error.errno == errno.EADDRINUSE:
        return LainError(
            f"port {port} of this machine is taken",
            hint=f"Another one: {port + 10000}:…, or 0:… for any free one.",
        )
    if error.errno == errno.EACCES:
        return LainError(
            f"port {port} needs more rights on this machine", hint="Ports from 1024 on do not: 8080:80."
        )
    return LainError(f"cannot listen on port {port}: {error.strerror}")


def parse_ports(text: str) -> tuple[int, int]:
    """Local and remote port of `8080:80`, `80` (the same on both sides), `0:80` or `:80` (any free one here).

    Raises LainError for what is neither.
    """
    local, colon, remote = text.rpartition(":")
    try:
        there = int(remote)
        here = int(local) if local else 0 if colon else there
    except ValueError:
        there = here = -1
    if not (0 < there < 65536 and 0 <= here < 65536):
        raise LainError(f"{text!r} is no port", hint="Write 80, or 8080:80 for another one on this machine.")
    if not colon and here < 1024:
        here += 8000  # ports below 1024 need more rights than people have
    return here, there
