"""An app's repository, and a docker engine of the tests' own."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
import yaml

from lain_tui.core.image.build import BuildOptions
from lain_tui.core.image.buildkit import clients
from lain_tui.core.image.host import DockerHost
from lain_tui.core.values.layers import Values, read_layers
from tests.cluster.binary import Unavailable
from tests.docker_daemon import Daemon, docker_daemon
from tests.image.docker_client import with_buildx
from tests.registry_server import registry_server

Make = Callable[..., Values]
Event = TypeVar("Event")


class Repository:
    """A folder with a chart, under git."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "chart").mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        identity = ("-c", "user.name=Dev", "-c", "user.email=dev@example.com", "-c", "commit.gpgsign=false")
        ran = subprocess.run(
            ["git", *identity, *arguments], cwd=self.folder, capture_output=True, text=True, check=True
        )
        return ran.stdout.strip()

    def commit(self, subject: str = "change") -> str:
        """Commit everything and give the image tag of it."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", subject)
        return self.git("log", "-1", "--format=%ct-%H")

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def values(self, **values: Any) -> Values:
        """The values with these keys over `appname: dummy`."""
        self.write(
            "chart/values.yaml",
            yaml.safe_dump({"appname": "dummy", **values}, allow_unicode=True, sort_keys=False),
        )
        return read_layers(self.folder / "chart")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    (tmp_path / "dummy").mkdir()
    return Repository(tmp_path / "dummy")


@pytest.fixture(scope="session")
def daemon() -> Iterator[Daemon]:
    with docker_daemon() as running:
        yield running


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with registry_server(tmp_path_factory.mktemp("registry")) as host:
        yield host


@pytest.fixture(params=["buildkit", "buildx", "classic"])
def builder(request: pytest.FixtureRequest) -> str:
    """BuildKit by docker's client up to 22, by that from 23 on with its plugin, and the engine's own builder."""
    name: str = request.param
    if name == "buildkit" and not asyncio.run(everything(clients(os.environ))):
        pytest.skip("no docker client here can do BuildKit")
    return name


@pytest.fixture
def options(builder: str, daemon: Daemon, tmp_path: Path) -> BuildOptions:
    """Building with this builder; skipped where its parts are not."""
    return BuildOptions(
        host=DockerHost(url=daemon.host, source="tests"),
        pull=False,
        network="host" if builder != "classic" else "",
        environment=environment_of(builder, daemon, tmp_path),
    )


def environment_of(builder: str, daemon: Daemon, folder: Path) -> dict[str, str]:
    """In which this builder is the one that is found."""
    environment = dict(daemon.environment)
    if builder == "classic":
        environment["PATH"] = str(folder)  # no docker client to be found
    elif builder == "buildx":
        clients = folder / "clients"
        clients.mkdir()
        try:
            environment = with_buildx(clients, environment)
        except Unavailable as reason:
            pytest.skip(str(reason))
    return environment


async def everything(events: AsyncIterator[Event]) -> list[Event]:
    return [event async for event in events]
