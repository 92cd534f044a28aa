"""What helm, and the cluster, say of the chart with these values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lain_tui.core.errors import LainError
from lain_tui.core.helm.crds import apart, defined, is_of
from lain_tui.core.helm.objects import Rendered, split_manifest
from lain_tui.core.helm.runner import Helm
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import ApiAbsent, Forbidden, Invalid, KubeError, Unauthorized, Unreachable
from lain_tui.core.kube.resources import Kind
from lain_tui.core.model.lint import LintFinding, LintSeverity

_TODAY = {
    "CronJob": "batch/v1",
    "Deployment": "apps/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "Ingress": "networking.k8s.io/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "PodDisruptionBudget": "policy/v1",
    "StatefulSet": "apps/v1",
}
_LEFT_OVER = ("may not specify more than 1 ", "may not be specified when ")
"""How the API server words that two fields exclude each other."""
_RENEW = "lain-tui init --template-only renews the templates."
_GONE = re.compile(
    r"extensions/v1beta1|(apps|batch|autoscaling|networking\.k8s\.io|policy)/v\d+(alpha|beta)\d+"
)


async def lint_rendered(
    helm: Helm, chart: Path, given: Mapping[str, Any], *, release: str, namespace: str
) -> tuple[list[LintFinding], list[Rendered]]:
    """The rendered objects, those of `crds/` too, which must exist and be of today's APIs, and `helm lint`.

    A chart that does not render is told of by that alone: helm's linter says the same in more words. What helm warns of
    on the way is a finding, too.
    """
    words: dict[str, None] = {}

    def hear(word: str) -> None:
        words[word] = None

    try:
        objects = split_manifest(
            await helm.render(chart, given, release=release, namespace=namespace, crds=True, on_word=hear)
        )
    except LainError as error:
        file, _, line = error.where.rpartition(":")
        at = (file, int(line)) if line.isdigit() else (error.where or str(chart), 0)
        finding = LintFinding(
            rule="render",
            severity=LintSeverity.ERROR,
            what=error.what,
            mend=error.hint,
            file=at[0],
            line=at[1],
        )
        return [finding], []
    findings = [
        LintFinding(
            rule="helm",
            severity=LintSeverity.ERROR if message.severity == "error" else LintSeverity.WARNING,
            what=message.text,
            file=str(chart / message.path),
        )
        for message in await helm.lint(chart, given, namespace=namespace, on_word=hear)
        if message.severity != "info"
    ]
    findings += [
        LintFinding(rule="helm", severity=LintSeverity.WARNING, what=word, file=str(chart)) for word in words
    ]
    if not apart(objects)[0]:
        findings.append(
            LintFinding(
                rule="empty-chart",
                severity=LintSeverity.ERROR,
                what="the chart renders no objects",
                mend="Are there deployments in values.yaml? lain-tui init --template-only brings the templates back.",
                file=str(chart),
            )
        )
    findings.extend(_old_apis(chart, objects))
    return findings, objects


def _old_apis(chart: Path, objects: list[Rendered]) -> list[LintFinding]:
    return [
        LintFinding(
            rule="old-api",
            severity=LintSeverity.WARNING,
            what=f"{thing.kind} {thing.name} is written in {thing.api_version}, which newer clusters do not know",
            mend=f"It is {_TODAY.get(thing.kind, 'another')} now. {_RENEW}",
            file=str(chart / thing.source),
        )
        for thing in objects
        if _GONE.fullmatch(thing.api_version)
    ]


async def lint_on_server(
    kube: KubeClient, chart: Path, objects: list[Rendered], *, namespace: str
) -> list[LintFinding]:
    """Ask the cluster to take each object without keeping it; a cluster that cannot be asked is one warning."""
    findings = []
    own, crds = apart(objects)
    custom = defined(crds)
    for thing in own:
        try:
            await dry_run(kube, thing, namespace)
        except (Unreachable, Unauthorized) as error:
            findings.append(
                _server(chart, LintSeverity.WARNING, f"the cluster was not asked: {error.what}", error.hint)
            )
            break
        except Forbidden as error:
            findings.append(
                _server(chart, LintSeverity.WARNING, f"the cluster was not asked: {error.what}", error.hint)
            )
        except (KubeError, LookupError) as error:
            if is_of(thing, custom) and isinstance(error, ApiAbsent | LookupError):
                continue  # a first deploy makes its kind, and then it
            what = error.what if isinstance(error, KubeError) else str(error)
            hint = (
                "lain-tui init --template-only renews the templates." if isinstance(error, ApiAbsent) else ""
            )
            told = f"the cluster refuses {thing.kind} {thing.name}: {what}"
            findings.append(_server(chart / thing.source, LintSeverity.ERROR, told, hint))
    return findings


def is_unasked(finding: LintFinding) -> bool:
    """Whether it only says that the cluster was not asked."""
    return finding.rule == "server" and finding.severity is LintSeverity.WARNING


async def dry_run(kube: KubeClient, thing: Rendered, namespace: str) -> None:
    """Let the API server take an object without keeping it; raises KubeError, and LookupError for an unknown kind."""
    kind = await kube.kind_of(thing.api_version, thing.kind)
    place = namespace if kind.namespaced else ""
    if thing.kind == "Job" or "helm.sh/hook" in thing.annotations:
        # Deploy deletes these first: what is there now does not count.
        return await _create(kube, kind, thing, place)
    try:
        await kube.patch(kind, thing.name, thing.body, place, type="apply", force=True, dry_run=True)
    except Invalid as error:
        # Applying leaves what others set; helm takes away what it set before, such as the probe's other handler.
        if not any(sign in error.what for sign in _LEFT_OVER):
            raise
        await _create(kube, kind, thing, place)


async def _create(kube: KubeClient, kind: Kind[Any], thing: Rendered, place: str) -> None:
    """Ask as if nothing of that name were there."""
    metadata = {key: value for key, value in thing.body["metadata"].items() if key != "name"}
    metadata["generateName"] = f"{thing.name}-"
    await kube.create(kind, {**thing.body, "metadata": metadata}, place, dry_run=True)


def _server(file: Path, severity: LintSeverity, what: str, mend: str) -> LintFinding:
    return LintFinding(rule="server", severity=severity, what=what, mend=mend, file=str(file))
