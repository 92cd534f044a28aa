"""These tests start real clusters: only when they are asked for (make test-cluster)."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session", autouse=True)
def _asked_for(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("cluster") != "real":
        pytest.skip("a real cluster takes its time: make test-cluster runs this")
