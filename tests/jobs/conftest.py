"""One living cluster for the whole module, ten times as fast; each test's jobs have names of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.embedded import EmbeddedCluster
from tests.operations.conftest import kube, on

__all__ = ["kube", "on"]


@pytest.fixture(scope="module")
def living() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster(speed=10) as cluster:
        yield cluster
