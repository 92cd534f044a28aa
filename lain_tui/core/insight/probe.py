"""Asking one URL: what it answers, how fast, until when its certificate holds, and why it fails."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from msgspec.structs import replace

from lain_tui.core.insight.addresses import Address
from lain_tui.core.kube.tls import expiry
from lain_tui.core.model.status import Severity, UrlRow
from lain_tui.core.model.text import plain, since, spell

PATIENCE = 2.0
"""Seconds for one URL, all together."""
ENDING_SOON = timedelta(days=14)
_CERTIFICATE_KEPT = 600.0
_BODY = 4096

_LOOPBACK = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))


class Resolver(AbstractResolver):
    """The system's, with `*.localhost` always this machine (RFC 6761 §6.3), which many systems do not know."""

    def __init__(self) -> None:
        self._system = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        if host == "localhost" or host.endswith(".localhost"):
            return [
                ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=0)
                for kind, address in _LOOPBACK
                if family in (socket.AF_UNSPEC, kind)
            ]
        return await self._system.resolve(host, port, family)

    async def close(self) -> None:
        await self._system.close()


class Prober:
    """Asks URLs over connections that are not kept: each answer tells how the way is now."""

    def __init__(self, *, patience: float = PATIENCE, authorities: str = "") -> None:
        """`authorities` is a file of certificate authorities to trust; empty for the system's."""
        self._patience = patience
        self._authorities = authorities
        self._resolver = Resolver()
        self._session: aiohttp.ClientSession | None = None
        self._trusting: ssl.SSLContext | None = None
        self._opening = asyncio.Lock()
        self._ends: dict[tuple[str, int], tuple[float, datetime | None]] = {}

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
        await self._resolver.close()

    async def ask(self, address: Address) -> UrlRow:
        """What a URL answers now. Raises nothing but cancellation: a failure is a row, too."""
        session = await self._opened()
        try:
            async with asyncio.timeout(self._patience):
                return await self._ask(session, address)
        except TimeoutError:
            return _row(address, Severity.BROKEN, cause=f"no answer within {spell(self._patience)}")

    async def _opened(self) -> aiohttp.ClientSession:
        async with self._opening:
            if self._session is None:
                self._session = await self._open_session()
        return self._session

    async def _open_session(self) -> aiohttp.ClientSession:
        # Reading the system's authorities takes long enough to be felt: not on the loop.
        checking = await asyncio.to_thread(ssl.create_default_context, cafile=self._authorities or None)
        self._trusting = ssl.create_default_context()
        self._trusting.check_hostname = False
        self._trusting.verify_mode = ssl.CERT_NONE
        connector = aiohttp.TCPConnector(
            ssl=checking, resolver=self._resolver, force_close=True, limit=64, use_dns_cache=False
        )
        return aiohttp.ClientSession(
            connector=connector,
            headers={"User-Agent": "lain-tui"},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )

    async def _ask(self, session: aiohttp.ClientSession, address: Address) -> UrlRow:
        secure = address.url.startswith("https:")
        try:
            row = await self._get(session, address, verified=True)
        except aiohttp.ClientConnectorCertificateError as error:
            return await self._untrusted(session, address, error)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return _row(address, Severity.BROKEN, cause=failure_words(error, address.url))
        return await self._with_end(address, row) if secure else row

    async def _get(self, session: aiohttp.ClientSession, address: Address, *, verified: bool) -> UrlRow:
        start = time.perf_counter()
        trust = True if verified else self._trusting
        assert trust is not None, "a session has been opened"
        async with session.get(address.url, allow_redirects=False, ssl=trust) as response:
            latency = time.perf_counter() - start
            body = b""
            if response.status in (400, 404):
                with contextlib.suppress(aiohttp.ClientError):
                    body = await response.content.read(_BODY)
            location = response.headers.get("Location", "") if 300 <= response.status < 400 else ""
            redirect = urljoin(address.url, location) if location else ""
            severity, cause = judge(response.status, body, address.url, redirect)
            return _row(
                address,
                severity,
                cause=cause,
                status=response.status,
                latency=latency,
                redirect=plain(redirect),
            )

    async def _with_end(self, address: Address, row: UrlRow) -> UrlRow:
        end = await self.certificate_end(address)
        if end is None:
            return row
        left = end - datetime.now(UTC)
        if left > ENDING_SOON or row.severity > Severity.RISK:
            return replace(row, expires=end)
        cause = f"certificate ends in {spell(left.total_seconds())}"
        return replace(row, expires=end, severity=Severity.RISK, cause=row.cause or cause)

    async def _untrusted(
        self, session: aiohttp.ClientSession, address: Address, error: aiohttp.ClientConnectorCertificateError
    ) -> UrlRow:
        """The certificate is not accepted: say why, and what the URL would answer nevertheless."""
        end = await self.certificate_end(address)
        cause, severity = _certificate_words(error.certificate_error, address.host, end)
        row = _row(address, severity, cause=cause, expires=end)
        try:
            beyond = await self._get(session, address, verified=False)
        except (aiohttp.ClientError, OSError, ValueError):
            return row
        return replace(
            row,
            status=beyond.status,
            latency=beyond.latency,
            redirect=beyond.redirect,
            severity=max(severity, beyond.severity),
            cause=f"{cause}; {beyond.cause}" if beyond.cause else cause,
        )

    async def certificate_end(self, address: Address) -> datetime | None:
        """Until when a URL's certificate holds, trusted or not; None when it cannot be had."""
        parts = urlsplit(address.url)
        host, port = parts.hostname or address.host, parts.port or 443
        kept = self._ends.get((host, port))
        if kept is not None and time.monotonic() - kept[0] < _CERTIFICATE_KEPT:
            return kept[1]
        try:
            end = await self._read_certificate(host, port)
        except (OSError, ValueError):
            return None
        self._ends[host, port] = (time.monotonic(), end)
        return end

    async def _read_certificate(self, host: str, port: int) -> datetime | None:
        found = await self._resolver.resolve(host, port)
        _, writer = await asyncio.open_connection(
            found[0]["host"], port, ssl=self._trusting, server_hostname=host
        )
        try:
            der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        finally:
            writer.transport.abort()
        return expiry(ssl.DER_cert_to_PEM_cert(der).encode()) if der else None


def judge(status: int, body: bytes, url: str, redirect: str = "") -> tuple[Severity, str]:
    """What an answer means; the body counts only for 400 and 404.

    An application may well answer 401 or 404 at `/`: what is broken is what the ingress says by itself.
    """
    text = body[:_BODY].decode("utf-8", "replace")
    if status == 404 and "default backend - 404" in text:
        return Severity.BROKEN, "default backend: no ingress rule matches, or its service is gone"
    if status == 400 and (
        "HTTP request was sent to HTTPS port" in text or "HTTP request to an HTTPS server" in text
    ):
        return Severity.BROKEN, "asked by http, but it speaks https"
    if redirect and redirect == url:
        return Severity.BROKEN, "redirects to itself"
    if status in _GATEWAY:
        return Severity.BROKEN, _GATEWAY[status]
    if status >= 500:
        return Severity.BROKEN if status > 502 else Severity.RISK, f"the app answers {status}"
    return Severity.OK, ""


_GATEWAY = {
    502: "bad gateway: the app cuts the connection, or nothing listens on its containerPort",
    503: "unavailable: no pod is ready behind it",
    504: "gateway time-out: the app does not answer in time",
}

# OpenSSL's X509_V_ERR_ codes (x509_vfy.h).
_NOT_YET_VALID, _EXPIRED = 9, 10
_SELF_SIGNED = 18
_WRONG_NAME = (62, 64)


def _certificate_words(error: Exception, host: str, end: datetime | None) -> tuple[str, Severity]:
    code, now = getattr(error, "verify_code", 0), datetime.now(UTC)
    # OpenSSL names the first thing it finds: of one that is self-signed, or a company's own, not that it has expired.
    if code == _EXPIRED or (end is not None and end <= now):
        ago = f" {since(end, now)} ago" if end is not None else ""
        return f"certificate expired{ago}", Severity.BROKEN
    if code == _NOT_YET_VALID:
        return "certificate is not valid yet", Severity.BROKEN
    if code in _WRONG_NAME:
        return f"certificate is not made for {plain(host)}", Severity.BROKEN
    left = end - now if end is not None else None
    soon = f", and ends in {spell(left.total_seconds())}" if left is not None and left <= ENDING_SOON else ""
    if code == _SELF_SIGNED:
        return f"certificate is self-signed{soon}", Severity.RISK
    return f"certificate is signed by an authority that is not trusted here{soon}", Severity.RISK


def failure_words(error: BaseException, url: str) -> str:
    """Why there was no answer, in words."""
    parts = urlsplit(url)
    host = parts.hostname or url
    place = f"{host}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"DNS does not know {plain(host)}"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return _certificate_words(error.certificate_error, host, None)[0]
    if isinstance(error, aiohttp.ClientConnectorSSLError):
        reason = getattr(error.os_error, "reason", "") or ""
        if reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNEXPECTED_MESSAGE"):
            return "asked by https, but it speaks http"
        return f"TLS fails: {plain(reason.replace('_', ' ').lower()) or 'no reason given'}"
    if isinstance(error, aiohttp.ClientConnectorError):
        cause = error.os_error
        if isinstance(cause, ConnectionRefusedError):
            return f"{plain(place)} refuses the connection"
        return f"{plain(place)} cannot be reached: {plain(cause.strerror or str(cause))}"
    if isinstance(error, aiohttp.InvalidURL | ValueError):
        return "not a URL that can be asked"
    if isinstance(error, aiohttp.ClientResponseError):
        return "its answer is not HTTP"
    return "the connection was cut before an answer came"


def _row(
    address: Address,
    severity: Severity,
    *,
    cause: str = "",
    status: int | None = None,
    latency: float | None = None,
    redirect: str = "",
    expires: datetime | None = None,
) -> UrlRow:
    return UrlRow(
        url=plain(address.url),
        severity=severity,
        cause=cause,
        status=status,
        latency=latency,
        redirect=redirect,
        expires=expires,
        checked=datetime.now(UTC),
        ingress=plain(address.ingress),
        namespace=plain(address.namespace),
    )
