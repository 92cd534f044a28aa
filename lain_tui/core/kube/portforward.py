"""A connection to a port of a pod, over a websocket.

Protocol: `v4.channel.k8s.io` of the kubelet's portforward endpoint (k8s.io/kubelet/pkg/cri/streaming/portforward):
for one port, channel 0 carries the bytes and channel 1 errors; each begins with the port's number in two bytes, the
low one first. One websocket is one connection; it knows no half-closed ones.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import KubeError
from lain_tui.core.kube.frames import frames, send
from lain_tui.core.kube.resources import PODS

_DATA, _ERROR = 0, 1
_PROTOCOL = "v4.channel.k8s.io"
_PEER = "pod"
_CHUNK = 32 * 1024


class PortRefused(KubeError):
    """The pod does not take the connection: nothing listens on that port."""


class PortStream:
    """One connection."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def write(self, data: bytes) -> None:
        """Send to the pod. Raises Unreachable when the connection is gone."""
        view = memoryview(data)
        for start in range(0, len(view), _CHUNK):
            await send(self._socket, _DATA, bytes(view[start : start + _CHUNK]), _PEER)

    async def output(self) -> AsyncIterator[bytes]:
        """Yield what the pod sends, to its end. Raises PortRefused with what the kubelet says, and Unreachable."""
        begun: set[int] = set()
        async for channel, payload in frames(self._socket, _PEER):
            if channel not in begun:
                begun.add(channel)
                payload = payload[2:]
            if channel == _ERROR and payload:
                raise PortRefused(_reason(payload.decode("utf-8", "replace")))
            if channel == _DATA and payload:
                yield payload


@asynccontextmanager
async def open_port(kube: KubeClient, namespace: str, pod: str, port: int) -> AsyncIterator[PortStream]:
    """Connect to a port of a pod. Raises KubeError, such as Forbidden for pods/portforward."""
    path = PODS.path(namespace, pod, "portforward")
    async with kube.websocket(path, params=[("ports", str(port))], protocols=(_PROTOCOL,)) as socket:
        yield PortStream(socket)


def _reason(text: str) -> str:
    """The kubelet's long account in a few words."""
    if "connection refused" in text.lower():
        return "nothing listens on that port"
    return text.strip().rpartition(": ")[2] or "the pod refuses the connection"
