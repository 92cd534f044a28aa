"""What one URL answers, against servers of our own."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from lain_tui.core.insight.addresses import Address
from lain_tui.core.insight.probe import Prober
from lain_tui.core.model.status import Severity, UrlRow

AUTHORITY = trustme.CA()
HOST = "dummy.localhost"


@pytest.fixture
def trusted(tmp_path: Path) -> Iterator[str]:
    file = tmp_path / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(str(file))
    yield str(file)


@asynccontextmanager
async def answering(answer: bytes | None, context: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """A server that gives that answer to everything, or none at all; its place as host:port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        if answer is None:
            await reader.read()
        else:
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"{HOST}:{server.sockets[0].getsockname()[1]}"


def http(status: str, body: str = "", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *(f"{k}: {v}" for k, v in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def tls(
    name: str = HOST, *, authority: trustme.CA = AUTHORITY, ends: timedelta = timedelta(days=90),
    begins: timedelta = timedelta(days=-1),
) -> ssl.SSLContext:  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    now = datetime.now(UTC)
    authority.issue_cert(name, not_before=now + begins, not_after=now + ends).configure_cert(context)
    return context


async def ask(url: str, *, trusted: str = "", patience: float = 5.0) -> UrlRow:
    prober = Prober(patience=patience, authorities=trusted)
    try:
        return await prober.ask(Address(url=url, host=HOST, ingress="dummy"))
    finally:
        await prober.close()


@pytest.mark.parametrize(
    ("answer", "severity", "cause"),
    [
        (http("200 OK"), Severity.OK, ""),
        (http("401 Unauthorized"), Severity.OK, ""),
        (http("404 Not Found", "no such page"), Severity.OK, ""),
        (http("404 Not Found", "default backend - 404"), Severity.BROKEN, "default backend: no ingress rule matches, or its service is gone"),
        (http("400 Bad Request", "The plain HTTP request was sent to HTTPS port"), Severity.BROKEN, "asked by http, but it speaks https"),
        (http("500 Internal Server Error"), Severity.RISK, "the app answers 500"),
        (http("502 Bad Gateway"), Severity.BROKEN, "bad gateway: the app cuts the connection, or nothing listens on its containerPort"),
        (http("503 Service Unavailable"), Severity.BROKEN, "unavailable: no pod is ready behind it"),
        (http("504 Gateway Timeout"), Severity.BROKEN, "gateway time-out: the app does not answer in time"),
    ],
)  # fmt: skip
async def test_what_an_answer_means(answer: bytes, severity: Severity, cause: str) -> None:
    async with answering(answer) as place:
        row = await ask(f"http://{place}/")
    assert (row.severity, row.cause) == (severity, cause)
    assert row.status == int(answer[9:12]) and row.latency is not None and row.checked is not None


async def test_a_redirect_is_told_and_not_followed() -> None:
    async with answering(http("302 Found", Location="/login?next=%2F")) as place:
        row = await ask(f"http://{place}/")
        assert (row.status, row.severity, row.redirect) == (
            302,
            Severity.OK,
            f"http://{place}/login?next=%2F",
        )


async def test_a_redirect_to_itself_never_ends() -> None:
    async with answering(http("301 Moved Permanently", Location="/")) as place:
        row = await ask(f"http://{place}/")
    assert (row.severity, row.cause) == (Severity.BROKEN, "redirects to itself")


class TestNoAnswer:
    async def test_a_name_that_dns_does_not_know(self) -> None:
        row = await ask("http://nowhere.invalid/")
        assert (row.severity, row.cause) == (Severity.BROKEN, "DNS does not know nowhere.invalid")

    async def test_a_port_where_nothing_listens(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        row = await ask(f"http://{HOST}:{port}/")
        assert row.cause == f"{HOST}:{port} refuses the connection"

    async def test_a_server_that_says_nothing_in_time(self) -> None:
        async with answering(None) as place:
            row = await ask(f"http://{place}/", patience=0.2)
        assert row.cause == "no answer within 200 ms"

    async def test_a_connection_that_is_cut(self) -> None:
        async with answering(b"") as place:
            row = await ask(f"http://{place}/")
        assert row.cause == "the connection was cut before an answer came"

    async def test_something_that_does_not_speak_http(self) -> None:
        async with answering(b"SSH-2.0-OpenSSH_9.6\r\n\r\n") as place:
            row = await ask(f"http://{place}/")
        assert row.cause == "its answer is not HTTP"

    async def test_https_where_http_is_spoken(self) -> None:
        async with answering(http("200 OK")) as place:
            row = await ask(f"https://{place}/")
        assert row.cause == "asked by https, but it speaks http"


class TestCertificates:
    async def test_a_good_one_tells_until_when(self, trusted: str) -> None:
        async with answering(http("200 OK"), tls()) as place:
            row = await ask(f"https://{place}/", trusted=trusted)
        assert (row.severity, row.status) == (Severity.OK, 200)
        assert row.expires is not None and 89 <= (row.expires - datetime.now(UTC)).days <= 90

    async def test_one_that_ends_soon_is_a_risk(self, trusted: str) -> None:
        async with answering(http("200 OK"), tls(ends=timedelta(days=5, hours=12))) as place:
            row = await ask(f"https://{place}/", trusted=trusted)
        assert (row.severity, row.cause) == (Severity.RISK, "certificate ends in 5 d")

    @pytest.mark.parametrize(
        ("context", "severity", "cause"),
        [
            (tls(begins=timedelta(days=-9), ends=timedelta(days=-2)), Severity.BROKEN, "certificate expired 2 d ago"),
            (tls(begins=timedelta(days=2)), Severity.BROKEN, "certificate is not valid yet"),
            (tls("other.example.com"), Severity.BROKEN, f"certificate is not made for {HOST}"),
            (tls(authority=trustme.CA()), Severity.RISK, "certificate is signed by an authority that is not trusted here"),
            (tls(authority=trustme.CA(), ends=timedelta(days=5, hours=12)), Severity.RISK,
             "certificate is signed by an authority that is not trusted here, and ends in 5 d"),
            (tls(authority=trustme.CA(), begins=timedelta(days=-9), ends=timedelta(days=-2)), Severity.BROKEN,
             "certificate expired 2 d ago"),
        ],
        ids=["expired", "not yet valid", "another name", "unknown authority", "unknown and ending", "unknown and expired"],
    )  # fmt: skip
    async def test_one_that_is_not_accepted_says_why_and_what_it_would_answer(
        self, trusted: str, context: ssl.SSLContext, severity: Severity, cause: str
    ) -> None:
        async with answering(http("200 OK"), context) as place:
            row = await ask(f"https://{place}/", trusted=trusted)
        assert (row.severity, row.cause, row.status) == (severity, cause, 200)

    async def test_a_self_signed_one(self, trusted: str, tmp_path: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        own = trustme.CA()
        key, chain = tmp_path / "key.pem", tmp_path / "chain.pem"
        own.private_key_pem.write_to_path(str(key))
        own.cert_pem.write_to_path(str(chain))
        context.load_cert_chain(chain, key)
        async with answering(http("200 OK"), context) as place:
            row = await ask(f"https://{place}/", trusted=trusted)
        assert (row.severity, row.cause) == (Severity.RISK, "certificate is self-signed")


async def test_what_a_server_says_cannot_steer_the_terminal() -> None:
    async with answering(http("302 Found", Location="/\x1b[31mred")) as place:
        row = await ask(f"http://{place}/")
    assert "\x1b" not in row.redirect + row.cause
