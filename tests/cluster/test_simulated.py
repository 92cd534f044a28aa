"""A control plane with simulated nodes: thousands of pods, and faults on order."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from tests.cluster.asking import eventually, kubectl
from tests.cluster.load import Load
from tests.cluster.real import RealCluster

pytestmark = pytest.mark.real


def test_simulated_nodes_carry_thousands_of_pods(simulated: RealCluster) -> None:
    with Load(simulated) as load:
        load.fill(300)
        names = kubectl(simulated, "get", "pods", "-n", "load", "-o", "name").split()
        assert len(names) == 300
        load.churn(per_second=50)
        eventually(
            lambda: set(kubectl(simulated, "get", "pods", "-n", "load", "-o", "name").split()) - set(names)
        )


def test_a_killed_api_server_refuses_and_comes_back(simulated: RealCluster) -> None:
    simulated.kill_apiserver()
    with pytest.raises(urllib.error.URLError, match="refused"):
        urllib.request.urlopen(simulated.url)
    simulated.start_apiserver()
    assert kubectl(simulated, "get", "--raw", "/readyz") == "ok"


def test_a_forgotten_version_is_gone(simulated: RealCluster) -> None:
    kubectl(simulated, "create", "namespace", "forgotten")
    simulated.compact()
    path = "/api/v1/namespaces?resourceVersion=2&resourceVersionMatch=Exact"
    assert "is too old" in kubectl(simulated, "get", "--raw", path, fails=True)
