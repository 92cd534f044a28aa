"""Every pod in one stream: each line once, in order, through every fault of the connection.

The image `logs` prints `line 1` … `line 20` at its start and one more each 0.2 s of the cluster's clock, for ever.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import KubeError
from lain_tui.core.kube.resources import PODS
from lain_tui.core.kube.store import Store
from lain_tui.core.logs.feed import FeedOptions, LogFeed
from lain_tui.core.logs.save import own_words
from lain_tui.core.model.logs import LineKind
from lain_tui.core.target import Target
from tests.embedded import EmbeddedCluster

SPEED = 10.0
WRITERS = 4


@pytest.fixture(scope="module")
def embedded() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster("empty", speed=SPEED) as cluster:
        yield cluster


@pytest.fixture
async def kube(embedded: EmbeddedCluster) -> AsyncIterator[KubeClient]:
    target = Target(namespace="default", cluster="embedded", kubeconfig=(Path(embedded.kubeconfig),))
    async with KubeClient.open(target) as client:
        yield client


@pytest.fixture
async def pods(kube: KubeClient, embedded: EmbeddedCluster) -> AsyncIterator[Pods]:
    pods = Pods(kube, embedded)
    yield pods
    embedded.clear_faults()
    await pods.clear()


class Pods:
    """Pods of one app, made and removed by a test."""

    def __init__(self, kube: KubeClient, cluster: EmbeddedCluster) -> None:
        self.kube, self.cluster = kube, cluster
        self._names: list[str] = []

    async def make(self, name: str, image: str = "logs", **spec: Any) -> None:
        self._names.append(name)
        container = {"name": "main", "image": self.cluster.images[image]}
        body = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "labels": {"app.kubernetes.io/name": "app"}},
            "spec": {"containers": [container], "terminationGracePeriodSeconds": 1, **spec},
        }
        await self.kube.create(PODS, body, "default")

    async def remove(self, name: str) -> None:
        self._names.remove(name)
        await self.kube.delete(PODS, name, "default", grace=0)

    async def clear(self) -> None:
        for name in list(self._names):
            await self.remove(name)
        async with asyncio.timeout(60):
            while await self.kube.list(PODS, "default", selector="app.kubernetes.io/name=app"):
                await asyncio.sleep(0.05)


@asynccontextmanager
async def reading(kube: KubeClient, **options: Any) -> AsyncIterator[LogFeed]:
    settings = FeedOptions(**{"tail": None, **options})
    async with (
        Store(kube) as store,
        LogFeed(kube, store, "default", "app.kubernetes.io/name=app", options=settings) as feed,
    ):
        yield feed


async def until(feed: LogFeed, condition: Callable[[], bool], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        seen = feed.version
        while not condition():
            seen = await feed.changed(seen)


def numbers(feed: LogFeed, pod: str) -> list[int]:
    return [
        int(match[1])
        for line in feed.buffer.lines()
        if line.source and line.source.pod == pod and (match := re.fullmatch(r"line (\d+)", line.text))
    ]


def notices(feed: LogFeed) -> list[str]:
    return [own_words(line) for line in feed.buffer.lines() if line.kind >= LineKind.NOTICE]


FAULTS: dict[str, dict[str, Any]] = {
    "connections dropped": {"action": "drop", "resource": "pods/log", "count": 6},
    "500": {"action": "status", "code": 500, "resource": "pods/log", "count": 4},
    "429 with Retry-After": {"action": "status", "code": 429, "retryAfter": 1, "resource": "pods/log", "count": 3},
    "credentials refused for a while": {"action": "status", "code": 401, "resource": "pods/log", "count": 8},
    "every stream hung up": {"action": "drop-watches"},
    "answers late": {"action": "latency", "seconds": 0.2, "resource": "pods/log", "count": 8},
    "watches cut mid-line": {"action": "cut"},
    "old versions gone": {"action": "compact"},
    "down for a second": {"action": "down", "seconds": 1},
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_each_number_comes_once_and_in_order_through_a_fault(
    kube: KubeClient, pods: Pods, embedded: EmbeddedCluster, fault: dict[str, Any]
) -> None:
    names = [f"writer-{number}" for number in range(WRITERS)]
    for name in names:
        await pods.make(name)
    async with reading(kube) as feed:
        await until(feed, lambda: all(len(numbers(feed, name)) > 20 for name in names))
        embedded.fault(**fault)
        if fault["action"] != "down":
            embedded.fault(action="down", seconds=0.3)
        goal = max(numbers(feed, names[0])) + 60
        await until(feed, lambda: all(max(numbers(feed, name)) >= goal for name in names))
        for name in names:
            got = numbers(feed, name)
            assert got == list(range(1, got[-1] + 1))
        assert not [text for text in notices(feed) if "missing" in text]


async def test_a_lost_connection_is_told_with_how_long(
    kube: KubeClient, pods: Pods, embedded: EmbeddedCluster
) -> None:
    await pods.make("writer")
    async with reading(kube) as feed:
        await until(feed, lambda: len(numbers(feed, "writer")) > 20)
        embedded.fault(action="down", seconds=1)
        await until(feed, lambda: any("resumed" in text for text in notices(feed)))
    assert [text for text in notices(feed) if re.search(r"was lost for \d+\.\d s, resumed", text)]


async def test_a_new_pod_joins_from_its_first_line_and_one_that_goes_is_told(
    kube: KubeClient, pods: Pods
) -> None:
    await pods.make("first")
    async with reading(kube, tail=5) as feed:
        await until(feed, lambda: bool(numbers(feed, "first")))
        await pods.make("second")
        await until(feed, lambda: len(numbers(feed, "second")) > 3)
        await pods.remove("second")
        await until(feed, lambda: any("second main: gone" in text for text in notices(feed)))
    assert any("second main: joined" in text for text in notices(feed))


CRASHER = "/api/v1/namespaces/default/pods/crasher"


def restarts(pod: dict[str, Any]) -> int:
    return sum(status["restartCount"] for status in pod["status"].get("containerStatuses", ()))


async def test_a_crash_stands_among_the_lines_with_its_exit_code(kube: KubeClient, pods: Pods) -> None:
    await pods.make("crasher", "crash")
    async with reading(kube) as feed:
        await until(feed, lambda: any("crashed: exit 1" in text for text in notices(feed)), 60)
        crash = next(line for line in feed.buffer.lines() if line.kind is LineKind.CRASH)
        before = [line.text for line in feed.buffer.lines(stop=crash.index) if line.kind is LineKind.LOG]
        assert "KeyError: 'MYSQL_HOST'" in before


async def test_a_crash_is_told_when_it_happens_not_when_the_container_runs_again(
    kube: KubeClient, pods: Pods
) -> None:
    await pods.make("crasher", "crash")
    async with reading(kube) as feed:
        await until(feed, lambda: any("crashed: exit 1, restart 3" in text for text in notices(feed)), 90)
        assert restarts(await asyncio.to_thread(pods.cluster.get, CRASHER)) == 2
        assert not any(line.late for line in feed.buffer.lines() if line.kind is LineKind.CRASH)


async def test_a_pod_that_is_not_run_again_tells_its_crash_too(kube: KubeClient, pods: Pods) -> None:
    async with reading(kube) as feed:
        await pods.make("once", "crash", restartPolicy="Never")
        await until(feed, lambda: any(text.endswith("crashed: exit 1") for text in notices(feed)), 60)


async def test_every_run_of_a_crashing_container_is_read_once(kube: KubeClient, pods: Pods) -> None:
    await pods.make("crasher", "crash")
    async with reading(kube) as feed:

        def starts() -> int:
            return sum(line.text == "starting" for line in feed.buffer.lines())

        await until(feed, lambda: starts() >= 3, 90)
        times = [line.time for line in feed.buffer.lines() if line.text == "starting"]
        assert len(times) == len(set(times))


async def test_init_containers_and_sidecars_are_streams_of_their_own(kube: KubeClient, pods: Pods) -> None:
    init = {"name": "prepare", "image": pods.cluster.images["done"]}
    both = [{"name": name, "image": pods.cluster.images["logs"]} for name in ("main", "side")]
    await pods.make("writer", initContainers=[init], containers=both)
    async with reading(kube) as feed:
        await until(feed, lambda: {s.container for s in feed.buffer.sources} == {"prepare", "main", "side"})


async def test_without_following_it_ends_by_itself(kube: KubeClient, pods: Pods) -> None:
    await pods.make("done", "done", restartPolicy="Never")
    async with asyncio.timeout(60):
        while (await kube.get(PODS, "done", "default")).status.phase != "Succeeded":
            await asyncio.sleep(0.05)
    async with reading(kube, follow=False) as feed:
        await until(feed, lambda: feed.finished)
        assert [line.text for line in feed.buffer.lines()] == ["done"]


async def test_more_containers_than_streams_wait_for_their_turn(kube: KubeClient, pods: Pods) -> None:
    for number in range(3):
        await pods.make(f"writer-{number}")
    async with reading(kube, max_streams=2) as feed:
        await until(feed, lambda: feed.streams == 2 and feed.waiting == 1)


async def all_older(feed: LogFeed) -> None:
    while await feed.load_older():
        pass


async def test_older_lines_are_loaded_before_those_that_are_there(kube: KubeClient, pods: Pods) -> None:
    await pods.make("writer")
    async with reading(kube) as feed:
        await until(feed, lambda: len(numbers(feed, "writer")) > 40)
    async with reading(kube, tail=5, marks=False) as feed:
        # As many again come meanwhile as are there at first: what is older is told from them by its time.
        await until(feed, lambda: len(numbers(feed, "writer")) >= 100)
        assert numbers(feed, "writer")[0] > 1
        await all_older(feed)
        got = numbers(feed, "writer")
        assert got == list(range(1, got[-1] + 1))


async def test_older_lines_of_all_pods_go_back_to_the_same_moment(kube: KubeClient, pods: Pods) -> None:
    for name in ("first", "second"):
        await pods.make(name)
    async with reading(kube, tail=1, marks=False) as feed:
        await until(feed, lambda: min(len(numbers(feed, name)) for name in ("first", "second")) > 40)
        kept = feed.buffer.first
        await all_older(feed)
        times = [line.time for line in feed.buffer.lines(stop=kept)]
        assert times == sorted(times)
        assert all(numbers(feed, name)[0] == 1 for name in ("first", "second"))


async def test_what_a_container_wrote_before_it_crashed_is_older_history(
    kube: KubeClient, pods: Pods
) -> None:
    await pods.make("crasher", "crash")
    await asyncio.to_thread(pods.cluster.wait_for, CRASHER, lambda pod: restarts(pod) >= 1, 60)
    async with reading(kube, tail=1, marks=False) as feed:
        await until(feed, lambda: len(feed.buffer) >= 1)
        await all_older(feed)
        assert [line.text for line in feed.buffer.lines()].count("starting") >= 2


async def test_that_older_lines_cannot_be_had_is_told(
    kube: KubeClient, pods: Pods, embedded: EmbeddedCluster
) -> None:
    await pods.make("writer")
    async with reading(kube, tail=5, marks=False) as feed:
        await until(feed, lambda: len(numbers(feed, "writer")) >= 5)
        embedded.fault(action="status", code=500, resource="pods/log", count=1)
        with pytest.raises(KubeError):
            await feed.load_older()
        await all_older(feed)
        assert numbers(feed, "writer")[0] == 1


async def test_leaving_ends_every_stream(kube: KubeClient, pods: Pods) -> None:
    await pods.make("writer")
    before = asyncio.all_tasks()
    async with reading(kube) as feed:
        await until(feed, lambda: feed.streams == 1)
    assert asyncio.all_tasks() == before
