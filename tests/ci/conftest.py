"""The cluster that pipelines deploy to: an empty one, whose minutes pass in seconds; with --cluster=real a real one, too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import Cluster
from tests.embedded import EmbeddedCluster


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    if request.param == "real":
        yield request.getfixturevalue("real_cluster")
        return
    with EmbeddedCluster("empty", speed=5) as embedded:
        yield embedded
