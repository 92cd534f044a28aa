from __future__ import annotations

import asyncio
import gc
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.store import Store
from tests.kube import kubeconfigs
from tests.kube.api import Api, serve
from tests.kube.pace import QUICK


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with serve() as running:
        yield running


@pytest.fixture
async def kube(api: Api, tmp_path: Path) -> AsyncIterator[KubeClient]:
    file = kubeconfigs.write(tmp_path / "config", api.url)
    async with KubeClient.open(kubeconfigs.target(file)) as client:
        yield client


@pytest.fixture
async def store(kube: KubeClient) -> AsyncIterator[Store]:
    async with Store(kube, linger=0.05, pace=QUICK) as opened:
        yield opened


@pytest.fixture(autouse=True)
async def nothing_is_left_behind() -> AsyncIterator[None]:
    """No task goes on after a test, and none ended with an error that nobody saw."""
    complaints: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(str(context)))
    before = asyncio.all_tasks()
    yield
    await asyncio.sleep(0)
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    gc.collect()
    assert not left
    assert not complaints


@pytest.fixture
def tmp_files(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder in which Python makes its temporary files."""
    folder = tmp_path_factory.mktemp("tmp")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
