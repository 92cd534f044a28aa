"""Lint as a whole: values, then helm, then the cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lain_tui.core.helm.runner import Helm
from lain_tui.core.helm.sdk import SdkHelm
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.lint.rendered import is_unasked
from lain_tui.core.lint.run import has_errors, lint_app
from lain_tui.core.model.lint import LintSeverity
from lain_tui.core.project.init import init_chart
from lain_tui.core.target import Target
from lain_tui.core.values.layers import read_layers
from tests.chart.conftest import any_helm
from tests.embedded import EmbeddedCluster

__all__ = ["any_helm"]


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    init_chart(tmp_path, "dummy")
    (tmp_path / "cluster.yaml").write_text("registry: registry.example.com\ndomain: example.com\n")
    return tmp_path / "chart"


def add(chart: Path, name: str, text: str) -> None:
    (chart / "templates" / name).write_text(text)


async def test_a_new_chart_passes(chart: Path, any_helm: Helm) -> None:
    values = read_layers(chart, cluster_values=chart.parent / "cluster.yaml")
    assert await lint_app(values, chart, cluster="test", helm=any_helm) == []


async def test_what_only_the_templates_know_is_told_with_template_and_line(
    chart: Path, any_helm: Helm
) -> None:
    findings = await lint_app(read_layers(chart), chart, helm=any_helm)
    assert has_errors(findings)
    assert [finding.rule for finding in findings] == ["render"]
    assert findings[0].file == str(chart / "templates/ingress.yaml")
    assert findings[0].line > 0
    assert "domain" in findings[0].what


async def test_helm_is_not_asked_about_values_that_are_wrong(chart: Path) -> None:
    (chart / "values.yaml").write_text("appname: dummy\nenv: {A: 1}\n")
    add(chart, "broken.yaml", "{{ nonsense")
    findings = await lint_app(read_layers(chart), chart, helm=SdkHelm())
    assert [finding.rule for finding in findings] == ["env-not-text"]


async def test_a_template_that_does_not_parse(chart: Path, any_helm: Helm) -> None:
    add(chart, "broken.yaml", "a: b\n{{ nonsense }}\n")
    values = read_layers(chart, cluster_values=chart.parent / "cluster.yaml")
    findings = await lint_app(values, chart, helm=any_helm)
    assert [(f.rule, Path(f.file).name, f.line) for f in findings] == [("render", "broken.yaml", 2)]


async def test_a_chart_that_renders_nothing(chart: Path, any_helm: Helm) -> None:
    (chart / "values.yaml").write_text("appname: dummy\n")
    findings = await lint_app(read_layers(chart), chart, helm=any_helm)
    assert [finding.rule for finding in findings] == ["empty-chart"]


async def test_objects_of_apis_that_are_gone_are_warned_about(chart: Path) -> None:
    add(chart, "old.yaml", "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: old}\n")
    values = read_layers(chart, cluster_values=chart.parent / "cluster.yaml")
    findings = await lint_app(values, chart, helm=SdkHelm())
    assert [(f.rule, f.severity, Path(f.file).name) for f in findings if f.rule == "old-api"] == [
        ("old-api", LintSeverity.WARNING, "old.yaml")
    ]
    assert "batch/v1 now" in next(f.mend for f in findings if f.rule == "old-api")


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with EmbeddedCluster("empty") as cluster:
        yield Target(namespace="default", cluster="test", kubeconfig=(cluster.kubeconfig,))


async def test_a_cluster_that_is_there_takes_every_object_and_keeps_none(
    chart: Path, any_helm: Helm, target: Target
) -> None:
    from lain_tui.core.kube.resources import DEPLOYMENTS

    values = read_layers(chart, cluster_values=chart.parent / "cluster.yaml")
    async with KubeClient.open(target) as kube:
        assert await lint_app(values, chart, cluster="test", helm=any_helm, kube=kube) == []
        assert await kube.list(DEPLOYMENTS, "default") == []


async def test_what_the_cluster_refuses_is_an_error_at_its_template(
    chart: Path, any_helm: Helm, target: Target
) -> None:
    add(
        chart,
        "odd.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Not_A_Name}\n---\napiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\n",
    )
    values = read_layers(chart, cluster_values=chart.parent / "cluster.yaml")
    async with KubeClient.open(target) as kube:
        findings = await lint_app(values, chart, cluster="test", helm=any_helm, kube=kube)
    told = {finding.what.split(":")[0]: finding for finding in findings if finding.rule == "server"}
    assert set(told) == {"the cluster refuses ConfigMap Not_A_Name", "the cluster refuses Widget w"}
    assert all(finding.file.endswith("templates/odd.yaml") for finding in told.values())
    assert has_errors(findings)


async def test_what_a_deploy_would_take_away_is_no_fault_of_the_chart(
    chart: Path, any_helm: Helm, target: Target
) -> None:
    """The probe that runs there asks by HTTP, the chart's by TCP: helm takes the one away as it sets the other."""
    from lain_tui.core.kube.resources import DEPLOYMENTS

    values = read_layers(chart, cluster_values=chart.parent / "cluster.yaml")
    async with KubeClient.open(target) as kube:
        body = _deployment("dummy-web", {"httpGet": {"path": "/", "port": 5000}})
        await kube.create(DEPLOYMENTS, body, "default")
        try:
            assert await lint_app(values, chart, cluster="test", helm=any_helm, kube=kube) == []
            add(
                chart,
                "odd.yaml",
                json.dumps(_deployment("dummy-web", {"httpGet": {"port": 5}, "tcpSocket": {"port": 5}})),
            )
            found = await lint_app(values, chart, cluster="test", helm=any_helm, kube=kube)
            assert any("may not specify more than 1 handler type" in finding.what for finding in found)
        finally:
            await kube.delete(DEPLOYMENTS, "dummy-web", "default")


def _deployment(name: str, probe: dict[str, Any]) -> dict[str, Any]:
    labels = {
        "app.kubernetes.io/name": "dummy",
        "app.kubernetes.io/instance": name,
        "helm.sh/chart": "dummy",
    }
    container = {"name": "web", "image": "a:1", "readinessProbe": probe}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


async def test_a_cluster_that_does_not_answer_is_a_remark(
    chart: Path, any_helm: Helm, tmp_path: Path
) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(
        "current-context: x\nclusters: [{name: c, cluster: {server: 'http://127.0.0.1:9'}}]\n"
        "users: [{name: u, user: {}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\n"
    )
    values = read_layers(chart, cluster_values=chart.parent / "cluster.yaml")
    away = Target(namespace="default", cluster="test", kubeconfig=(kubeconfig,))
    async with KubeClient.open(away) as kube:
        findings = await lint_app(values, chart, cluster="test", helm=any_helm, kube=kube)
    assert [is_unasked(finding) for finding in findings] == [True]
