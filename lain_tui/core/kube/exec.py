"""A program in a container, over a websocket.

Protocol: Kubernetes' remote command over websockets, sub-protocols `v5.channel.k8s.io` and `v4.channel.k8s.io`
(k8s.io/apimachinery/pkg/util/remotecommand): the first byte of each message names the channel; channel 3 brings a
Status with the exit code at the end; version 5 can close one channel, and so end the program's standard input.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Literal, NamedTuple

import aiohttp
import msgspec

from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import KubeError, Status, Unreachable
from lain_tui.core.kube.frames import frames, send
from lain_tui.core.kube.resources import PODS

_STDIN, _STDOUT, _STDERR, _STATUS, _RESIZE, _CLOSE = 0, 1, 2, 3, 4, 255
_V5, _V4 = "v5.channel.k8s.io", "v4.channel.k8s.io"
_PEER = "container"
_CHUNK = 32 * 1024
"""Bytes of standard input a message; the API server takes larger ones, some proxies do not."""


class Output(NamedTuple):
    """Something the program printed."""

    channel: Literal["stdout", "stderr"]
    data: bytes


class Exit(NamedTuple):
    """How the program ended."""

    code: int
    message: str = ""
    """What the container runtime said, when the program could not be run at all."""

    @property
    def was_run(self) -> bool:
        return self.code >= 0

    @property
    def is_missing(self) -> bool:
        """The container has no such program."""
        return not self.was_run and any(
            words in self.message for words in ("not found", "no such file or directory")
        )


class Exec:
    """A running program. Read `output()` to its end, then `exit` tells how it ended."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._sending = asyncio.Lock()
        self.exit: Exit | None = None
        """None until it has ended."""

    async def write(self, data: bytes) -> None:
        """Send to standard input; waits while the other end is slow.

        Raises Unreachable when the connection is gone.
        """
        view = memoryview(data)
        async with self._sending:
            for start in range(0, len(view), _CHUNK):
                await self._send(_STDIN, bytes(view[start : start + _CHUNK]))

    @property
    def ends_stdin(self) -> bool:
        """Whether the cluster can end a program's input: from Kubernetes 1.30 on."""
        return self._socket.protocol == _V5

    async def close(self) -> None:
        """Cut the connection; a program in a terminal is hung up on."""
        await self._socket.close()

    async def close_stdin(self) -> None:
        """End standard input.

        Raises KubeError on a cluster that cannot (`ends_stdin`): ask for `stdin=False` there.
        """
        if not self.ends_stdin:
            raise KubeError(
                "this cluster cannot end a program's input", hint="It can from Kubernetes 1.30 on."
            )
        async with self._sending:
            await self._send(_CLOSE, bytes([_STDIN]))

    async def resize(self, columns: int, rows: int) -> None:
        """Tell the program's terminal its size in cells."""
        async with self._sending:
            await self._send(_RESIZE, msgspec.json.encode({"Width": columns, "Height": rows}))

    async def output(self) -> AsyncIterator[Output]:
        """Yield what the program prints, until it ends.

        Nothing is read ahead: a slow reader slows the program down. Raises Unreachable when the connection is cut
        before the program has ended.
        """
        async for channel, payload in frames(self._socket, _PEER):
            if channel == _STATUS:
                self.exit = _read_exit(payload)
            elif channel == _STDOUT and payload:
                yield Output("stdout", payload)
            elif channel == _STDERR and payload:
                yield Output("stderr", payload)
        if self.exit is None:
            raise Unreachable(f"the connection to the {_PEER} was cut")

    async def _send(self, channel: int, payload: bytes) -> None:
        await send(self._socket, channel, payload, _PEER)


@asynccontextmanager
async def open_exec(
    kube: KubeClient,
    namespace: str,
    pod: str,
    container: str,
    command: Sequence[str],
    *,
    stdin: bool = False,
    tty: bool = False,
) -> AsyncIterator[Exec]:
    """Run a program in a container; leaving the block closes the connection.

    With a terminal (`tty`) everything comes as stdout. Raises KubeError: Forbidden for pods/exec, NotFound …
    """
    params = [("container", container), ("stdout", "true"), *(("command", word) for word in command)]
    if stdin:
        params.append(("stdin", "true"))
    params.append(("tty", "true") if tty else ("stderr", "true"))
    path = PODS.path(namespace, pod, "exec")
    async with kube.websocket(path, params=params, protocols=(_V5, _V4)) as socket:
        yield Exec(socket)


@asynccontextmanager
async def open_attach(
    kube: KubeClient, namespace: str, pod: str, container: str, *, stdin: bool = False, tty: bool = False
) -> AsyncIterator[Exec]:
    """Join the program that a container is; otherwise as `open_exec`. `tty` must be as the container's own."""
    params = [("container", container), ("stdout", "true")]
    if stdin:
        params.append(("stdin", "true"))
    params.append(("tty", "true") if tty else ("stderr", "true"))
    path = PODS.path(namespace, pod, "attach")
    async with kube.websocket(path, params=params, protocols=(_V5, _V4)) as socket:
        yield Exec(socket)


def _read_exit(payload: bytes) -> Exit:
    """The exit code in a Status: success, or a cause `ExitCode`; -1 when the program could not be run."""
    try:
        status = msgspec.json.decode(payload, type=Status)  # it comes without its kind
    except msgspec.DecodeError:
        return Exit(-1, payload.decode("utf-8", "replace"))
    causes = (status.details.causes if status.details else None) or []
    for cause in causes:
        if cause.reason == "ExitCode" and cause.message.isdigit():
            return Exit(int(cause.message))
    if not status.message and not causes:
        return Exit(0)
    return Exit(-1, status.message)
