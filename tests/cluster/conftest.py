"""These tests start real clusters: only when they are asked for (make test-cluster)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from tests.cluster.asking import eventually, kubectl, tried
from tests.cluster.real import RealCluster

NODES_READY = ("wait", "--for=condition=Ready", "nodes", "--all", "--timeout=20s")


@pytest.fixture(scope="session", autouse=True)
def _asked_for(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("cluster") == "embedded":
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


@pytest.fixture
def mortal(real_cluster: RealCluster) -> Iterator[RealCluster]:
    """Its API server is up again afterwards, and its node ready, whatever the test did to it."""
    yield real_cluster
    if tried(real_cluster, "get", "--raw", "/readyz") != "ok":
        with contextlib.suppress(RuntimeError):  # it runs, and is not ready yet
            real_cluster.start_apiserver()
    eventually(lambda: "condition met" in tried(real_cluster, *NODES_READY))
