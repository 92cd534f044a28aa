"""The newest base images are used, and kept by name; where no registry gives one, the one that is here will do."""

from __future__ import annotations

import msgspec
import pytest

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
    daemon: Daemon, repository: Repository, registry: str, pulling: BuildOptions, builder: str
) -> None:
    base = f"{registry}/bases/moving-{builder}:1"
    made_of(daemon, base, "newer")
    daemon.docker("push", base)
    made_of(daemon, base, "older")
    values = repository.values(build={"base": base, "script": ["echo made of $WHICH > /tmp/which"]})
    repository.commit()
    plan = await plan_build(values, repository.folder)
    await everything(run_build(plan, pulling))
    shown = daemon.docker("run", "--rm", "--network=none", plan.image, "cat", "/tmp/which").stdout
    assert shown == "made of newer\n"
    daemon.docker("rmi", plan.image)
    kept = daemon.docker("run", "--rm", "--network=none", base, "env").stdout
    assert "WHICH=newer\n" in kept, "a later build may have to do without the registry"
    again = await everything(run_build(plan, pulling))
    pulled = [e for e in again if isinstance(e, BuildStep) and e.title.startswith("pull ")]
    assert not pulled or not pulling.network, "BuildKit has asked, and it is the one that is here"


async def test_a_base_that_is_not_here_is_fetched(
    daemon: Daemon, repository: Repository, registry: str, pulling: BuildOptions, builder: str
) -> None:
    base = f"{registry}/bases/absent-{builder}:1"
    made_of(daemon, base, "pulled")
    daemon.docker("push", base)
    daemon.docker("rmi", base)
    plan = await plan_build(repository.values(build={"base": base}), repository.folder)
    events = await everything(run_build(plan, pulling))
    assert isinstance(events[-1], ImageReady)
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
