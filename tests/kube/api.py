"""A small, scriptable Kubernetes API on a real socket: one kind of object, true versions, faults on demand.

It knows only what a client sees on the wire: lists with paging, watches, versions that expire. Anything finer is the
contract suite's matter.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]

PODS_PATH = "/api/v1/namespaces/dummy/pods"


def pod(name: str, *, uid: str = "", version: int = 0, phase: str = "Running") -> dict[str, Any]:
    meta = {"name": name, "namespace": "dummy", "uid": uid or f"uid-{name}", "resourceVersion": str(version)}
    return {"kind": "Pod", "apiVersion": "v1", "metadata": meta, "status": {"phase": phase}}


def status(code: int, message: str = "", reason: str = "", **details: Any) -> Answer:
    """An answer that is a failure Status."""

    async def answer(_: web.Request) -> web.Response:
        body = {"kind": "Status", "code": code, "message": message, "reason": reason, "details": details}
        headers = {"Retry-After": str(details["retryAfterSeconds"])} if "retryAfterSeconds" in details else {}
        return web.json_response(body, status=code, headers=headers)

    return answer


async def drop(request: web.Request) -> web.Response:
    """Cut the connection instead of answering."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


class _Watch:
    """One open watch and what is still to be sent on it, in order."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.cut = False
        """At the end of the queue, cut the connection instead of ending the answer."""


@dataclass
class Seen:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    peer_certificate: dict[str, Any] | None


class Api:
    """The server; `async with serve() as api`."""

    def __init__(self) -> None:
        self.pods: dict[str, dict[str, Any]] = {}
        self.version = 10
        self.compacted = 0
        self.log: list[tuple[int, str, dict[str, Any]]] = []
        self.seen: list[Seen] = []
        self.next: deque[Answer] = deque()
        """Answers for the very next requests, one each."""
        self.always: dict[tuple[str, str], Answer] = {}
        """Answers for a method and path, until taken out."""
        self.token = ""
        """When set, the only accepted bearer token."""
        self.port = 0
        self.most_watches = 0
        self._watches: set[_Watch] = set()
        self._snapshots: dict[str, list[dict[str, Any]]] = {}
        self._runner: web.AppRunner | None = None
        self._tls: ssl.SSLContext | None = None

    # -- the server

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    async def up(self, tls: ssl.SSLContext | None = None) -> None:
        """Listen, on the same port as before if it was up once."""
        self._tls = tls or self._tls
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0, handler_cancellation=True)
        await self._runner.setup()
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        await web.SockSite(self._runner, listener, ssl_context=self._tls).start()

    async def down(self) -> None:
        """Stop listening and cut every connection."""
        self.cut()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def requests(self, path: str = PODS_PATH, *, watch: bool | None = None) -> list[Seen]:
        return [
            seen
            for seen in self.seen
            if seen.path == path and (watch is None or ("watch" in seen.query) == watch)
        ]

    @property
    def watches(self) -> int:
        return len(self._watches)

    # -- what happens in the cluster

    def put(self, name: str, *, uid: str = "", phase: str = "Running") -> None:
        """Add a pod, or change it."""
        uid = uid or f"uid-{name}"
        self.version += 1
        type_ = "MODIFIED" if uid in self.pods else "ADDED"
        self.pods[uid] = pod(name, uid=uid, version=self.version, phase=phase)
        self._record(type_, self.pods[uid])

    def put_raw(self, uid: str, body: dict[str, Any]) -> None:
        """Store whatever it is under a uid."""
        self.version += 1
        body.setdefault("metadata", {}).update(uid=uid, resourceVersion=str(self.version))
        self.pods[uid] = body
        self._record("ADDED", body)

    def remove(self, name: str, *, uid: str = "") -> None:
        gone = self.pods.pop(uid or f"uid-{name}")
        self.version += 1
        meta = {**gone["metadata"], "resourceVersion": str(self.version)}
        self._record("DELETED", {**gone, "metadata": meta})

    def compact(self) -> None:
        """Forget every version before now."""
        self.log.clear()
        self._snapshots.clear()
        self.compacted = self.version

    def say(self, line: bytes) -> None:
        """Send these bytes on every open watch."""
        for watch in self._watches:
            watch.queue.put_nowait(line)

    def bookmark(self) -> None:
        self.version += 1
        meta = {"resourceVersion": str(self.version)}
        self.say(_line("BOOKMARK", {"kind": "Pod", "metadata": meta}))

    def expire_watches(self) -> None:
        """Tell every watch that its version is gone, as an event."""
        gone = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"}
        self.say(_line("ERROR", gone))

    def cut(self, half_a_line: bytes = b"") -> None:
        """Cut every watch, after what it still has to say and the beginning of one more line."""
        for watch in self._watches:
            watch.cut = True
            watch.queue.put_nowait(half_a_line)
            watch.queue.put_nowait(None)

    def end_watches(self) -> None:
        """End every watch politely, as when its timeoutSeconds are over."""
        for watch in self._watches:
            watch.queue.put_nowait(None)

    def _record(self, type_: str, body: dict[str, Any]) -> None:
        self.log.append((self.version, type_, body))
        self.say(_line(type_, body))

    # -- requests

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        certificate = request.transport.get_extra_info("peercert") if request.transport else None
        self.seen.append(
            Seen(
                method=request.method,
                path=request.path,
                query=dict(request.query),
                headers=dict(request.headers),
                body=await request.read(),
                peer_certificate=certificate,
            )
        )
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            return await status(401, "Unauthorized", "Unauthorized")(request)
        if self.next:
            return await self.next.popleft()(request)
        scripted = self.always.get((request.method, request.path))
        if scripted is not None:
            return await scripted(request)
        if request.path == "/version":
            return web.json_response({"gitVersion": "v1.35.0", "major": "1", "minor": "35"})
        if request.path != PODS_PATH or request.method != "GET":
            return web.Response(status=404, text="404 page not found\n")
        return await (self._watch(request) if "watch" in request.query else self.list_pods(request))

    async def list_pods(self, request: web.Request) -> web.StreamResponse:
        limit = int(request.query.get("limit", 0)) or None
        token = request.query.get("continue", "")
        if token:
            if token not in self._snapshots:
                return await status(410, "the provided continue parameter is too old", "Expired")(request)
            version, left = token.split("-")[0], self._snapshots[token]
        else:
            version, left = str(self.version), list(self.pods.values())
        meta = {"resourceVersion": version}
        if limit is not None and len(left) > limit:
            meta["continue"] = f"{version}-{len(left) - limit}"
            self._snapshots[meta["continue"]] = left[limit:]
            left = left[:limit]
        return web.json_response({"kind": "PodList", "metadata": meta, "items": left})

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        version = int(request.query["resourceVersion"])
        if version < self.compacted:
            return await status(410, "too old resource version", "Expired")(request)
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        watch = _Watch()
        for then, type_, body in self.log:
            if then > version:
                watch.queue.put_nowait(_line(type_, body))
        self._watches.add(watch)
        self.most_watches = max(self.most_watches, len(self._watches))
        try:
            await response.prepare(request)
            while (line := await watch.queue.get()) is not None:
                await response.write(line)
            if watch.cut and request.transport is not None:
                await asyncio.sleep(0.01)  # let what was written leave the machine
                request.transport.abort()
        finally:
            self._watches.discard(watch)
        return response

    def verbs(self) -> Counter[str]:
        return Counter("watch" if "watch" in seen.query else seen.method for seen in self.seen)


def _line(type_: str, body: dict[str, Any]) -> bytes:
    return json.dumps({"type": type_, "object": body}).encode() + b"\n"


@asynccontextmanager
async def serve(tls: ssl.SSLContext | None = None) -> AsyncIterator[Api]:
    api = Api()
    await api.up(tls)
    try:
        yield api
    finally:
        await api.down()
