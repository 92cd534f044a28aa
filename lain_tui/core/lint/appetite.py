"""Resource advice as findings: the values that lain's rules would change, with file and line."""

from __future__ import annotations

from lain_tui.core.errors import LainError
from lain_tui.core.insight.appetite import report
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.model.lint import LintFinding, LintSeverity
from lain_tui.core.target import Target
from lain_tui.core.values.layers import Values

RULE = "resources-advice"


async def lint_resources(kube: KubeClient, target: Target, values: Values) -> list[LintFinding]:
    """Warnings for what Prometheus has seen; nothing where the cluster names none, for one reading is too little.

    A Prometheus that cannot be asked is a warning, too.
    """
    if not target.setting("prometheus") or not target.app:
        return []
    try:
        found = await report(kube, target, values)
    except LainError as error:
        what = f"no advice on resources: {error.what}"
        return [
            LintFinding(
                rule=RULE, severity=LintSeverity.WARNING, what=what, mend=error.hint, file=error.where
            )
        ]
    findings = []
    for proc in found.procs:
        for each in proc.advice:
            origin = values.origin(*each.keys)
            findings.append(
                LintFinding(
                    rule=RULE,
                    severity=LintSeverity.WARNING,
                    what=f"{each.present}: {each.rule}",
                    mend=f"Write {each.advised}: {each.meaning}.",
                    file=str(origin.file) if origin is not None else "",
                    line=origin.line if origin is not None else 0,
                    key=".".join(each.keys),
                )
            )
    return findings
