"""Requests over one pool of connections: who we are, time-outs, errors in words.

This module pulls in aiohttp; `lain_tui.core.kube.client` imports it in a thread.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from yarl import URL

from lain_tui import __version__
from lain_tui.core.kube.access import Access, Settings
from lain_tui.core.kube.calls import Call, Trace, parse_call
from lain_tui.core.kube.errors import KubeError, Unauthorized, Unreachable, from_answer
from lain_tui.core.kube.faults import FAILURES, expired_certificate, from_failure

Params = Mapping[str, str] | Sequence[tuple[str, str]]

CONNECT_TIMEOUT = 10.0
"""Seconds for a connection to be made, TLS included."""
HEADERS_TIMEOUT = 30.0
"""Seconds until a stream's first answer."""
HEARTBEAT = 30.0
"""Seconds of silence after which a websocket's other end is asked for a sign of life; it has half as long for it."""
FAREWELL = 2.0
"""Seconds that the other end has to close a websocket that we close."""
_PATIENCE = 3
_LONGEST_WAIT = 10.0


class Transport:
    """One session with one cluster."""

    def __init__(self, access: Access, on_request: Callable[[Trace], None] | None = None) -> None:
        self._access = access
        self._on_request = on_request
        self._session: aiohttp.ClientSession | None = None
        self._session_for: Settings | None = None
        self._retired: set[asyncio.Future[None]] = set()

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None
        if self._retired:
            await asyncio.wait(self._retired)

    def retry(self) -> None:
        """Forget that credentials could not be had a moment ago."""
        self._access.retry()

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Params = (),
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 30.0,
        patient: bool = True,
    ) -> bytes:
        """Ask once and return the answer's body.

        A patient request waits as long as the server says (Retry-After) after a 429, up to three times. Raises
        KubeError for an answer of 300 or more, and when none comes.
        """
        limit = aiohttp.ClientTimeout(total=timeout, sock_connect=CONNECT_TIMEOUT)
        for attempt in range(_PATIENCE + 1):
            answer, settings = await self._open(method, path, params, body, headers, limit)
            try:
                content = await _rest(answer, settings)
            finally:
                answer.release()
            if answer.status < 300:
                return content
            refusal = _refusal(answer, content, method, path, params)
            wait = refusal.retry_after or 1.0
            if answer.status != 429 or not patient or attempt == _PATIENCE or wait > _LONGEST_WAIT:
                raise refusal
            await asyncio.sleep(wait)
        raise AssertionError("unreachable")

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        path: str,
        *,
        params: Params = (),
        headers: Mapping[str, str] | None = None,
        idle: float | None = None,
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Open an answer that goes on; yields its bytes as they come.

        `idle` is how many seconds may pass without a byte. Both opening and reading raise KubeError.
        """
        limit = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT, sock_read=idle)
        try:
            async with asyncio.timeout(HEADERS_TIMEOUT):
                answer, settings = await self._open(method, path, params, None, headers, limit)
        except TimeoutError:
            raise Unreachable("the Kubernetes API takes too long to answer") from None
        try:
            if answer.status >= 300:
                raise _refusal(answer, await _rest(answer, settings), method, path, params)
            yield _chunks(answer, settings)
        finally:
            # Not released: what was not read of an endless answer cannot be reused.
            answer.close()

    @asynccontextmanager
    async def websocket(
        self, path: str, *, params: Params = (), protocols: Sequence[str]
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """Open a websocket with one of the sub-protocols.

        Raises KubeError when the API refuses; reading and writing raise what aiohttp raises.
        """
        settings = await self._access.settings()
        try:
            socket_ = await self._connect(settings, path, params, protocols)
        except aiohttp.WSServerHandshakeError as error:
            if error.status != 401 or not await self._access.renew(settings):
                raise await self._explained(error.status, path, params) from None
            settings = await self._access.settings()
            try:
                socket_ = await self._connect(settings, path, params, protocols)
            except aiohttp.WSServerHandshakeError as again:
                raise await self._explained(again.status, path, params) from None
        try:
            yield socket_
        finally:
            await socket_.close()

    async def _connect(
        self, settings: Settings, path: str, params: Params, protocols: Sequence[str]
    ) -> aiohttp.ClientWebSocketResponse:
        url = _url(settings, path, params)
        started = time.perf_counter()
        try:
            async with asyncio.timeout(HEADERS_TIMEOUT):
                socket_ = await self._pool(settings).ws_connect(
                    url,
                    protocols=protocols,
                    headers=_headers(settings, None),
                    proxy=settings.proxy,
                    server_hostname=settings.server_name,
                    max_msg_size=0,
                    heartbeat=HEARTBEAT,
                    timeout=aiohttp.ClientWSTimeout(ws_close=FAREWELL),
                )
        except aiohttp.WSServerHandshakeError as error:
            self._trace("GET", url, started, status=error.status)
            raise
        except FAILURES as error:
            self._trace("GET", url, started, error=error)
            raise from_failure(error, settings) from None
        self._trace("GET", url, started, status=101)
        return socket_

    async def _explained(self, status: int, path: str, params: Params) -> KubeError:
        """Why the API refused a websocket.

        The reason was in a body that is gone; asked the same without an upgrade it says it again, and runs nothing.
        """
        try:
            await self.send("GET", path, params=params, patient=False)
        except KubeError as error:
            if error.code == status:
                return error
        return from_answer(status, b"", _call("GET", path, params))

    async def _open(
        self,
        method: str,
        path: str,
        params: Params,
        body: bytes | None,
        headers: Mapping[str, str] | None,
        limit: aiohttp.ClientTimeout,
    ) -> tuple[aiohttp.ClientResponse, Settings]:
        """Send, and send once more with new credentials after a 401; the caller closes the answer."""
        settings = await self._access.settings()
        answer = await self._once(settings, method, path, params, body, headers, limit)
        if answer.status != 401:
            return answer, settings
        try:
            if not await self._access.renew(settings):
                raise expired_certificate(settings) or _refusal(answer, b"", method, path, params)
        finally:
            answer.close()
        settings = await self._access.settings()
        answer = await self._once(settings, method, path, params, body, headers, limit)
        if answer.status == 401:
            answer.close()
            raise Unauthorized(
                "your credentials are not accepted",
                hint="Fresh ones were asked for, and refused as well. Sign in again, then retry.",
                code=401,
            )
        return answer, settings

    async def _once(
        self,
        settings: Settings,
        method: str,
        path: str,
        params: Params,
        body: bytes | None,
        headers: Mapping[str, str] | None,
        limit: aiohttp.ClientTimeout,
    ) -> aiohttp.ClientResponse:
        url = _url(settings, path, params)
        started = time.perf_counter()
        try:
            answer = await self._pool(settings).request(
                method,
                url,
                data=body,
                headers=_headers(settings, headers),
                timeout=limit,
                proxy=settings.proxy,
                server_hostname=settings.server_name,
                allow_redirects=False,
            )
        except FAILURES as error:
            self._trace(method, url, started, error=error)
            raise from_failure(error, settings) from None
        self._trace(method, url, started, status=answer.status)
        return answer

    def _pool(self, settings: Settings) -> aiohttp.ClientSession:
        """The session; a new one when the client certificate changed, because connections carry it."""
        before = self._session_for
        if self._session is not None and before is not None:
            if before.tls is settings.tls or settings.certificate_expires is None:
                return self._session
            retired = asyncio.ensure_future(self._session.close())
            self._retired.add(retired)
            retired.add_done_callback(self._retired.discard)
        connector = aiohttp.TCPConnector(
            # No limit: each watch and each followed log holds a connection, and none may wait for another.
            limit=0,
            ssl=settings.tls if settings.tls is not None else True,
            keepalive_timeout=30,
            socket_factory=_kept_alive,
        )
        self._session_for = settings
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": f"lain-tui/{__version__}"},
            read_bufsize=2**18,
            trust_env=False,
        )
        return self._session

    def _trace(
        self,
        method: str,
        url: URL,
        started: float,
        *,
        status: int | None = None,
        error: BaseException | None = None,
    ) -> None:
        if self._on_request is None:
            return
        # What is run in a container is the user's own business.
        shown = url.with_user(None)
        if "command" in shown.query:
            shown = shown.without_query_params("command").update_query(command="…")
        self._on_request(
            Trace(
                method=method,
                url=shown.human_repr(),
                status=status,
                seconds=time.perf_counter() - started,
                error=type(error).__name__ if error else "",
            )
        )


async def _rest(answer: aiohttp.ClientResponse, settings: Settings) -> bytes:
    try:
        return await answer.read()
    except FAILURES as error:
        raise from_failure(error, settings) from None


async def _chunks(answer: aiohttp.ClientResponse, settings: Settings) -> AsyncIterator[bytes]:
    try:
        async for chunk in answer.content.iter_any():
            yield chunk
    except FAILURES as error:
        raise from_failure(error, settings, streaming=True) from None


def _url(settings: Settings, path: str, params: Params) -> URL:
    try:
        url = URL(settings.server + path, encoded=True)
    except ValueError:
        raise Unreachable(
            f"the server address {settings.server!r} is no URL", hint="Mend it in the kubeconfig."
        ) from None
    if settings.authorization:
        url = url.with_user(None)  # as kubectl: who we are is said once, and the token says it
    return url.extend_query(params) if params else url


def _headers(settings: Settings, headers: Mapping[str, str] | None) -> dict[str, str]:
    merged = dict(headers or {})
    if settings.authorization:
        merged["Authorization"] = settings.authorization
    return merged


def _call(method: str, path: str, params: Params) -> Call:
    return parse_call(method, path, watch=dict(params).get("watch") in ("1", "true"))


def _refusal(
    answer: aiohttp.ClientResponse, content: bytes, method: str, path: str, params: Params
) -> KubeError:
    retry_after = answer.headers.get("Retry-After", "")
    return from_answer(answer.status, content, _call(method, path, params), retry_after=retry_after)


def _kept_alive(address: Any) -> socket.socket:
    """A socket on which the kernel notices within half a minute that the other end is gone."""
    family, kind, protocol = address[:3]
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    # Linux names the idle time TCP_KEEPIDLE, macOS TCP_KEEPALIVE.
    for name, value in (
        ("TCP_KEEPIDLE", 15),
        ("TCP_KEEPALIVE", 15),
        ("TCP_KEEPINTVL", 5),
        ("TCP_KEEPCNT", 3),
    ):
        option = getattr(socket, name, None)
        if option is not None:
            made.setsockopt(socket.IPPROTO_TCP, option, value)
    return made
