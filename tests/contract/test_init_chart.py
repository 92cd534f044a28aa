"""What `init` writes, with every example of its comments in use: helm's linter, and the API server's own dry run."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

from lain_tui.core.helm.sdk import SdkHelm
from lain_tui.core.project.init import Language, init_chart
from tests.chart.conftest import CLUSTER, uncommented
from tests.contract.api import Api
from tests.contract.conftest import Program

# The workflow document's, each over the values that init wrote.
DOCUMENTS: dict[str, dict[str, Any]] = {
    "another command on one cluster": {"deployments": {"web": {"command": ["/lain/app/run.py", "--debug"]}}},
    "env, global and of a proc": {
        "env": {"FOO": "bar"},
        "deployments": {"web": {"env": {"SPAM": "EGG"}}},
    },
    "a secret file mounted": {
        "volumeMounts": [{"mountPath": "/lain/app/deploy/topsecret.txt", "subPath": "topsecret.txt"}],
        "deployments": {
            "web": {
                "volumeMounts": [{"mountPath": "/lain/app/deploy/topsecret.txt", "subPath": "topsecret.txt"}]
            }
        },
    },
    "metrics by annotation": {
        "deployments": {
            "web": {"podAnnotations": {"prometheus.io/scrape": "true", "prometheus.io/port": "9540"}}
        }
    },
}


@pytest.fixture(params=["en", "zh"])
def chart(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    language: Language = request.param
    init_chart(tmp_path, "dummy", language=language)
    return tmp_path / "chart"


def rendered(chart: Path, values: dict[str, Any], namespace: str) -> str:
    whole = {**CLUSTER, "namespace": namespace, **values}
    return asyncio.run(SdkHelm().render(chart, whole, release="dummy", namespace=namespace))


def test_helm_lint_and_the_server_take_every_example(
    kubectl: Program, helm: Program, api: Api, core: str, chart: Path, namespace: str
) -> None:
    text = (chart / "values.yaml").read_text()
    given = chart.parent / "given.yaml"
    given.write_text(yaml.safe_dump({**CLUSTER, **uncommented(text)}))
    assert "0 chart(s) failed" in helm("lint", str(chart), f"--values={given}")
    manifest = rendered(chart, uncommented(text), namespace)
    told = kubectl("apply", "--dry-run=server", "-f", "-", input=manifest)
    kinds = {thing["kind"] for thing in yaml.safe_load_all(manifest) if thing}
    assert len(kinds) >= 10
    assert all("created (server dry run)" in line for line in told.splitlines()), told
    assert len(told.splitlines()) == sum(bool(thing) for thing in yaml.safe_load_all(manifest))
    assert api.get(f"{core}/services").ok()["items"] == [], "nothing stays"


@pytest.mark.parametrize("example", DOCUMENTS)
def test_the_server_takes_the_workflow_documents_examples(
    kubectl: Program, tmp_path: Path, namespace: str, example: str
) -> None:
    init_chart(tmp_path, "dummy")
    values = yaml.safe_load((tmp_path / "chart" / "values.yaml").read_text())
    over = DOCUMENTS[example]
    merged = {
        **values,
        **over,
        "deployments": {"web": {**values["deployments"]["web"], **over["deployments"]["web"]}},
    }
    manifest = rendered(tmp_path / "chart", merged, namespace)
    assert "deployment.apps/dummy-web created (server dry run)" in kubectl(
        "apply", "--dry-run=server", "-f", "-", input=manifest
    )
