"""lain-tui's own client and store: the same answers from any cluster."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import AlreadyExists, ApiAbsent, Conflict, Gone, NotFound, TooManyRequests
from lain_tui.core.kube.logs import read_log
from lain_tui.core.kube.resources import CONFIG_MAPS, DEPLOYMENTS, EVENTS, NODES, PDBS, PODS, SECRETS, Kind
from lain_tui.core.kube.store import Store, Subscription
from lain_tui.core.model.meta import PartialObject
from lain_tui.core.target import Target
from tests.conftest import Cluster
from tests.contract.objects import config_map, deployment, pod

WIDGETS = Kind("Widget", "widgets", PartialObject, "example.com", "v1")


@pytest.fixture
async def kube(cluster: Cluster, namespace: str) -> AsyncIterator[KubeClient]:
    target = Target(namespace=namespace, cluster=cluster.kind, kubeconfig=(cluster.kubeconfig,))
    async with KubeClient.open(target) as client:
        yield client


@pytest.fixture
async def store(kube: KubeClient) -> AsyncIterator[Store]:
    async with Store(kube) as opened:
        yield opened


async def becomes(subscription: Subscription, names: set[str]) -> None:
    """Wait until the subscription holds just these names."""

    async def wait() -> None:
        while {item.metadata.name for item in subscription.items.values()} - {"kube-root-ca.crt"} != names:
            await subscription.changed()

    await asyncio.wait_for(wait(), 180)


async def test_objects_are_written_read_and_deleted(kube: KubeClient, namespace: str) -> None:
    made = await kube.create(CONFIG_MAPS, config_map("one", labels={"a": "b"}), namespace)
    assert (made.metadata.name, made.metadata.namespace) == ("one", namespace)
    with pytest.raises(AlreadyExists):
        await kube.create(CONFIG_MAPS, config_map("one"), namespace)

    patched = await kube.patch(CONFIG_MAPS, "one", {"metadata": {"labels": {"c": "d"}}}, namespace)
    assert patched.metadata.labels == {"a": "b", "c": "d"}
    old = made.metadata.resource_version
    with pytest.raises(Conflict):
        await kube.patch(CONFIG_MAPS, "one", {"data": {"x": "y"}}, namespace, resource_version=old)
    with pytest.raises(Conflict):
        await kube.delete(CONFIG_MAPS, "one", namespace, resource_version=old)

    await kube.delete(CONFIG_MAPS, "one", namespace)
    with pytest.raises(NotFound):
        await kube.get(CONFIG_MAPS, "one", namespace)


async def test_an_apply_conflict_names_the_field(kube: KubeClient, namespace: str) -> None:
    body = {"apiVersion": "v1", **config_map("one")}
    await kube.patch(CONFIG_MAPS, "one", body, namespace, type="apply", field_manager="other")
    with pytest.raises(Conflict, match=r"\.data\.key"):
        await kube.patch(CONFIG_MAPS, "one", {**body, "data": {"key": "new"}}, namespace, type="apply")
    await kube.patch(
        CONFIG_MAPS, "one", {**body, "data": {"key": "new"}}, namespace, type="apply", force=True
    )


async def test_a_dry_run_stores_nothing(kube: KubeClient, namespace: str) -> None:
    assert (await kube.create(CONFIG_MAPS, config_map("one"), namespace, dry_run=True)).metadata.uid
    with pytest.raises(NotFound):
        await kube.get(CONFIG_MAPS, "one", namespace)


async def test_long_lists_are_read_in_pages(kube: KubeClient, namespace: str) -> None:
    wanted = {f"n{number}" for number in range(7)}
    for name in wanted:
        await kube.create(CONFIG_MAPS, config_map(name, labels={"of": "seven"}), namespace)
    page = await kube.list_page(CONFIG_MAPS, namespace, selector="of=seven", limit=3)
    assert {item.metadata.name for item in page.items} == wanted
    assert not page.unreadable
    some = await kube.list(CONFIG_MAPS, namespace, selector="of=seven", fields="metadata.name=n3")
    assert [item.metadata.name for item in some] == ["n3"]


async def test_secrets_are_listed_without_what_is_in_them(kube: KubeClient, namespace: str) -> None:
    await kube.create(SECRETS, {"metadata": {"name": "s"}, "stringData": {"word": "hush"}}, namespace)
    (listed,) = await kube.list(SECRETS, namespace, fields="metadata.name=s")
    assert listed == await kube.get(SECRETS, "s", namespace)
    assert isinstance(listed, PartialObject)
    assert b"aHVzaA==" in await kube.get_raw(SECRETS, "s", namespace)


async def test_what_the_cluster_does_not_serve_is_told_apart(kube: KubeClient, namespace: str) -> None:
    with pytest.raises(ApiAbsent):
        await kube.list(WIDGETS, namespace)
    with pytest.raises(NotFound):
        await kube.get(PODS, "nope", namespace)


async def test_the_cluster_introduces_itself(kube: KubeClient, namespace: str) -> None:
    assert (await kube.server_version()).git_version.startswith("v1.")
    assert await kube.can_i("delete", PODS, namespace)
    assert (await kube.kind_of("apps/v1", "Deployment")).plural == "deployments"
    assert await kube.list(NODES)


async def test_the_store_follows_what_happens(kube: KubeClient, store: Store, namespace: str) -> None:
    await kube.create(CONFIG_MAPS, config_map("before"), namespace)
    async with store.subscribe(CONFIG_MAPS, namespace=namespace) as maps:
        await asyncio.wait_for(maps.settled(), 180)
        assert maps.synced
        assert maps.link.live
        await becomes(maps, {"before"})
        await kube.create(CONFIG_MAPS, config_map("after"), namespace)
        await becomes(maps, {"before", "after"})
        await kube.delete(CONFIG_MAPS, "before", namespace)
        await becomes(maps, {"after"})


async def test_the_store_keeps_to_its_selector(kube: KubeClient, store: Store, namespace: str) -> None:
    async with store.subscribe(CONFIG_MAPS, namespace=namespace, selector="shown=yes") as maps:
        await asyncio.wait_for(maps.settled(), 180)
        await kube.create(CONFIG_MAPS, config_map("one", labels={"shown": "yes"}), namespace)
        await kube.create(CONFIG_MAPS, config_map("two"), namespace)
        await becomes(maps, {"one"})
        await kube.patch(CONFIG_MAPS, "two", {"metadata": {"labels": {"shown": "yes"}}}, namespace)
        await becomes(maps, {"one", "two"})
        await kube.patch(CONFIG_MAPS, "one", {"metadata": {"labels": {"shown": None}}}, namespace)
        await becomes(maps, {"two"})


async def test_a_watch_from_a_forgotten_version_is_gone(
    kube: KubeClient, cluster: Cluster, namespace: str
) -> None:
    old = (await kube.list_page(EVENTS, namespace)).version
    about = {"kind": "Pod", "name": "p", "namespace": namespace}
    for number in range(3):
        await kube.create(EVENTS, {"metadata": {"name": f"p.{number}"}, "involvedObject": about}, namespace)
    await asyncio.to_thread(cluster.compact)
    received = b""
    with contextlib.suppress(Gone):  # an answer of 410 is as good as the event that real servers send
        async with kube.watch(EVENTS, namespace, version=old, timeout=5) as stream:
            async for data in stream:
                received += data
    assert not received or b'"code":410' in received


async def test_a_pods_life_is_seen(kube: KubeClient, store: Store, namespace: str, cluster: Cluster) -> None:
    async with store.subscribe(PODS, namespace=namespace) as pods:
        await kube.create(PODS, pod("p", cluster.images["crash"]), namespace)

        async def crashed() -> str:
            while True:
                for item in pods.items.values():
                    for status in item.status.container_statuses or ():
                        if status.state.waiting and status.restart_count:
                            assert status.last_state.terminated is not None
                            assert status.last_state.terminated.exit_code == 1
                            return status.state.waiting.reason
                await pods.changed()

        assert await asyncio.wait_for(crashed(), 180) == "CrashLoopBackOff"


async def test_a_log_is_followed(kube: KubeClient, store: Store, namespace: str, cluster: Cluster) -> None:
    await kube.create(PODS, pod("talker", cluster.images["logs"]), namespace)
    await _until_ready(store, namespace)
    texts: list[str] = []

    async def read() -> None:
        async for line in read_log(kube, namespace, "talker", "main", follow=True):
            texts.append(line.text if isinstance(line.text, str) else line.text.decode())
            if len(texts) == 23:
                return

    await asyncio.wait_for(read(), 180)
    assert texts == [f"line {number}" for number in range(1, 24)]


async def test_a_budget_holds_an_eviction_back(
    kube: KubeClient, store: Store, namespace: str, cluster: Cluster
) -> None:
    await kube.create(DEPLOYMENTS, deployment("web", cluster.images["shell"]), namespace)
    spec = {"maxUnavailable": 0, "selector": {"matchLabels": {"app": "web"}}}
    await kube.create(PDBS, {"metadata": {"name": "web"}, "spec": spec}, namespace)
    name = await _until_ready(store, namespace)
    with pytest.raises(TooManyRequests, match="disruption budget"):
        await kube.evict(name, namespace)
    await kube.delete(PDBS, "web", namespace)
    await kube.evict(name, namespace)


async def _until_ready(store: Store, namespace: str) -> str:
    """The name of the first pod that is ready."""
    async with store.subscribe(PODS, namespace=namespace) as pods:

        async def wait() -> str:
            while True:
                for item in pods.items.values():
                    if any(status.ready for status in item.status.container_statuses or ()):
                        return item.metadata.name
                await pods.changed()

        return await asyncio.wait_for(wait(), 180)
