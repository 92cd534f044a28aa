"""What comes over a websocket of Kubernetes' channel protocols: the first byte of each message names the channel."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp

from lain_tui.core.kube.errors import Unreachable


async def frames(socket: aiohttp.ClientWebSocketResponse, peer: str) -> AsyncIterator[tuple[int, bytes]]:
    """Yield channel and payload of each message, until the other side closes.

    Raises Unreachable when the connection breaks instead, or has been silent even when asked for a sign of life;
    `peer` says in words what it led to.
    """
    async for message in socket:
        if message.type is aiohttp.WSMsgType.ERROR:
            raise Unreachable(f"the connection to the {peer} was cut")
        data = message.data if message.type is aiohttp.WSMsgType.BINARY else message.data.encode()
        if data:
            yield data[0], data[1:]


async def send(socket: aiohttp.ClientWebSocketResponse, channel: int, payload: bytes, peer: str) -> None:
    """Send on a channel; waits while the other end is slow. Raises Unreachable when the connection is gone."""
    try:
        await socket.send_bytes(bytes([channel]) + payload)
    except (aiohttp.ClientError, OSError):
        raise Unreachable(f"the connection to the {peer} was cut") from None
