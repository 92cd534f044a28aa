"""These tests start real clusters: only when they are asked for (make test-cluster)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cluster.asking import kubectl
from tests.cluster.real import RealCluster


@pytest.fixture(scope="session", autouse=True)
def _asked_for(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("cluster") != "real":
        pytest.skip("a real cluster takes its time: make test-cluster runs this")


@pytest.fixture(scope="module")
def simulated(_asked_for: None) -> Iterator[RealCluster]:
    """A real control plane of the module's own, whose two nodes are simulated: pods come to run, and do nothing.

    Its API server may be killed: nobody else is on it.
    """
    if (reason := RealCluster.available(node=False)) is not None:
        pytest.skip(f"no real cluster: {reason}")
    with RealCluster(node=False, kwok_nodes=2) as cluster:
        kubectl(cluster, "taint", "nodes", "--all", "kwok.x-k8s.io/node-")
        yield cluster
