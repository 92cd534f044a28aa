"""A living cluster of each test's own, and a target on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from lain_tui.core.config.resolve import Options, resolve_target
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.target import Target
from tests.embedded import EmbeddedCluster


@pytest.fixture
def living() -> Iterator[EmbeddedCluster]:
    """The demo, ten times as fast."""
    with EmbeddedCluster(speed=10) as cluster:
        yield cluster


@pytest.fixture
def on(living: EmbeddedCluster) -> Callable[..., Target]:
    def make(app: str, **more: object) -> Target:
        known = {"namespace": "default", "cluster": "demo", "app": app, "release": app}
        return Target(**{**known, "kubeconfig": (living.kubeconfig,), **more})  # type: ignore[arg-type]

    return make


@pytest.fixture
def target(demo: EmbeddedCluster) -> Target:
    """App dummy as its repository has it, on the cluster that the test's `demo` is."""
    folder = demo.values.parent
    env = {"HOME": str(folder), "LAIN_CLUSTER_VALUES_DIR": str(folder)}
    return resolve_target(Options(kubeconfig=demo.kubeconfig), cwd=demo.repository, env=env)


@pytest.fixture
async def kube(on: Callable[..., Target]) -> AsyncIterator[KubeClient]:
    async with KubeClient.open(on("dummy")) as client:
        yield client
