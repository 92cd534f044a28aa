"""The whole of lint: the values, then helm, then the cluster; each only when the one before left it a chance."""

from __future__ import annotations

from pathlib import Path

from lain_tui.core.helm.given import given_values, release_name
from lain_tui.core.helm.runner import Helm
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.lint.rendered import lint_on_server, lint_rendered
from lain_tui.core.lint.static import lint_values
from lain_tui.core.model.lint import LintFinding, LintSeverity
from lain_tui.core.values.layers import Values


async def lint_app(
    values: Values,
    chart: Path,
    *,
    cluster: str = "",
    namespace: str = "default",
    helm: Helm | None = None,
    kube: KubeClient | None = None,
) -> list[LintFinding]:
    """Everything that can be said against this chart with these values, worst place first within a file.

    Without `helm` only the values are looked at; without `kube` no cluster is asked.
    """
    findings = lint_values(values)
    if helm is None or has_errors(findings):
        return findings
    given = given_values(
        values, **{key: text for key, text in (("cluster", cluster), ("namespace", namespace)) if text}
    )
    said, objects = await lint_rendered(
        helm, chart, given, release=release_name(values) or "app", namespace=namespace
    )
    findings += said
    if kube is not None and not has_errors(findings):
        findings += await lint_on_server(kube, chart, objects, namespace=namespace)
    return findings


def has_errors(findings: list[LintFinding]) -> bool:
    """Whether lint fails; warnings alone do not fail it."""
    return any(finding.severity is LintSeverity.ERROR for finding in findings)
