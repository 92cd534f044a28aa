"""Holders as the API has them, and a cluster to change them on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from secrets import token_hex
from typing import Any

import pytest

from lain_tui.core.kube.client import KubeClient
from lain_tui.core.model.holder import Holder, Ref
from lain_tui.core.secrets.holders import read_holder
from lain_tui.core.target import Target
from tests.embedded import EmbeddedCluster

ENV = Ref(name="dummy-env", namespace="default")
CANARY = "canary-7f3a9e-value"
"""A value that must be seen nowhere but where it was asked for."""


def holder(data: dict[str, bytes] | None = None, ref: Ref = ENV, **more: Any) -> Holder:
    return Holder(ref=ref, data=data or {}, version="1", **more)


@pytest.fixture(scope="module")
def cluster_of_module() -> Iterator[EmbeddedCluster]:
    """The demo, ten times as fast; the tests of a module share it."""
    with EmbeddedCluster(speed=10) as cluster:
        yield cluster


@pytest.fixture
def living(cluster_of_module: EmbeddedCluster) -> Iterator[EmbeddedCluster]:
    yield cluster_of_module
    cluster_of_module.clear_faults()


@pytest.fixture
def on(living: EmbeddedCluster) -> Callable[..., Target]:
    def make(app: str = "dummy", **more: object) -> Target:
        known = {"namespace": "default", "cluster": "demo", "app": app, "release": app}
        return Target(**{**known, "kubeconfig": (living.kubeconfig,), **more})  # type: ignore[arg-type]

    return make


@pytest.fixture
async def kube(on: Callable[..., Target]) -> AsyncIterator[KubeClient]:
    async with KubeClient.open(on()) as client:
        yield client


Make = Callable[..., Any]


@pytest.fixture
def fresh(kube: KubeClient) -> Make:
    """Make a Secret or ConfigMap of one's own, and read it."""
    count = 0

    async def make(data: dict[str, bytes], **body: Any) -> Holder:
        nonlocal count
        count += 1
        from lain_tui.core.secrets.codec import encode_whole

        kind = body.pop("kind", "Secret")
        name = f"own-{count}-{token_hex(4)}"
        plural = "secrets" if kind == "Secret" else "configmaps"
        whole = {
            "apiVersion": "v1", "kind": kind, "metadata": {"name": name}, **encode_whole(kind, data), **body,
        }  # fmt: skip
        await kube.request("POST", f"/api/v1/namespaces/default/{plural}", body=whole)
        return await read_holder(kube, Ref(kind=kind, name=name, namespace="default"))

    return make
