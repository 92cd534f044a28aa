"""port-forward over websockets (v4.channel.k8s.io): one small web server stands for all that pods serve."""

from __future__ import annotations

import asyncio

from aiohttp import WSMsgType, web

from .. import errors
from ..cluster import Cluster
from ..kinds import POD
from ..kubelet.container import Container
from .route import Route

DATA, ERROR = 0, 1
PROTOCOLS = ("v4.channel.k8s.io",)
_POLL = 0.1


async def serve(request: web.BaseRequest, cluster: Cluster, route: Route) -> web.StreamResponse:
    """Carry one connection to its end, or to the pod's."""
    pod = cluster.api.found(POD, route.namespace, route.name).obj
    phase = (pod.get("status") or {}).get("phase")
    if phase != "Running":
        raise errors.bad_request(f"unable to forward port because pod is not running. Current status={phase}")
    port = int(request.query.get("ports", "0").partition(",")[0])
    socket = web.WebSocketResponse(protocols=PROTOCOLS)
    await socket.prepare(request)
    for channel in (DATA, ERROR):
        await socket.send_bytes(bytes([channel]) + port.to_bytes(2, "little"))
    containers = [
        found
        for spec in pod["spec"]["containers"]
        if (found := cluster.kubelet.container(route.namespace, route.name, spec["name"])) is not None
    ]
    if not any(_listens(container, port) for container in containers):
        why = f"error forwarding port {port} to pod {route.name}: dial tcp4 127.0.0.1:{port}: connect: connection refused"
        await socket.send_bytes(bytes([ERROR]) + why.encode())
        await socket.close()
        return socket
    watching = asyncio.ensure_future(_end_with(socket, cluster, route, containers))
    try:
        await _converse(socket, route.name)
    finally:
        watching.cancel()
        await socket.close()
    return socket


def _listens(container: Container, port: int) -> bool:
    if container.stage != "running" or container.run is None:
        return False
    return container.run.ports is None or port in container.run.ports


async def _converse(socket: web.WebSocketResponse, name: str) -> None:
    """Answer each request with the pod's name."""
    asked = b""
    async for message in socket:
        if message.type is not WSMsgType.BINARY or message.data[:1] != bytes([DATA]):
            continue
        asked += message.data[1:]
        while b"\r\n\r\n" in asked:
            _, _, asked = asked.partition(b"\r\n\r\n")
            body = f"hello from {name}\n".encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
            await socket.send_bytes(bytes([DATA]) + head.encode() + body)


async def _end_with(
    socket: web.WebSocketResponse, cluster: Cluster, route: Route, containers: list[Container]
) -> None:
    while True:
        await asyncio.sleep(_POLL)
        there = [cluster.kubelet.container(route.namespace, route.name, each.name) for each in containers]
        if there != containers or all(each.stage != "running" for each in containers):
            await socket.close()
            return
