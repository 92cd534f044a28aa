"""The engine is killed in the middle of everything: one sentence, nothing half named, nobody waits for ever."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import tarfile
from collections.abc import AsyncIterator, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from lain_tui.core.errors import LainError
from lain_tui.core.image.build import BuildOptions, run_build
from lain_tui.core.image.engine import Engine
from lain_tui.core.image.host import DockerHost
from lain_tui.core.image.plan import plan_build
from lain_tui.core.image.transfer import pull, push, save
from lain_tui.core.model.build import BuildEvent, BuildLine, LayerProgress
from tests.docker_daemon import Daemon, docker_daemon
from tests.image.conftest import Repository, environment_of, everything

PATIENCE = 120
"""Seconds after which a thing is taken to hang."""
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


@pytest.fixture
def mortal() -> Iterator[Daemon]:
    """A daemon for this test alone."""
    with docker_daemon() as daemon:
        yield daemon


def engine_of(daemon: Daemon) -> Engine:
    return Engine(DockerHost(url=daemon.host, source="tests"))


def has(daemon: Daemon, image: str) -> bool:
    return daemon.docker("inspect", image, check=False).returncode == 0


class HalfWay:
    """A registry that stops answering once it is asked for a layer, or given one."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.manifests: list[str] = []
        """Names under which an image was given to it."""
        self.host = ""
        self._over = asyncio.Event()
        config = b"{}"
        digest = f"sha256:{hashlib.sha256(config).hexdigest()}"
        about = {
            "mediaType": "application/vnd.docker.container.image.v1+json",
            "size": 2,
            "digest": digest,
        }
        self._manifest = json.dumps(
            {"schemaVersion": 2, "mediaType": MANIFEST, "config": about, "layers": []}
        ).encode()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path, method = request.path, request.method
        if path == "/v2/":
            return web.Response()
        if "/manifests/" in path and method == "PUT":
            self.manifests.append(path)
            return web.Response(status=201)
        if "/manifests/" in path:
            digest = f"sha256:{hashlib.sha256(self._manifest).hexdigest()}"
            headers = {"Content-Type": MANIFEST, "Docker-Content-Digest": digest}
            return web.Response(body=self._manifest, headers=headers)
        if method == "HEAD":
            return web.Response(status=404)
        self.reached.set()
        await self._over.wait()
        return web.Response(status=500)

    def end(self) -> None:
        self._over.set()


@pytest.fixture
async def half_way() -> AsyncIterator[HalfWay]:
    registry = HalfWay()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", registry.answer)
    server = TestServer(application, host="127.0.0.1")
    await server.start_server()
    registry.host = f"127.0.0.1:{server.port}"
    yield registry
    registry.end()
    await server.close()


async def kill(daemon: Daemon) -> None:
    await asyncio.to_thread(daemon.stop, signal.SIGKILL)


async def failing(events: AsyncIterator[BuildEvent]) -> LainError:
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(LainError) as raised:
            await everything(events)
    assert "\n" not in str(raised.value)
    return raised.value


async def test_in_mid_build(mortal: Daemon, repository: Repository, tmp_path: Path, builder: str) -> None:
    values = repository.values(build={"base": "base:1", "script": ["echo begun; sleep 300"]})
    plan = await plan_build(values, repository.folder)
    options = BuildOptions(
        host=DockerHost(url=mortal.host, source="tests"),
        pull=False,
        network="host" if builder != "classic" else "",
        environment=environment_of(builder, mortal, tmp_path),
    )

    async def until_it_dies() -> AsyncIterator[BuildEvent]:
        async for event in run_build(plan, options):
            yield event
            if isinstance(event, BuildLine) and event.text == "begun":
                await kill(mortal)

    error = await failing(until_it_dies())
    assert str(error) == f"{mortal.host}: the docker engine went away in mid-build"
    mortal.start()
    assert not has(mortal, plan.image)


async def test_in_mid_push(mortal: Daemon, half_way: HalfWay) -> None:
    image = f"{half_way.host}/team/dummy:1619925143-{'a' * 40}"
    mortal.docker("tag", "base:1", image)
    async with engine_of(mortal) as engine:
        pushing = asyncio.create_task(failing(push(engine, image, mortal.environment)))
        await asyncio.wait_for(half_way.reached.wait(), PATIENCE)
        await kill(mortal)
        assert str(await pushing) == f"{mortal.host}: the docker engine went away in mid-answer"
    assert half_way.manifests == [], "a tag stands for half an image"


async def test_in_mid_pull(mortal: Daemon, half_way: HalfWay) -> None:
    image = f"{half_way.host}/team/dummy:1"
    async with engine_of(mortal) as engine:
        pulling = asyncio.create_task(failing(pull(engine, image, mortal.environment)))
        await asyncio.wait_for(half_way.reached.wait(), PATIENCE)
        await kill(mortal)
        assert str(await pulling) == f"{mortal.host}: the docker engine went away in mid-answer"
    mortal.start()
    assert not has(mortal, image)


async def test_in_mid_save(mortal: Daemon, tmp_path: Path) -> None:
    packed = BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo("noise")
        entry.size = 48 * 2**20  # more than any buffer on the way
        archive.addfile(entry, BytesIO(os.urandom(entry.size)))
    mortal.docker("import", "-", "large:1", stdin=packed.getvalue())
    target = tmp_path / "archives"
    target.mkdir()

    async def until_it_dies() -> AsyncIterator[BuildEvent]:
        async with engine_of(mortal) as engine:
            async for event in save(engine, "large:1", target):
                yield event
                if isinstance(event, LayerProgress) and mortal.running:
                    await kill(mortal)

    error = await failing(until_it_dies())
    assert str(error) == f"{mortal.host}: the docker engine went away in mid-answer"
    assert list(target.iterdir()) == []
