"""Rules on procs: deployments, statefulSets, cronjobs, jobs and tests."""

from __future__ import annotations

from lain_tui.core.lint.containers import (
    check_command,
    check_env,
    check_init_containers,
    check_mounts,
    check_resources,
)
from lain_tui.core.lint.cron import schedule_fault
from lain_tui.core.lint.report import Place, Report
from lain_tui.core.project.names import name_fault

LASTING = ("deployments", "statefulSets")
KINDS = (*LASTING, "cronjobs", "jobs", "tests")
NODE_PORTS = range(30000, 32768)
"""What the API server hands out unless it was told otherwise."""
LONGEST_CRONJOB_NAME = 52
"""A Job made from it adds eleven characters to the name."""


def check_procs(report: Report, values: Place, volumes: frozenset[str], release: str) -> None:
    """Every proc, and what two procs cannot share."""
    names: dict[str, str] = {}
    ports: dict[int, str] = {}
    for kind in KINDS:
        procs = values.get(kind)
        if procs is None or not report.table(procs):
            continue
        for name, proc in procs.entries():
            if proc.value is None:
                continue
            _check_name(report, proc, name, kind, release)
            if name in names:
                what = f"{name} is also the name of one of {names[name]}, and both would be called {release}-{name}"
                report.error(proc, "name-twice", what, "Rename one of the two.")
            names.setdefault(name, kind)
            if not report.table(proc):
                continue
            _check_common(report, proc, kind, volumes)
            if kind in LASTING:
                _check_lasting(report, proc)
                _check_ports(report, proc, name, ports)
            elif kind == "cronjobs":
                _check_cronjob(report, proc)


def _check_name(report: Report, proc: Place, name: str, kind: str, release: str) -> None:
    whole = LONGEST_CRONJOB_NAME if kind == "cronjobs" else 63
    if fault := name_fault(name, longest=max(1, whole - len(release) - 1)):
        report.error(proc, "name", f"it cannot be called so: {fault}")


def _check_common(report: Report, proc: Place, kind: str, volumes: frozenset[str]) -> None:
    check_env(report, proc)
    check_command(report, proc, required=True)
    check_resources(report, proc, required=kind in LASTING)
    check_mounts(report, proc, volumes)
    check_init_containers(report, proc, volumes)
    for key in ("image", "imageTag", "workingDir", "serviceAccountName"):
        report.text(proc.get(key))
    for key in (
        "podAnnotations",
        "podSecurityContext",
        "affinity",
        "strategy",
        "updateStrategy",
        "annotations",
    ):
        report.table(proc.get(key))
    for key in (
        "terminationGracePeriodSeconds",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
    ):
        report.whole(proc.get(key))
    report.texts(proc.get("nodes"))
    policy = proc.get("imagePullPolicy")
    if policy is not None and policy.value not in {"Always", "IfNotPresent", "Never"}:
        report.error(policy, "type", "imagePullPolicy must be Always, IfNotPresent or Never")


def _check_lasting(report: Report, proc: Place) -> None:
    replicas = proc.get("replicaCount")
    if replicas is None:
        report.missing(proc, "replicaCount", "Such as replicaCount: 1.")
    elif report.whole(replicas) and replicas.value < 0:
        report.error(replicas, "type", "replicaCount cannot be below 0")
    for key in ("readinessProbe", "livenessProbe", "startupProbe"):
        report.table(proc.get(key))
    if proc.get("containerPort") is not None and proc.get("readinessProbe") is None:
        what = "it has a port and no readinessProbe: a deploy sends requests to it before it can answer"
        report.warning(proc, "no-readiness", what, "Add a readinessProbe.")
    _check_hpa(report, proc, replicas)


def _check_hpa(report: Report, proc: Place, replicas: Place | None) -> None:
    hpa = proc.get("hpa")
    if hpa is None or not report.table(hpa):
        return
    old = hpa.get("targetCPUUtilizationPercentage")
    if old is not None:
        what = "targetCPUUtilizationPercentage is of an API that is gone"
        report.error(old, "hpa", what, "Use hpa.metrics, or leave it out for 80 %.")
    most = hpa.get("maxReplicas")
    if most is None:
        report.missing(hpa, "maxReplicas")
    elif report.whole(most):
        least = replicas.value if replicas is not None and isinstance(replicas.value, int) else 1
        if most.value < least:
            report.error(most, "hpa", f"maxReplicas {most.value} is below replicaCount {least}")
    report.sequence(hpa.get("metrics"))
    report.table(hpa.get("behavior"))


def _check_ports(report: Report, proc: Place, name: str, taken: dict[int, str]) -> None:
    port = proc.get("containerPort")
    if port is not None and report.whole(port) and not 1 <= port.value <= 65535:
        report.error(port, "port", f"{port.value} is no port: 1 to 65535 are")
    port = proc.get("nodePort")
    if port is None or not report.whole(port):
        return
    if port.value not in NODE_PORTS:
        what = f"nodePort {port.value} is outside {NODE_PORTS.start} to {NODE_PORTS.stop - 1}"
        report.error(port, "node-port", what, "Kubernetes hands out only those.")
    elif port.value in taken:
        report.error(port, "node-port", f"nodePort {port.value} is {taken[port.value]}'s already")
    taken.setdefault(port.value, name)


def _check_cronjob(report: Report, proc: Place) -> None:
    schedule = proc.get("schedule")
    if schedule is None:
        report.missing(proc, "schedule", 'Such as schedule: "0 17 * * *".')
    elif report.text(schedule) and (fault := schedule_fault(schedule.value)):
        report.error(schedule, "cron-schedule", f"{schedule.value!r} is no schedule: {fault}")
    policy = proc.get("concurrencyPolicy")
    if policy is not None and policy.value not in {"Allow", "Forbid", "Replace"}:
        report.error(policy, "type", "concurrencyPolicy must be Allow, Forbid or Replace")
    for key in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit", "startingDeadlineSeconds"):
        report.whole(proc.get(key))
