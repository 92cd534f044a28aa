"""An embedded cluster with nothing on it, and a client of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from lain_tui.core.kube.client import KubeClient
from lain_tui.core.target import Target
from tests.embedded import EmbeddedCluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster("empty", speed=10) as embedded:
        yield embedded


@pytest.fixture
def target(cluster: EmbeddedCluster) -> Target:
    return Target(namespace="default", cluster="demo", app="tiny", kubeconfig=(cluster.kubeconfig,))


@pytest.fixture
async def kube(target: Target) -> AsyncIterator[KubeClient]:
    async with KubeClient.open(target) as client:
        yield client
