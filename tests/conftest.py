"""Which cluster the tests run against.

The contract suite runs on the embedded cluster; with `--cluster=real` on the embedded one and on a real one, so
that a difference between them shows as one test that passes and one that fails.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from tests.cluster.real import RealCluster

pytest_plugins = ["tests.snapshots"]

# What a shell starts in the background ignores SIGINT, and so would every program that the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes, or takes to be made up, is a matter of what else this machine is at.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


class Cluster(Protocol):
    """What both clusters offer to a test."""

    @property
    def kind(self) -> str:
        """`embedded` or `real`."""

    @property
    def url(self) -> str: ...

    @property
    def kubeconfig(self) -> Path:
        """An administrator's; its namespace is `default`."""

    @property
    def images(self) -> Mapping[str, str]:
        """Image references by what they do: see `tests/contract/test_programs.py`."""

    def compact(self) -> None:
        """Forget the versions before now: to watch from one of them is 410 Gone."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--cluster",
        choices=("embedded", "real", "real-alone"),
        default="embedded",
        help="real: run the contract suite on a real Kubernetes control plane and node as well; real-alone: on it alone",
    )
    parser.addoption(
        "--update-snapshots", action="store_true", help="draw the pictures in snapshots/ again, and keep them"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "cluster" in metafunc.fixturenames:
        kinds = {"real": ["embedded", "real"], "real-alone": ["real"]}.get(
            metafunc.config.getoption("cluster"), ["embedded"]
        )
        metafunc.parametrize("cluster", kinds, indirect=True, scope="session")


@pytest.fixture(scope="session")
def embedded_cluster() -> Iterator[Cluster]:
    from tests.embedded import EmbeddedCluster

    with EmbeddedCluster() as embedded:
        yield embedded


@pytest.fixture(scope="session")
def real_cluster() -> Iterator[RealCluster]:
    """Skipped where a real one cannot run at all; one that should run and does not is a failure."""
    from tests.cluster.real import RealCluster

    if (reason := RealCluster.available()) is not None:
        pytest.skip(f"no real cluster: {reason}")
    with RealCluster() as real:
        yield real


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Cluster:
    """A running cluster. Both stay up for the whole session, whichever the next test asks for."""
    chosen: Cluster = request.getfixturevalue(f"{request.param}_cluster")
    return chosen
