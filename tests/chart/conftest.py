"""A chart as `init` writes it, and its objects as helm renders them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from lain_tui.core.helm.binary import BinaryHelm
from lain_tui.core.helm.runner import Helm
from lain_tui.core.helm.sdk import SdkHelm
from lain_tui.core.project.init import init_chart
from tests.tools import Unavailable, helm

CLUSTER = {
    "registry": "registry.example.com/team",
    "domain": "example.com",
    "cluster": "test",
    "namespace": "prod",
    "imageTag": "1619925143-97f3d5f810a61823de72ea0a6f3fdd06f9f3cce9",
}
"""What a cluster's values and a deploy add."""

RESOURCES = {"requests": {"cpu": "10m", "memory": "80Mi"}, "limits": {"cpu": "1000m", "memory": "80Mi"}}

Objects = dict[tuple[str, str], Any]
Render = Callable[..., Awaitable[Objects]]


def uncommented(values: str) -> dict[str, Any]:
    """A values file with every example in use: a single # before a line marks an example."""
    whole: dict[str, Any] = yaml.safe_load(re.sub(r"(?m)^(\s*)# (?!#)", r"\1", values))
    return whole


def by_name(manifest: str, versions: tuple[str, ...] = ("1.37",)) -> Objects:
    """A manifest's objects by kind and name, each of them valid in those versions of Kubernetes."""
    objects: Objects = {}
    for thing in yaml.safe_load_all(manifest):
        if thing:
            for version in versions:
                kubernetes_validate.validate(thing, version, strict=True)
            key = thing["kind"], thing["metadata"]["name"]
            assert key not in objects, f"two objects are called {key}"
            objects[key] = thing
    return objects


@pytest.fixture(scope="session")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("dummy")
    init_chart(root, "dummy")
    return root / "chart"


@pytest.fixture(scope="session")
def bare_chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same templates under values that a test gives whole."""
    root = tmp_path_factory.mktemp("bare")
    init_chart(root, "dummy")
    (root / "chart" / "values.yaml").write_text("appname: dummy\n")
    return root / "chart"


@pytest.fixture
def render(bare_chart: Path) -> Render:
    async def render(
        values: Mapping[str, Any], release: str = "dummy", cluster: Mapping[str, Any] = CLUSTER
    ) -> Objects:
        return by_name(
            await SdkHelm().render(bare_chart, {**cluster, **values}, release=release, namespace="prod")
        )

    return render


@pytest.fixture(params=["library", 3, 4])
async def any_helm(request: pytest.FixtureRequest) -> Helm:
    """Each way of running helm."""
    if request.param == "library":
        return SdkHelm()
    try:
        return await BinaryHelm.open(helm(request.param))
    except Unavailable as reason:
        pytest.skip(str(reason))
