"""Why a cluster cannot be reached: each cause in its own words."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from lain_tui.core.kube import transport
from lain_tui.core.kube.errors import KubeError, ProxyFault, TLSFault, Unauthorized, Unreachable
from lain_tui.core.kube.proxy import proxy_for
from tests.kube import certificates, kubeconfigs
from tests.kube.api import Api, drop, serve
from tests.kube.test_kubeconfig import ask, tls_api


async def failure(tmp_path: Path, server: str, **options: Any) -> KubeError:
    with pytest.raises(KubeError) as caught:
        await ask(kubeconfigs.write(tmp_path / "config", server, **options))
    return caught.value


# -- TLS


async def test_an_expired_server_certificate(tmp_path: Path) -> None:
    async with tls_api(days=-1) as api:
        error = await failure(tmp_path, api.url, cluster=certificates.authority_data())
        assert isinstance(error, TLSFault) and "the certificate of 127.0.0.1 has expired" in str(error)


async def test_an_unknown_authority(tmp_path: Path) -> None:
    async with tls_api(authority=certificates.STRANGER) as api:
        error = await failure(tmp_path, api.url, cluster=certificates.authority_data())
        assert isinstance(error, TLSFault) and "authority that is not trusted" in str(error)


async def test_another_servers_name(tmp_path: Path) -> None:
    async with tls_api("elsewhere.example") as api:
        error = await failure(tmp_path, api.url, cluster=certificates.authority_data())
        assert isinstance(error, TLSFault) and "not made for 127.0.0.1" in str(error)
        assert "tls-server-name" in error.hint


async def test_an_authority_that_is_no_certificate(tmp_path: Path) -> None:
    data = {"certificate-authority-data": base64.b64encode(b"nonsense").decode()}
    error = await failure(tmp_path, "https://127.0.0.1:1", cluster=data)
    assert "certificate authority cannot be read" in str(error)


async def test_plain_http_where_tls_was_meant(api: Api, tmp_path: Path) -> None:
    error = await failure(tmp_path, api.url.replace("http://", "https://"))
    assert isinstance(error, TLSFault) and "does not speak TLS" in str(error)


async def test_a_certificate_that_is_asked_for_and_missing(tmp_path: Path) -> None:
    async with tls_api(ask=True) as api:
        error = await failure(tmp_path, api.url, cluster=certificates.authority_data())
        assert isinstance(error, Unauthorized | Unreachable)


# -- the network


async def test_a_name_that_does_not_resolve(tmp_path: Path) -> None:
    error = await failure(tmp_path, "https://no-such-host.invalid:6443")
    assert "the name no-such-host.invalid cannot be resolved" in str(error) and "VPN" in error.hint


async def test_nobody_listens(tmp_path: Path) -> None:
    async with serve() as api:
        port = api.port
    error = await failure(tmp_path, f"http://127.0.0.1:{port}")
    assert f"127.0.0.1:{port} refuses the connection" in str(error)


async def test_a_connection_that_is_cut(api: Api, tmp_path: Path) -> None:
    api.always["GET", "/version"] = drop
    assert "cut the connection" in str(await failure(tmp_path, api.url))


async def test_a_server_that_never_answers_a_stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "HEADERS_TIMEOUT", 0.1)
    async with silent_server() as port:
        file = kubeconfigs.write(tmp_path / "config", f"http://127.0.0.1:{port}")
        from lain_tui.core.kube.client import KubeClient

        async with KubeClient.open(kubeconfigs.target(file)) as kube:
            with pytest.raises(Unreachable, match="too long to answer"):
                async with kube.stream("/api/v1/pods"):
                    pass
            with pytest.raises(Unreachable, match="too long to answer"):
                await kube.request("GET", "/api/v1/pods", timeout=0.1)


async def test_an_address_that_is_no_url(tmp_path: Path) -> None:
    assert isinstance(await failure(tmp_path, "http://[::1"), KubeError)


async def test_a_page_that_is_no_kubernetes(api: Api, tmp_path: Path) -> None:
    from aiohttp import web

    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.kube.resources import PODS
    from tests.kube.api import PODS_PATH

    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<html>Welcome to the hotel</html>", content_type="text/html")

    async def moved(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "https://login.example"})

    file = kubeconfigs.write(tmp_path / "config", api.url, user={"token": "t"})
    async with KubeClient.open(kubeconfigs.target(file)) as kube:
        api.always["GET", PODS_PATH] = page
        with pytest.raises(KubeError, match="not a list of Kubernetes objects"):
            await kube.list(PODS, "dummy")
        api.always["GET", PODS_PATH] = moved
        with pytest.raises(KubeError, match="redirect"):
            await kube.list(PODS, "dummy")


@asynccontextmanager
async def silent_server() -> AsyncIterator[int]:
    gone = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gone.wait()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        gone.set()
        server.close()
        await server.wait_closed()
        await asyncio.sleep(0)


# -- proxies


@asynccontextmanager
async def proxy(*, answer: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> AsyncIterator[tuple[int, list[bytes]]]:
    """A CONNECT proxy; yields its port and the first lines it was sent."""
    seen: list[bytes] = []
    pumps: set[asyncio.Task[None]] = set()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        seen.append(head.split(b"\r\n")[0])
        writer.write(answer)
        if b" 200 " not in answer:
            writer.close()
            return
        host, port = head.split()[1].decode().split(":")
        to_server = await asyncio.open_connection(host, int(port))
        for task in (pump(reader, to_server[1]), pump(to_server[0], writer)):
            pumps.add(asyncio.create_task(task))

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], seen
    finally:
        server.close()
        for task in pumps:
            task.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        await server.wait_closed()


async def test_the_kubeconfigs_proxy_is_used(tmp_path: Path) -> None:
    async with tls_api("kubernetes.example") as api, proxy() as (port, seen):
        cluster = {
            **certificates.authority_data(),
            "proxy-url": f"http://127.0.0.1:{port}",
            "tls-server-name": "kubernetes.example",
        }
        file = kubeconfigs.write(tmp_path / "config", api.url, cluster=cluster)
        assert await ask(file) == "v1.35.0"
        assert seen == [f"CONNECT 127.0.0.1:{api.port} HTTP/1.1".encode()]


async def test_a_proxy_that_refuses_and_one_that_is_not_there(tmp_path: Path) -> None:
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    async with proxy(answer=refusal) as (port, _):
        cluster = {"proxy-url": f"http://user:pass@127.0.0.1:{port}"}
        error = await failure(tmp_path, "https://127.0.0.1:1", cluster=cluster)
        assert isinstance(error, ProxyFault) and "407" in str(error) and "pass" not in repr(error)
    error = await failure(tmp_path, "https://127.0.0.1:1", cluster=cluster)
    assert isinstance(error, ProxyFault) and "does not answer" in str(error) and "pass" not in repr(error)


async def test_a_kind_of_proxy_that_is_not_spoken_is_told(tmp_path: Path) -> None:
    error = await failure(tmp_path, "https://127.0.0.1:1", cluster={"proxy-url": "socks5://127.0.0.1:1"})
    assert isinstance(error, ProxyFault) and "socks5" in str(error)


@pytest.mark.parametrize(
    ("server", "no_proxy", "expected"),
    [
        ("https://k8s.example:6443", "", "http://proxy:3128"),
        ("http://k8s.example", "", None),
        ("https://localhost:6443", "", None),
        ("https://127.0.0.1:6443", "", None),
        ("https://[::1]:6443", "", None),
        ("https://k8s.example:6443", "*", None),
        ("https://k8s.example:6443", "k8s.example", None),
        ("https://k8s.example:6443", "example", None),
        ("https://k8s.example:6443", ".example", None),
        ("https://k8s.example:6443", "*.example", None),
        ("https://k8s.example:6443", "s.example", "http://proxy:3128"),
        ("https://k8s.example:6443", "k8s.example:6443", None),
        ("https://k8s.example:6443", "k8s.example:443", "http://proxy:3128"),
        ("https://10.1.2.3:6443", "10.0.0.0/8, other", None),
        ("https://11.1.2.3:6443", "10.0.0.0/8", "http://proxy:3128"),
        ("https://[fd00::1]:6443", "fd00::/8", None),
    ],
)
def test_the_environments_proxy_is_chosen_as_kubectl_does(
    server: str, no_proxy: str, expected: str | None
) -> None:
    environment = {"HTTPS_PROXY": "proxy:3128", "NO_PROXY": no_proxy}
    assert proxy_for(server, None, environment) == expected


def test_the_kubeconfigs_proxy_wins_over_the_environment() -> None:
    environment = {"HTTPS_PROXY": "http://other", "NO_PROXY": "*"}
    assert proxy_for("https://k8s.example", "http://mine:1", environment) == "http://mine:1"
