"""Whatever containers write and kubelets lose: every line once, in order, and what may be missing is told."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from lain_tui.core.logs.feed import LogFeed
from lain_tui.core.logs.timestamps import SECOND
from lain_tui.core.model.logs import LineKind, LogLine
from tests.kube.api import status
from tests.logs.scripted import START, Kubelet, kubelet

HOUR = 3600 * SECOND
MIB = 1024 * 1024


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Kubelet]:
    async with kubelet(tmp_path) as node:
        yield node


async def until(feed: LogFeed, condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        seen = feed.version
        while not condition():
            seen = await feed.changed(seen)


def written(feed: LogFeed, pod: str = "") -> list[LogLine]:
    return [
        line
        for line in feed.buffer.lines()
        if line.kind <= LineKind.CONTINUED and line.source and pod in ("", line.source.pod)
    ]


def texts(feed: LogFeed, pod: str = "") -> list[str]:
    return [line.text for line in written(feed, pod)]


def told(feed: LogFeed) -> str:
    return "\n".join(line.text for line in feed.buffer.lines() if line.kind >= LineKind.NOTICE)


def numbered(count: int, start: int = 0) -> list[bytes]:
    return [b"line %d" % number for number in range(start, start + count)]


def shown(lines: list[bytes]) -> list[str]:
    return [line.decode() for line in lines]


async def test_bytes_that_are_no_text_come_through_line_by_line(node: Kubelet) -> None:
    dice = random.Random(7)
    lines = [dice.randbytes(dice.randrange(200)).replace(b"\n", b"") for _ in range(300)]
    lines += [
        b"",
        b"\xff\xfe",
        b"\x00",
        b"caf\xc3",
        b"[bold]x[/]",
        b"\x1b]0;t\x07",
        b"a\rb",
        "中文🎉".encode(),
    ]
    node.run("writer").write(*lines)
    async with node.read() as feed:
        await until(feed, lambda: len(written(feed)) == len(lines))
        assert texts(feed) == [line.decode("utf-8", "backslashreplace") for line in lines]


@pytest.mark.parametrize("size", [MIB, 3 * MIB + 17])
async def test_a_line_of_megabytes_is_whole(node: Kubelet, size: int) -> None:
    long = random.Random(size).randbytes(size // 2).hex().encode()
    node.run("writer").write(b"before", long, b"after")
    async with node.read() as feed:
        await until(feed, lambda: texts(feed)[-1:] == ["after"])
        assert texts(feed)[0] == "before"
        assert "".join(texts(feed)[1:-1]) == long.decode()


async def test_the_last_words_of_a_container_need_no_newline(node: Kubelet) -> None:
    node.run("writer").write(b"first")
    node.containers["writer"].write(b"last words", at=START + 1, end=b"")
    await node.end("writer")
    async with node.read(follow=False) as feed:
        await until(feed, lambda: feed.finished)
        assert texts(feed) == ["first", "last words"]


async def test_a_line_cut_in_its_middle_comes_once_and_whole(node: Kubelet) -> None:
    writer = node.run("writer")
    writer.write(*numbered(10), step=SECOND)
    async with node.read() as feed:
        await until(feed, lambda: len(written(feed)) == 10)
        writer.write(*numbered(10, 10), at=START + 20 * SECOND, step=SECOND)
        await writer.cut(more=100)
        await until(feed, lambda: len(written(feed)) == 20)
        assert texts(feed) == shown(numbered(20))
        assert "missing" not in told(feed)


async def test_lines_of_one_nanosecond_are_told_apart_across_connections(node: Kubelet) -> None:
    writer = node.run("writer")
    writer.write(*numbered(50), step=0)
    async with node.read() as feed:
        await until(feed, lambda: len(written(feed)) == 50)
        writer.write(*numbered(50, 50), step=0)
        await writer.cut(more=1000)
        await until(feed, lambda: len(written(feed)) == 100)
        assert texts(feed) == shown(numbered(100))


async def test_a_log_that_may_not_be_read_for_a_moment_goes_on(node: Kubelet) -> None:
    """An API server that has just started knows of no roles yet."""
    writer = node.run("writer")
    writer.write(*numbered(10), step=SECOND)
    async with node.read() as feed:
        await until(feed, lambda: len(written(feed)) == 10)
        node.api.next.append(status(403, "", "Forbidden"))
        writer.write(*numbered(10, 10), at=START + 20 * SECOND, step=SECOND)
        await writer.cut()
        await until(feed, lambda: len(written(feed)) == 20 and "resumed" in told(feed))
        assert texts(feed) == shown(numbered(20))


async def test_a_clock_set_back_neither_loses_nor_turns_lines_around(node: Kubelet) -> None:
    writer = node.run("writer")
    writer.write(*numbered(10), step=SECOND)
    async with node.read() as feed:
        await until(feed, lambda: len(written(feed)) == 10)
        writer.write(*numbered(10, 10), at=START - HOUR, step=SECOND)
        await writer.told()
        await until(feed, lambda: len(written(feed)) == 20)
        assert texts(feed) == shown(numbered(20))


async def test_what_rotation_took_while_nobody_read_is_told(node: Kubelet) -> None:
    writer = node.run("writer")
    writer.write(*numbered(10), step=SECOND)
    async with node.read() as feed:
        await until(feed, lambda: len(written(feed)) == 10)
        writer.write(*numbered(40, 10), at=START + 60 * SECOND, step=SECOND)
        writer.rotate(kept=5)
        await writer.cut()
        await until(feed, lambda: len(written(feed)) == 15 and "missing" in told(feed))
        assert texts(feed) == shown([*numbered(10), *numbered(5, 45)])


async def test_a_restart_that_the_api_does_not_tell_of_yet_loses_nothing_and_is_no_rotation(
    node: Kubelet,
) -> None:
    first = node.run("writer")
    first.write(*numbered(10), step=SECOND)
    async with node.read() as feed:
        await until(feed, lambda: len(written(feed)) == 10)
        first.write(*numbered(5, 10), at=START + 10 * SECOND, step=SECOND)
        second = node.begin("writer")
        second.write(*numbered(10), at=START + 60 * SECOND, step=SECOND)
        await first.cut()
        await until(feed, lambda: len(written(feed)) == 25)
        assert texts(feed) == shown([*numbered(15), *numbered(10)])
        assert "missing" not in told(feed)


async def test_a_log_that_the_node_has_thrown_away_is_told_and_no_line_of_it(node: Kubelet) -> None:
    node.run("a").removed = True
    node.begin("a", restarts=1)
    node.run("never restarted").write(b"of its only run")
    async with node.read(previous=True, follow=False) as feed:
        await until(feed, lambda: feed.finished)
    assert texts(feed) == [] and told(feed) == "the node no longer has this log"


async def test_nodes_whose_clocks_differ_keep_each_pods_order_and_late_lines_are_marked(
    node: Kubelet,
) -> None:
    ahead, behind = node.run("ahead"), node.run("behind")
    ahead.write(*numbered(20), at=START + HOUR, step=SECOND)
    async with node.read() as feed:
        await until(feed, lambda: len(written(feed, "ahead")) == 20)
        behind.write(*numbered(20), step=SECOND)
        await behind.told()
        await until(feed, lambda: len(written(feed)) == 40)
        assert texts(feed, "ahead") == texts(feed, "behind") == shown(numbered(20))
        assert all(
            line.late is (line.source is not None and line.source.pod == "behind") for line in written(feed)
        )


async def test_another_pod_under_the_same_name_is_another_stream(node: Kubelet) -> None:
    node.run("db-0").write(*numbered(10), step=SECOND)
    async with node.read() as feed:
        await until(feed, lambda: len(written(feed)) == 10)
        second = await node.replace("db-0", uid="another")
        second.write(*numbered(10), at=START + HOUR, step=SECOND)
        await second.told()
        await until(feed, lambda: len(written(feed)) == 20)
        assert texts(feed) == shown(numbered(10)) * 2
        assert {line.source.pod_uid for line in written(feed) if line.source} == {"uid-db-0", "another"}


async def test_following_outlives_the_last_pod_and_ends_with_those_that_will_not_run_again(
    node: Kubelet,
) -> None:
    node.run("db-0").write(*numbered(10), step=SECOND)
    async with node.read() as feed:
        await until(feed, lambda: len(written(feed)) == 10)
        await node.containers["db-0"].end()
        node.api.remove("db-0")
        await until(feed, lambda: "gone" in told(feed) and not feed.streams)
        assert not feed.finished
        node.run("db-0", uid="another").write(*numbered(10), at=START + HOUR, step=SECOND)
        await until(feed, lambda: len(written(feed)) == 20)
        await node.end("db-0", uid="another")
        await until(feed, lambda: feed.finished)


async def test_of_300_containers_70_are_followed_and_all_when_one_wants_it(node: Kubelet) -> None:
    for number in range(300):
        node.run(f"pod-{number}").write(b"from %d" % number, at=START + number)

    def open_logs() -> int:
        return sum(container.readers for container in node.containers.values())

    async with node.read() as feed:
        await until(feed, lambda: len(written(feed)) == 70)
        assert (feed.streams, feed.waiting, open_logs()) == (70, 230, 70)
        assert "70 of 300 containers are followed" in told(feed)
        feed.allow(300)
        await until(feed, lambda: len(written(feed)) == 300)
        assert open_logs() == 300
    async with asyncio.timeout(60):
        while open_logs():
            await asyncio.sleep(0.01)


async def test_older_lines_of_a_busy_pod_are_sorted_in_among_those_of_a_quiet_one(node: Kubelet) -> None:
    quiet, busy = node.run("quiet"), node.run("busy")
    quiet.write(*numbered(4), step=600 * SECOND)
    busy.write(*numbered(3000), at=START + 60 * SECOND, step=SECOND)
    async with node.read(tail=5) as feed:
        await until(feed, lambda: len(written(feed)) == 9)
        assert feed.begins == START + (60 + 2995) * SECOND, "before that, lines of the busy one are missing"
        while await feed.load_older(START + 600 * SECOND):
            pass
        assert feed.begins == 0
        times = [line.time for line in written(feed)]
        assert times == sorted(times) and not any(line.late for line in written(feed))
        assert texts(feed, "quiet") == shown(numbered(4)) and texts(feed, "busy") == shown(numbered(3000))


async def test_older_lines_are_loaded_back_to_a_moment(node: Kubelet) -> None:
    writer = node.run("writer")
    writer.write(*numbered(50_000), step=SECOND)
    async with node.read(tail=5) as feed:
        await until(feed, lambda: len(written(feed)) == 5)
        await feed.load_older(START + 10_000 * SECOND)
        assert feed.begins <= START + 10_000 * SECOND
        assert texts(feed) == shown(numbered(len(written(feed)), 50_000 - len(written(feed))))


async def test_older_lines_that_are_wanted_twice_at_once_come_once(node: Kubelet) -> None:
    node.run("writer").write(*numbered(20_000), step=SECOND)
    async with node.read(tail=5) as feed:
        await until(feed, lambda: len(written(feed)) == 5)
        await asyncio.gather(feed.load_older(), feed.load_older(START + 100 * SECOND), feed.load_older())
        assert texts(feed) == shown(numbered(20_000)[-len(feed.buffer) :])
