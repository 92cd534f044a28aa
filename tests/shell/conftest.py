"""A pod to run things in, on each cluster, in a namespace as in the contract suite."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Cluster
from tests.contract.api import Api
from tests.contract.conftest import api, core, namespace
from tests.contract.objects import pod
from tests.shell.x import X

__all__ = ["api", "core", "namespace"]


@pytest.fixture
def shell_pod(cluster: Cluster, api: Api, core: str) -> str:
    api.post(f"{core}/pods", pod("shell", cluster.images["shell"])).ok()
    api.eventually(f"{core}/pods/shell", lambda p: p["status"]["phase"] == "Running")
    return "shell"


@pytest.fixture
def x(shell_pod: str, cluster: Cluster, namespace: str, tmp_path: Path) -> X:
    return X(cluster.kubeconfig, namespace, tmp_path)


@pytest.fixture
def delete(api: Api, core: str) -> Callable[[], None]:
    return lambda: api.delete(f"{core}/pods/shell", {"gracePeriodSeconds": 0}) and None
