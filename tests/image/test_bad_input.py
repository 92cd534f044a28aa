"""What goes wrong around an image, as its user meets it: one sentence of what and what to do, and nothing half done."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import tarfile
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from lain_tui.core.errors import LainError
from lain_tui.core.image.build import BuildOptions, run_build
from lain_tui.core.image.engine import Engine
from lain_tui.core.image.host import DockerHost
from lain_tui.core.image.plan import plan_build
from lain_tui.core.image.reasons import reason
from lain_tui.core.image.run import fetch_image
from lain_tui.core.image.transfer import pull, push
from tests.docker_daemon import Daemon, docker_daemon
from tests.image.conftest import Repository, environment_of, everything
from tests.registry_server import registry_server


@pytest.fixture
async def engine(daemon: Daemon) -> AsyncIterator[Engine]:
    async with Engine(DockerHost(url=daemon.host, source="tests")) as engine:
        yield engine


def one_sentence(error: LainError) -> str:
    said = str(error)
    assert "\n" not in said, said
    return said


# Registries


@pytest.mark.parametrize(
    ("answer", "says", "next_step"),
    [
        (web.Response(status=404), "is no registry, or a broken one", "The address is the registry"),
        (web.Response(status=429), "is asked too often", "Try again in a few minutes"),
        (
            web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="x"'}),
            "wants a login",
            "Log in with: docker login 127.0.0.1:",
        ),
    ],
    ids=["404", "429", "401"],
)
async def test_a_push_to_a_registry_that_does_not_take_it(
    engine: Engine, daemon: Daemon, answer: web.Response, says: str, next_step: str
) -> None:
    async def registry(request: web.Request) -> web.Response:
        return web.Response(status=answer.status, body=answer.body, headers=dict(answer.headers))

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", registry)
    server = TestServer(application, host="127.0.0.1")
    await server.start_server()
    image = f"127.0.0.1:{server.port}/team/dummy:1"
    daemon.docker("tag", "base:1", image)
    try:
        with pytest.raises(LainError) as raised:
            await everything(push(engine, image, daemon.environment))
    finally:
        await server.close()
        daemon.docker("rmi", image)
    said = one_sentence(raised.value)
    assert said.startswith(f"{image}: the push failed: ")
    assert says in said and next_step in said


async def test_a_push_to_where_nobody_listens(engine: Engine, daemon: Daemon) -> None:
    daemon.docker("tag", "base:1", "127.0.0.1:1/team/dummy:1")
    with pytest.raises(LainError, match=r"cannot be reached from the docker engine \(connection refused\)"):
        await everything(push(engine, "127.0.0.1:1/team/dummy:1", daemon.environment))


async def test_a_base_image_behind_a_login(
    repository: Repository, options: BuildOptions, tmp_path: Path
) -> None:
    with registry_server(tmp_path, login=True) as closed:
        plan = await plan_build(repository.values(build={"base": f"{closed}/base:1"}), repository.folder)
        with pytest.raises(LainError) as raised:
            await everything(run_build(plan, msgspec.structs.replace(options, pull=True)))
    said = one_sentence(raised.value)
    assert said == (
        f"the base image {closed}/base:1 cannot be had: the registry {closed} wants a login."
        f" Log in with: docker login {closed}"
    )


@pytest.mark.parametrize(
    ("said", "what", "hint"),
    [
        (
            'Get "https://reg.example.com/v2/": x509: certificate signed by unknown authority',
            "the certificate of the registry reg.example.com cannot be trusted (certificate signed by unknown authority)",
            "/etc/docker/certs.d/reg.example.com/ca.crt",
        ),
        (
            'Get "https://reg.example.com/v2/": dial tcp: lookup reg.example.com on 10.0.0.2:53: no such host',
            "the docker engine cannot find reg.example.com by its name",
            "The address is the registry of the cluster's values",
        ),
        (
            'Get "https://reg.example.com/v2/": http: server gave HTTP response to HTTPS client',
            "speaks plain HTTP",
            "insecure-registries",
        ),
        (
            "denied: requested access to the resource is denied",
            "the registry reg.example.com gives no access to team/dummy",
            "docker login reg.example.com",
        ),
        ("write /var/lib/docker/tmp/x: no space left on device", "disk is full", "docker system df"),
        (
            "received unexpected HTTP status: 200 OK",
            "is no registry, or a broken one (200 OK)",
            "The address",
        ),
        ("missing or empty Content-Type header", "is no registry, or a broken one", "The address"),
        (
            "unknown: unexpected status from POST request to http://reg.example.com/v2/team/dummy/blobs/uploads/:"
            " 404 Not Found",
            "is no registry, or a broken one (404 Not Found)",
            "The address",
        ),
        (
            "push access denied, repository does not exist or may require authorization:"
            " authorization failed: no basic auth credentials",
            "the registry reg.example.com wants a login",
            "docker login reg.example.com",
        ),
        ("something nobody has seen before", "something nobody has seen before", ""),
    ],
)
def test_what_an_engine_says_becomes_what_to_do(said: str, what: str, hint: str) -> None:
    error = reason(said, "reg.example.com/team/dummy:1")
    assert what in error.what
    assert hint in error.hint


def test_docker_hub_is_called_by_its_name() -> None:
    error = reason("toomanyrequests: You have reached your pull rate limit", "python:3.12")
    assert str(error).startswith("the registry Docker Hub is asked too often")
    assert (
        reason("unauthorized: incorrect username or password", "python:3.12").hint
        == "Log in with: docker login"
    )


async def test_an_image_that_the_registry_does_not_have(
    engine: Engine, daemon: Daemon, registry: str
) -> None:
    with pytest.raises(LainError, match=r"the registry has no .*/nope:1, or does not show it to you"):
        await everything(pull(engine, f"{registry}/nope:1", daemon.environment))


async def test_an_image_to_run_that_is_nowhere(daemon: Daemon, registry: str) -> None:
    host, image = DockerHost(url=daemon.host, source="tests"), f"{registry}/nope:1"
    with pytest.raises(LainError) as raised:
        await everything(fetch_image(host, image, daemon.environment))
    assert one_sentence(raised.value) == (
        f"{image}: the docker engine does not have it, and its registry shows none."
        " Make it first: lain-tui build, or lain-tui prepare."
    )


# Engines


def test_an_engine_that_one_may_not_use(daemon: Daemon) -> None:
    reading, writing = os.pipe()
    daemon.socket.chmod(0o600)
    child = os.fork()
    if child == 0:  # somebody without rights, with nothing left to import
        try:
            os.setuid(65534)
            os.write(writing, asyncio.run(_refused(daemon.host)).encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as told:
        said = told.read()
    assert said == (
        f"{daemon.host}: the docker engine's socket may not be opened."
        " Add yourself to the group docker and sign in again, or run as root."
    )


async def _refused(host: str) -> str:
    try:
        async with Engine(DockerHost(url=host, source="tests")) as engine:
            await engine.ping()
    except LainError as error:
        return str(error)
    return "it answered"


@pytest.fixture
def small_daemon() -> Iterator[Daemon]:
    """A daemon whose disk holds little more than its base image."""
    folder = Path(tempfile.mkdtemp(prefix="lain-disk-", dir="/tmp"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", str(folder)], check=True)
    try:
        with docker_daemon(data=folder / "data") as daemon:
            yield daemon
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


async def test_an_engine_whose_disk_is_full(
    daemon: Daemon, small_daemon: Daemon, repository: Repository, tmp_path: Path, builder: str
) -> None:
    values = repository.values(build={"base": "base:1", "script": ["dd if=/dev/zero of=big bs=1M count=40"]})
    plan = await plan_build(values, repository.folder)
    options = BuildOptions(
        host=DockerHost(url=small_daemon.host, source="tests"),
        pull=False,
        network="host" if builder != "classic" else "",
        environment=environment_of(builder, small_daemon, tmp_path),
    )
    with pytest.raises(LainError) as raised:
        await everything(run_build(plan, options))
    assert "No space left on device" in raised.value.what
    assert raised.value.hint.startswith("docker system df tells")
    assert small_daemon.docker("inspect", plan.image, check=False).returncode, "an image was named"


async def test_a_pull_onto_a_full_disk(daemon: Daemon, small_daemon: Daemon, registry: str) -> None:
    image = f"{registry}/large:1"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo("noise")
        entry.size = 40 * 2**20
        archive.addfile(entry, io.BytesIO(os.urandom(entry.size)))
    daemon.docker("import", "-", image, stdin=packed.getvalue())
    daemon.docker("push", image)
    async with Engine(DockerHost(url=small_daemon.host, source="tests")) as engine:
        with pytest.raises(LainError) as raised:
            await everything(pull(engine, image, small_daemon.environment))
    assert one_sentence(raised.value).startswith(f"{image}: the docker engine's disk is full")
    assert small_daemon.docker("inspect", image, check=False).returncode, "half an image has a name"


@pytest.fixture
def full_disk(daemon: Daemon, tmp_path: Path) -> Iterator[Path]:
    """Where there is a daemon, there is the right to mount it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "nr_inodes=2", "none", str(disk)], check=True)
    (disk / "last").write_text("")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


async def test_no_room_for_the_dockerfile(
    full_disk: Path, repository: Repository, options: BuildOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not options.network:
        pytest.skip("only docker's client reads files")
    monkeypatch.setattr(tempfile, "tempdir", str(full_disk))
    plan = await plan_build(repository.values(build={"base": "base:1"}), repository.folder)
    with pytest.raises(LainError) as raised:
        await everything(run_build(plan, options))
    assert "No space left on device" in one_sentence(raised.value)
    assert "TMPDIR" in raised.value.hint


@pytest.mark.parametrize("answer", [web.Response(status=404), web.Response(text="<html>hello")])
async def test_an_address_at_which_something_else_answers(
    repository: Repository, answer: web.Response
) -> None:
    async def somebody(request: web.Request) -> web.Response:
        return web.Response(status=answer.status, body=answer.body)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", somebody)
    server = TestServer(application, host="127.0.0.1")
    await server.start_server()
    host = DockerHost(url=f"tcp://127.0.0.1:{server.port}", source="DOCKER_HOST")
    plan = await plan_build(repository.values(build={"base": "base:1"}), repository.folder)
    try:
        with pytest.raises(LainError) as raised:
            await everything(run_build(plan, BuildOptions(host=host)))
    finally:
        await server.close()
    said = one_sentence(raised.value)
    assert said.startswith(f"{host.url} (DOCKER_HOST): what answers there is no docker engine")
    assert said.endswith("Name another engine with DOCKER_HOST or --remote-docker.")
