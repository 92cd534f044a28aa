"""The listening side: one port for the API and for the door of faults, and what goes on between socket and verb."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from functools import partial
from typing import Any

from aiohttp import web

from .. import errors
from ..cluster import Cluster
from ..errors import ApiError
from ..faults import DropError
from ..seed.load import churn
from . import bodies, discovery, openapi, reviews
from .bodies import LARGEST_BODY
from .objects import Objects
from .options import flag
from .registry import Registry
from .replies import check_accept, form, refuse, reply, wants
from .route import resource, verb
from .sites import Sites

_log = logging.getLogger(__name__)
_OPEN = ("/healthz", "/livez", "/readyz")


class Server:
    """Serves one cluster on one loopback port."""

    def __init__(self, cluster: Cluster, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self._cluster = cluster
        self._host = host
        self._tls = tls
        self._objects = Objects(cluster)
        self._sites = Sites(cluster)
        self._registry = Registry(cluster.images)
        self._runner: web.ServerRunner | None = None
        self._later: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        """Going down and coming up, in the order in which they were asked for."""
        self._churn: asyncio.Task[None] | None = None
        self.port = 0

    def take_orders(self) -> None:
        """Be the server that faults such as "down" and "drop-watches" strike."""
        faults = self._cluster.faults
        faults.on_compact = self._compact
        faults.on_down = self._go_down
        faults.on_up = lambda: self._spawn(self._come_up())
        faults.on_hang_up = self._hang_up
        faults.on_churn = self._set_churn

    @property
    def url(self) -> str:
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{self._host}:{self.port}"

    async def start(self, port: int = 0) -> None:
        """Listen; port 0 takes a free one and keeps it."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self._host, port))
        self.port = listener.getsockname()[1]
        server = web.Server(
            self._handle,
            request_factory=partial(_request, asyncio.get_running_loop()),
            handler_cancellation=True,
            access_log=None,
        )
        self._runner = web.ServerRunner(server, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.SockSite(self._runner, listener, backlog=512, ssl_context=self._tls).start()

    async def stop(self) -> None:
        """Stop listening and hang up on everyone."""
        if self._runner is not None:
            self._hang_up()
            await self._runner.cleanup()
            self._runner = None

    def _spawn(self, work: object) -> None:
        task = asyncio.ensure_future(work)  # type: ignore[call-overload]
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    def _hang_up(self) -> None:
        if self._runner is not None and self._runner.server is not None:
            for connection in list(self._runner.server.connections):
                if connection.transport is not None:
                    connection.transport.abort()

    def _set_churn(self, per_second: float) -> None:
        if self._churn is not None:
            self._churn.cancel()
        self._churn = asyncio.ensure_future(churn(self._cluster, per_second))

    def _compact(self) -> None:
        self._cluster.storage.compact()
        self._objects.lists.forget()

    def _go_down(self, seconds: float) -> None:
        async def down() -> None:
            async with self._turn:
                await asyncio.sleep(0.05)
                await self.stop()
            if seconds:
                await asyncio.sleep(seconds)
                await self._come_up()

        self._spawn(down())

    async def _come_up(self) -> None:
        async with self._turn:
            if self._runner is None:
                await self.start(self.port)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await self._answer(request)
        except ApiError as error:
            return refuse(request, error)
        except DropError:
            if request.transport is not None:
                request.transport.abort()
            raise asyncio.CancelledError from None
        except (asyncio.CancelledError, ConnectionResetError):
            raise
        except Exception as error:
            _log.exception("%s %s", request.method, request.path)
            return refuse(request, errors.internal(f"{type(error).__name__}: {error}"))

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        site = self._sites.answer(request)
        if site is not None:
            return site
        image = self._registry.answer(request)
        if image is not None:
            return image
        if path == "/demo/faults":
            return await self._faults(request)
        if path in _OPEN:
            return web.Response(text="ok")
        self._let_in(request)
        route = resource(path, self._cluster.storage.kinds)
        watching = flag(dict(request.query), "watch") or "/watch/" in path
        if route is not None:
            asked = verb(request.method, route, watching)
            name = route.kind.plural + (f"/{route.subresource}" if route.subresource else "")
            await self._cluster.faults.strike(asked, name, route.namespace)
            return await self._objects.serve(request, route, asked)
        await self._cluster.faults.strike("get", path, "")
        return await self._other(request, path)

    def _let_in(self, request: web.BaseRequest) -> None:
        token = self._cluster.faults.token
        if token and request.headers.get("Authorization") != f"Bearer {token}":
            raise errors.unauthorized()

    async def _other(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        if request.method == "POST":
            answer = reviews.answer(path, await bodies.anything(request))
            if answer is not None:
                return reply(request, answer, 201)
        if reviews.serves(path):
            raise errors.method_not_allowed()
        found = discovery.answer(path, aggregated=_wants_bundle(request), kinds=self._cluster.storage.kinds)
        if found is not None:
            if not discovery.groups_of(path):  # to those, any method is as good as a GET
                if request.method != "GET":
                    raise errors.method_not_allowed()
                check_accept(request, streams=False, objects=path != "/version")
            form(request)
            return reply(request, found[0], media=found[1])
        if path.startswith(openapi.PATHS):
            return await openapi.answer(request, self._cluster.storage.kinds)
        if discovery.serves(path, self._cluster.storage.kinds):
            raise errors.no_such_resource()
        return web.Response(status=404, text="404 page not found\n")

    async def _faults(self, request: web.BaseRequest) -> web.StreamResponse:
        faults = self._cluster.faults
        if request.method == "DELETE":
            faults.clear()
        elif request.method == "POST":
            orders = await bodies.anything(request)
            for order in orders if isinstance(orders, list) else [orders]:
                faults.order(order)
        return reply(request, faults.shown())


def _wants_bundle(request: web.BaseRequest) -> bool:
    """Whether the client takes all of discovery at once."""
    return any(
        pairs.get("as") == "APIGroupDiscoveryList" and pairs.get("v") == "v2"
        for _, pairs in wants(request)[:2]
    )


def _request(
    loop: asyncio.AbstractEventLoop,
    message: Any,
    payload: Any,
    protocol: Any,
    writer: Any,
    task: asyncio.Task[None],
) -> web.BaseRequest:
    """What aiohttp makes of a connection's next request, with room for the largest body a server takes."""
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=LARGEST_BODY)
