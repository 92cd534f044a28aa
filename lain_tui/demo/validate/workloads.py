"""What deployments, stateful sets, jobs and their like may not say."""

from __future__ import annotations

from collections.abc import Iterator

from ..kinds import DEPLOYMENT, Kind
from ..selectors import of_selector
from .causes import (
    Cause,
    Obj,
    forbidden,
    invalid,
    labels,
    not_negative,
    one_of,
    required,
    share,
    unsupported,
)
from .pods import pod_spec
from .schedule import complaint, unknown_zone

_JOB_NUMBERS = (
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
)


def workload(kind: Kind, spec: Obj) -> Iterator[Cause]:
    """Check a deployment, or what is like one."""
    selector, template = spec.get("selector"), spec.get("template") or {}
    chosen = (template.get("metadata") or {}).get("labels") or {}
    yield from not_negative(spec, "spec", ("replicas",))
    if not selector:
        yield required("spec.selector")
    elif not of_selector(selector)({"metadata": {"labels": chosen}}):
        yield invalid("spec.template.metadata.labels", chosen, "`selector` does not match template `labels`")
    pod = template.get("spec") or {}
    yield from labels("spec.template.labels", chosen)
    yield from pod_spec(pod, "spec.template.spec")
    if pod.get("restartPolicy", "Always") != "Always":
        yield unsupported("spec.template.spec.restartPolicy", pod["restartPolicy"], ["Always"])
    if kind is DEPLOYMENT:
        yield from _strategy(spec.get("strategy") or {}, "spec.strategy")
    yield from not_negative(spec, "spec", ("revisionHistoryLimit", "minReadySeconds"))
    deadline = spec.get("progressDeadlineSeconds")
    if deadline is not None and deadline <= spec.get("minReadySeconds", 0):
        yield invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")


def _strategy(strategy: Obj, path: str) -> Iterator[Cause]:
    rolling = strategy.get("rollingUpdate")
    if strategy.get("type") == "Recreate":
        if rolling is not None:
            why = "may not be specified when strategy `type` is 'Recreate'"
            yield forbidden(f"{path}.rollingUpdate", why)
    elif strategy.get("type") != "RollingUpdate":
        told = {"Type": strategy.get("type"), "RollingUpdate": rolling}
        yield unsupported(path, told, ["Recreate", "RollingUpdate"])
    else:
        bounds = {name: (rolling or {}).get(name, 0) for name in ("maxUnavailable", "maxSurge")}
        for name, given in bounds.items():
            yield from share(f"{path}.rollingUpdate.{name}", given)
        if all(given in (0, "0%") for given in bounds.values()):
            why = "may not be 0 when `maxSurge` is 0"
            yield invalid(f"{path}.rollingUpdate.maxUnavailable", bounds["maxUnavailable"], why)


def job(spec: Obj, path: str) -> Iterator[Cause]:
    template = spec.get("template") or {}
    pod = template.get("spec") or {}
    yield from not_negative(spec, path, _JOB_NUMBERS)
    yield from labels(f"{path}.template.labels", (template.get("metadata") or {}).get("labels") or {})
    yield from pod_spec(pod, f"{path}.template.spec")
    if pod.get("restartPolicy") == "Always":
        yield required(f"{path}.template.spec.restartPolicy", 'valid values: "OnFailure", "Never"')


def cron_job(name: str, spec: Obj) -> Iterator[Cause]:
    schedule, zone = str(spec.get("schedule", "")), spec.get("timeZone")
    if not schedule:
        yield required("spec.schedule")
    elif why := complaint(schedule):
        yield invalid("spec.schedule", schedule, why)
    if zone is not None and (why := unknown_zone(zone)):
        yield invalid("spec.timeZone", zone, why)
    yield from one_of(
        "spec.concurrencyPolicy", spec.get("concurrencyPolicy", "Allow"), ["Allow", "Forbid", "Replace"]
    )
    yield from not_negative(spec, "spec", ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"))
    yield from job((spec.get("jobTemplate") or {}).get("spec") or {}, "spec.jobTemplate.spec")
    if len(name) > 52:
        yield invalid("metadata.name", name, "must be no more than 52 characters")
