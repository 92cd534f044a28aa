"""What every specification here starts from: a namespace of its own, and clients."""

from __future__ import annotations

import os
import subprocess
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import tools
from tests.conftest import Cluster
from tests.contract.api import Api


@pytest.fixture(scope="session")
def api(cluster: Cluster) -> Api:
    return Api(cluster.kubeconfig)


@pytest.fixture
def namespace(api: Api) -> Iterator[str]:
    """A namespace for one test, ready for pods; deleted afterwards with all that is in it."""
    name = f"spec-{uuid.uuid4().hex[:10]}"
    api.post("/api/v1/namespaces", {"metadata": {"name": name}}).ok()
    api.eventually(f"/api/v1/namespaces/{name}/serviceaccounts/default", bool)
    yield name
    api.delete(f"/api/v1/namespaces/{name}")


@pytest.fixture
def core(namespace: str) -> str:
    """The path of the core group in the test's namespace."""
    return f"/api/v1/namespaces/{namespace}"


@pytest.fixture
def apps(namespace: str) -> str:
    return f"/apis/apps/v1/namespaces/{namespace}"


@dataclass(frozen=True)
class Program:
    """A command-line client, bound to a cluster and a namespace."""

    argv: tuple[str, ...]
    env: dict[str, str]

    def start(
        self, *words: str, input: str | None = None, timeout: float = 240
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.argv, *words],
            input=input,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def __call__(self, *words: str, input: str | None = None, timeout: float = 240) -> str:
        """Run it to a good end; returns what it printed."""
        done = self.start(*words, input=input, timeout=timeout)
        assert done.returncode == 0, (
            f"{' '.join(words)} ended with {done.returncode}: {done.stderr}{done.stdout}"
        )
        return done.stdout

    def fails(self, *words: str, input: str | None = None) -> str:
        """Run it to a bad end; returns what it complained of."""
        done = self.start(*words, input=input)
        assert done.returncode != 0, f"{' '.join(words)} succeeded: {done.stdout}"
        return done.stderr

    def open(self, *words: str, within: float = 180) -> Iterator[str]:
        """Start it and leave it running: its lines as they come; it is ended with the iterator, or after a while."""
        process = subprocess.Popen(
            [*self.argv, *words], env=self.env, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
        )
        limit = threading.Timer(within, process.kill)
        limit.start()
        try:
            assert process.stdout is not None
            for line in process.stdout:
                yield line.rstrip("\n")
        finally:
            limit.cancel()
            process.kill()
            process.wait()


@pytest.fixture
def kubectl(cluster: Cluster, namespace: str, tmp_path: Path) -> Program:
    argv = (str(_tool(tools.kubectl)), f"--kubeconfig={cluster.kubeconfig}", f"--namespace={namespace}")
    return Program(argv, _environment(tmp_path))


@pytest.fixture(params=[3, 4], ids=["helm3", "helm4"])
def helm(request: pytest.FixtureRequest, cluster: Cluster, namespace: str, tmp_path: Path) -> Program:
    argv = (
        str(_tool(lambda: tools.helm(request.param))),
        f"--kubeconfig={cluster.kubeconfig}",
        f"-n={namespace}",
    )
    return Program(argv, _environment(tmp_path))


def _tool(find: Callable[[], Path]) -> Path:
    try:
        return find()
    except tools.Unavailable as reason:
        pytest.skip(str(reason))


def _environment(home: Path) -> dict[str, str]:
    """Nothing of the user's: a client keeps its caches and settings under `home`."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "TERM": "dumb", "LANG": "C.UTF-8"}
