"""A build begins while the registry is asked for newer base images: it waits for nobody, and stands on no old one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from lain_tui.core.errors import LainError
from lain_tui.core.image.build import BuildOptions, run_build
from lain_tui.core.image.plan import plan_build
from lain_tui.core.model.build import BuildStep, ImageReady, StepState
from tests.docker_daemon import Daemon
from tests.image.conftest import Repository, everything


@pytest.fixture
def pulling(options: BuildOptions) -> BuildOptions:
    return msgspec.structs.replace(options, pull=True)


def made_of(daemon: Daemon, name: str, which: str) -> None:
    """An image that says which it is."""
    daemon.docker(
        "build", "--quiet", f"--tag={name}", "-", stdin=f"FROM base:1\nENV WHICH={which}\n".encode()
    )


async def test_a_newer_base_image_is_what_the_build_stands_on(
    daemon: Daemon, repository: Repository, registry: str, pulling: BuildOptions
) -> None:
    base = f"{registry}/bases/moving-{pulling.network or 'classic'}:1"
    made_of(daemon, base, "newer")
    daemon.docker("push", base)
    made_of(daemon, base, "older")
    values = repository.values(build={"base": base, "script": ["echo made of $WHICH > /tmp/which"]})
    repository.commit()
    plan = await plan_build(values, repository.folder)
    events = await everything(run_build(plan, pulling))
    shown = daemon.docker("run", "--rm", "--network=none", plan.image, "cat", "/tmp/which").stdout
    assert shown == "made of newer\n"
    begun = Counter(e.title for e in events if isinstance(e, BuildStep) and e.state is StepState.RUNNING)
    assert set(begun.values()) == {1}, "what was begun on the old one is not told"


@pytest.fixture
async def silent() -> AsyncIterator[str]:
    """The HOST:PORT of a registry that never answers."""
    over = asyncio.Event()

    async def wait(request: web.Request) -> web.Response:
        await over.wait()
        return web.Response(status=500)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", wait)
    server = TestServer(application, host="127.0.0.1")
    await server.start_server()
    yield f"127.0.0.1:{server.port}"
    over.set()
    await server.close()


async def test_the_build_does_not_wait_for_a_slow_registry(
    daemon: Daemon, repository: Repository, silent: str, pulling: BuildOptions
) -> None:
    if not pulling.network:
        pytest.skip("the engine's own builder comes after its pulls")
    base = f"{silent}/base:1"
    daemon.docker("tag", "base:1", base)
    values = repository.values(build={"base": base, "script": ["echo a > b"]})
    plan = await plan_build(values, repository.folder)
    before = _nameless(daemon)
    events = run_build(plan, pulling)
    first = await anext(events)
    assert isinstance(first, BuildStep) and first.title == f"pull {base}"
    more = asyncio.ensure_future(anext(events))
    async with asyncio.timeout(60):
        while _nameless(daemon) == before:
            await asyncio.sleep(0.1)
    assert not more.done(), "what is told first is whether there is a newer base"
    more.cancel()
    with pytest.raises(asyncio.CancelledError):
        await more
    assert daemon.docker("inspect", plan.image, check=False).returncode, (
        "nobody knows yet that it may be named"
    )


def _nameless(daemon: Daemon) -> set[str]:
    return set(daemon.docker("images", "--quiet", "--filter=dangling=true").stdout.split())


async def test_a_base_that_is_not_here_is_fetched_first(
    daemon: Daemon, repository: Repository, registry: str, pulling: BuildOptions
) -> None:
    base = f"{registry}/bases/absent-{pulling.network or 'classic'}:1"
    made_of(daemon, base, "pulled")
    daemon.docker("push", base)
    daemon.docker("rmi", base)
    plan = await plan_build(repository.values(build={"base": base}), repository.folder)
    events = await everything(run_build(plan, pulling))
    assert isinstance(events[-1], ImageReady)
    titles = [event.title for event in events if isinstance(event, BuildStep)]
    assert titles[0] == f"pull {base}"
    assert daemon.docker("inspect", base).returncode == 0, (
        "it is there for the next build, without a registry"
    )


async def test_a_base_that_cannot_be_fetched_is_used_as_it_is_here(
    daemon: Daemon, repository: Repository, pulling: BuildOptions
) -> None:
    daemon.docker("tag", "base:1", "127.0.0.1:1/base:1")
    plan = await plan_build(repository.values(build={"base": "127.0.0.1:1/base:1"}), repository.folder)
    events = await everything(run_build(plan, pulling))
    warned = [e.detail for e in events if isinstance(e, BuildStep) and e.state is StepState.WARNED]
    assert len(warned) == 1 and warned[0].startswith("the one that is here is used: the registry 127.0.0.1:1")
    assert isinstance(events[-1], ImageReady)


async def test_a_step_that_fails_on_the_old_base_is_not_the_end(
    daemon: Daemon, repository: Repository, registry: str, pulling: BuildOptions
) -> None:
    base = f"{registry}/bases/mended-{pulling.network or 'classic'}:1"
    made_of(daemon, base, "mended")
    daemon.docker("push", base)
    made_of(daemon, base, "broken")
    values = repository.values(build={"base": base, "script": ["test $WHICH = mended"]})
    plan = await plan_build(values, repository.folder)
    assert isinstance((await everything(run_build(plan, pulling)))[-1], ImageReady)
    values = repository.values(build={"base": base, "script": ["test $WHICH = broken"]})
    with pytest.raises(LainError, match="exit code 1"):
        await everything(run_build(await plan_build(values, repository.folder), pulling))
