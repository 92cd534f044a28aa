"""All rules that need nothing but the values."""

from __future__ import annotations

import difflib
from pathlib import Path

from lain_tui.core.lint.building import check_build
from lain_tui.core.lint.containers import check_env, check_mounts
from lain_tui.core.lint.keys import PROC, TOP_LEVEL
from lain_tui.core.lint.network import check_canary_groups, check_host_aliases, check_ingresses
from lain_tui.core.lint.procs import check_procs
from lain_tui.core.lint.report import Place, Report
from lain_tui.core.model.lint import LintFinding, LintSeverity
from lain_tui.core.project.names import MAX_RELEASE_NAME, RESERVED_NAMES, name_fault
from lain_tui.core.values.layers import Values
from lain_tui.core.values.node import Node


def lint_values(values: Values) -> list[LintFinding]:
    """Everything wrong in the merged values, in the order of files and lines."""
    report = Report()
    first = values.layers[0] if values.layers else None
    top = Place(Node(values.table, first.path if first else Path("values.yaml"), 1))
    release = _check_names(report, top)
    volumes = _volumes(report, top)
    check_env(report, top)
    check_mounts(report, top, volumes)
    check_procs(report, top, volumes, release)
    check_ingresses(report, top)
    check_canary_groups(report, top)
    check_host_aliases(report, top)
    check_build(report, top)
    _check_spelling(report, top)
    findings = report.findings
    if (repeated := values.repeated()) is not None:
        findings.append(_repeated(repeated.where, repeated.what, repeated.hint))
    order = {str(layer.path): place for place, layer in enumerate(values.layers)}
    return sorted(findings, key=lambda finding: (order.get(finding.file, len(order)), finding.line))


def _check_names(report: Report, top: Place) -> str:
    """Check the app's and the release's name; return the release's."""
    name = ""
    for key in ("appname", "releaseName"):
        place = top.get(key)
        if place is None:
            if key == "appname":
                report.missing(top, key, "Every object is named after it.")
        elif report.text(place):
            if fault := name_fault(place.value, longest=MAX_RELEASE_NAME):
                report.error(place, "name", f"it cannot be called so: {fault}")
            name = place.value
    return name


def _volumes(report: Report, top: Place) -> frozenset[str]:
    names = {"secret"}
    volumes, claims = top.get("volumes"), top.get("persistentVolumeClaims")
    if volumes is not None and report.sequence(volumes):
        for volume in volumes.items():
            if not report.table(volume):
                continue
            name = volume.get("name")
            if name is None:
                report.missing(volume, "name")
            elif report.text(name):
                if name.value in names:
                    report.error(name, "name-twice", f"there are two volumes named {name.value}")
                names.add(name.value)
    if claims is not None and report.table(claims):
        names.update(name for name, _ in claims.entries())
    return frozenset(names)


def _check_spelling(report: Report, top: Place) -> None:
    """Unknown keys are allowed; one that is nearly a known key is probably meant to be it."""
    _spelling(report, top, TOP_LEVEL)
    for kind in ("deployments", "statefulSets", "cronjobs", "jobs", "tests"):
        procs = top.get(kind)
        for _, proc in procs.entries() if procs is not None else ():
            _spelling(report, proc, PROC)


def _spelling(report: Report, place: Place, known: frozenset[str]) -> None:
    for key, entry in place.entries():
        if key not in known and key not in RESERVED_NAMES:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.86)
            if near:
                report.warning(entry, "spelling", f"{key} is not known", f"{near[0]} is: was that meant?")


def _repeated(where: str, what: str, mend: str) -> LintFinding:
    place, _, key = where.partition(": ")
    file, _, line = place.rpartition(":")
    return LintFinding(
        rule="repeated",
        severity=LintSeverity.ERROR,
        what=what,
        mend=mend,
        file=file,
        line=int(line) if line.isdigit() else 0,
        key=key,
    )
