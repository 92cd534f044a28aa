"""Ports of pods on this machine, on the embedded cluster and on a real one."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from lain_tui.core.errors import LainError
from lain_tui.core.forward.forward import parse_ports
from lain_tui.core.forward.forwards import Forwards
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.target import Target
from tests.conftest import Cluster
from tests.contract.api import Api
from tests.contract.objects import deployment


@pytest.fixture
def target(cluster: Cluster, api: Api, apps: str, namespace: str) -> Target:
    """A deployment called `site` that answers HTTP on port 8080."""
    api.post(f"{apps}/deployments", deployment("site", cluster.images["web"])).ok()
    api.eventually(f"{apps}/deployments/site", lambda d: d["status"].get("availableReplicas") == 1)
    return Target(namespace=namespace, cluster=cluster.kind, kubeconfig=(cluster.kubeconfig,))


@pytest.fixture
async def kube(target: Target) -> AsyncIterator[KubeClient]:
    async with KubeClient.open(target) as client:
        yield client


@pytest.fixture
async def forwards() -> AsyncIterator[Forwards]:
    forwards = Forwards()
    yield forwards
    await forwards.close()


async def fetch(port: int, path: str = "/healthz") -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n".encode())
    head = await asyncio.wait_for(reader.readuntil(b"\r\n"), 180)
    writer.close()
    return head.decode()


async def test_a_port_of_a_proc_answers_here(kube: KubeClient, target: Target, forwards: Forwards) -> None:
    row = await forwards.start(kube, target, "site", remote=8080)
    assert "200" in await fetch(row.local)
    (row,) = forwards.rows
    assert row.pod.startswith("site-") and row.sent and row.received


async def test_several_connections_at_once(kube: KubeClient, target: Target, forwards: Forwards) -> None:
    row = await forwards.start(kube, target, "site", remote=8080)
    heads = await asyncio.gather(*(fetch(row.local) for _ in range(8)))
    assert all("200" in head for head in heads)


async def test_a_replaced_pod_is_followed(
    kube: KubeClient, target: Target, forwards: Forwards, api: Api, core: str
) -> None:
    row = await forwards.start(kube, target, "site", remote=8080)
    assert "200" in await fetch(row.local)
    before = forwards.rows[0].pod
    api.delete(f"{core}/pods/{before}", {"gracePeriodSeconds": 0})
    async with asyncio.timeout(180):
        while True:
            try:
                if "200" in await fetch(row.local):
                    break
            except (OSError, EOFError):
                await asyncio.sleep(0.2)  # nothing listens in the new pod yet
    assert forwards.rows[0].pod != before


async def test_a_port_that_nothing_listens_on_is_told(
    kube: KubeClient, target: Target, forwards: Forwards
) -> None:
    row = await forwards.start(kube, target, "site", remote=9)
    with pytest.raises((OSError, EOFError)):
        await fetch(row.local)
    async with asyncio.timeout(180):
        while not forwards.rows[0].error:
            await asyncio.sleep(0.05)
    assert forwards.rows[0].error.startswith("nothing listens on that port")


async def test_stopping_frees_the_port_and_cuts_what_is_open(
    kube: KubeClient, target: Target, forwards: Forwards
) -> None:
    row = await forwards.start(kube, target, "site", remote=8080)
    reader, writer = await asyncio.open_connection("127.0.0.1", row.local)
    async with asyncio.timeout(180):
        while not forwards.rows[0].connections:
            await asyncio.sleep(0.02)
    await forwards.stop(row.local)
    assert await reader.read() == b""
    writer.close()
    assert forwards.rows == []
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", row.local)


async def test_a_local_port_that_is_taken_is_told(
    kube: KubeClient, target: Target, forwards: Forwards
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(LainError, match=f"port {port} of this machine is taken"):
            await forwards.start(kube, target, "site", remote=8080, local=port)
    assert forwards.rows == []


async def test_without_a_port_it_must_be_declared(
    kube: KubeClient, target: Target, forwards: Forwards
) -> None:
    with pytest.raises(LainError, match="which port"):
        await forwards.start(kube, target, "site")


@pytest.mark.parametrize(
    ("text", "ports"), [("8000", (8000, 8000)), ("80", (8080, 80)), ("9:80", (9, 80)), (":80", (0, 80))]
)
def test_ports_are_written_as_kubectl_has_them(text: str, ports: tuple[int, int]) -> None:
    assert parse_ports(text) == ports


@pytest.mark.parametrize("text", ["", "http", "80:http", "99999", "-1:80", "0"])
def test_what_is_no_port(text: str) -> None:
    with pytest.raises(LainError, match="is no port"):
        parse_ports(text)
