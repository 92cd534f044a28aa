"""What each proc of an app uses, from Prometheus or else the metrics API, and the advice that follows."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any

from lain_tui.core.config.names import known_names
from lain_tui.core.errors import LainError
from lain_tui.core.insight.advice import Asked, advise, measured_cpu, measured_memory, percentile
from lain_tui.core.insight.prometheus import Point, Prometheus
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import KubeError
from lain_tui.core.kube.resources import POD_METRICS
from lain_tui.core.model.advice import ProcAdvice, Report
from lain_tui.core.model.quantity import millicores, parse_quantity
from lain_tui.core.model.text import spell
from lain_tui.core.target import Target
from lain_tui.core.values.layers import Values

RANGE = "7d"
"""The window when the values' prometheus_query_range says no other."""
_GROUPS = {
    "deployments": "[a-z0-9]{5,10}-[a-z0-9]{5}",
    "statefulSets": "[0-9]+",
    "cronjobs": "[0-9]+-[a-z0-9]{5}",
}
"""Where procs stand in the values, and how the names of their pods go on behind the proc's."""
_WHOLE = 0.9
"""The share of the window from which samples are taken for all of it."""
_POINTS = 500
"""Samples of a window at the most."""

_PODS = 'namespace="{namespace}",pod=~"{release}-{proc_name}-{suffix}"'
_CONTAINERS = _PODS + ',container!="",container!="POD"'
CPU = "1000 * sum by (pod) (rate(container_cpu_usage_seconds_total{{" + _CONTAINERS + "}}[5m]))"
"""Millicores of each pod, as cAdvisor counts."""
MEMORY_QUANTILE = (
    "max(quantile_over_time(0.95, container_memory_working_set_bytes{{" + _CONTAINERS + "}}[{range}]))"
)
_MEMORY = "sum by (pod) (container_memory_working_set_bytes{{" + _CONTAINERS + "}})"
_OOM = "sum(increase(container_oom_events_total{{" + _PODS + "}}[{range}]))"
_THROTTLED = (
    "sum(increase(container_cpu_cfs_throttled_periods_total{{" + _CONTAINERS + "}}[{range}]))"
    " / sum(increase(container_cpu_cfs_periods_total{{" + _CONTAINERS + "}}[{range}]))"
)


_UNKNOWN = (
    "It has no sample of any of them: it may watch another cluster, or call its series otherwise. "
    "pql_template in the cluster's values says what is asked."
)


async def report(kube: KubeClient, target: Target, values: Values, procs: Sequence[str] = ()) -> Report:
    """The advice on the procs named, or all. Raises LainError when nothing can be measured."""
    asked = asked_for(values, procs)
    if not asked:
        raise LainError("the values name no proc to advise on", hint="Procs stand under deployments.")
    # As the files have it now: whoever mends the address measures again.
    url = str(values.get("prometheus") or target.setting("prometheus"))
    if url:
        window = str(values.get("prometheus_query_range") or RANGE)
        async with Prometheus(url) as prometheus:
            templates = values.get("pql_template") or target.settings.get("pql_template")
            given = templates if isinstance(templates, dict) else {}
            found = [await _ask(prometheus, target, each, window, given) for each in asked]
        back = max(seconds for _, seconds in found)
        source = f"Prometheus, the last {window}"
        if 0 < back < _WHOLE * window_seconds(window):
            source += f", of which it has {spell(back)}"
        return Report(procs=tuple(proc for proc, _ in found), source=source, weak="" if back else _UNKNOWN)
    return await _from_metrics_api(kube, target, asked)


def asked_for(values: Values, procs: Sequence[str] = ()) -> list[Asked]:
    """What the procs' values ask for. Raises LainError for a proc that is not there."""
    found = []
    for group in _GROUPS:
        table = values.get(group)
        for proc, spec in table.items() if isinstance(table, dict) else ():
            if isinstance(spec, dict) and (not procs or proc in procs):
                found.append(_asked(group, str(proc), spec))
    missing = sorted(set(procs) - {each.proc for each in found})
    if missing:
        procs = [each.proc for each in asked_for(values)]
        raise LainError(
            f"the values have no proc {missing[0]}", hint=known_names(missing[0], procs, noun="procs")
        )
    return found


def _asked(group: str, proc: str, spec: dict[str, Any]) -> Asked:
    resources = spec.get("resources") if isinstance(spec.get("resources"), dict) else {}
    assert isinstance(resources, dict)

    def quantity(bound: str, resource: str) -> str:
        part = resources.get(bound)
        value = part.get(resource) if isinstance(part, dict) else None
        return "" if value is None else str(value)

    replicas = spec.get("replicaCount")
    return Asked(
        proc=proc,
        group=group,
        pods=replicas if isinstance(replicas, int) else 1,
        cpu_request=quantity("requests", "cpu"),
        cpu_limit=quantity("limits", "cpu"),
        memory_request=quantity("requests", "memory"),
        memory_limit=quantity("limits", "memory"),
    )


async def _ask(
    prometheus: Prometheus, target: Target, asked: Asked, window: str, given: dict[str, Any]
) -> tuple[ProcAdvice, float]:
    """The advice on a proc, and how many seconds its samples go back; 0 without any."""
    names = {
        "appname": target.app, "proc_name": asked.proc, "range": window, "release": target.release,
        "namespace": target.namespace, "suffix": _GROUPS[asked.group],
    }  # fmt: skip
    seconds = window_seconds(window)
    end = time.time()
    step = max(30.0, seconds / _POINTS)

    async def series(template: str) -> list[list[Point]]:
        return await prometheus.range(_filled(template, names), start=end - seconds, end=end, step=step)

    async def number(template: str) -> float | None:
        return max(await prometheus.instant(_filled(template, names)), default=None)

    cpu_series = await series(str(given.get("cpu") or CPU))
    cpu = measured_cpu(_pooled(cpu_series))
    memory_top = await number(str(given.get("memory_quantile") or MEMORY_QUANTILE))
    memory_series = await series(_MEMORY)
    memory = measured_memory(memory_top, _pooled(memory_series))
    oldest = min((at for each in (*cpu_series, *memory_series) for at, _ in each), default=end)
    oom, throttled = await number(_OOM), await number(_THROTTLED)
    advice = ProcAdvice(
        proc=asked.proc,
        cpu=cpu,
        memory=memory,
        advice=advise(asked, cpu, memory),
        oom_kills=round(oom or 0),
        throttled=throttled,
    )
    return advice, end - oldest


def _pooled(series: list[list[Point]]) -> list[float]:
    """The values of all pods in the order of time."""
    return [value for _, value in sorted(point for each in series for point in each)]


def _filled(template: str, names: dict[str, str]) -> str:
    try:
        return template.format(**names)
    except (KeyError, IndexError, ValueError) as error:
        raise LainError(
            f"a query cannot be filled in: {error}",
            where="pql_template",
            hint=f"It may name {', '.join(names)} in braces; braces of PromQL's own are doubled.",
        ) from None


def window_seconds(window: str) -> float:
    """Prometheus' durations: `7d`, `1h30m`. Raises LainError for others."""
    units = {"w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1}
    if not re.fullmatch(r"(\d+[wdhms])+", window):
        raise LainError(f"{window!r} is no range", where="prometheus_query_range", hint="Such as 7d or 12h.")
    return float(sum(int(amount) * units[unit] for amount, unit in re.findall(r"(\d+)([wdhms])", window)))


async def _from_metrics_api(kube: KubeClient, target: Target, asked: list[Asked]) -> Report:
    try:
        measured = await kube.list(
            POD_METRICS, target.namespace, selector=f"app.kubernetes.io/name={target.app}"
        )
    except KubeError as error:
        raise LainError(
            f"nothing measures the app: the cluster's values name no prometheus, and {error.what}",
            where=str(target.settings_file or ""),
            hint="Name it: prometheus: http://…",
        ) from None
    found = []
    for each in asked:
        instance = f"{target.release}-{each.proc}"
        pods = [pod for pod in measured if pod.metadata.label("app.kubernetes.io/instance") == instance]
        cpu = [_sum(pod, "cpu") for pod in pods]
        memory = [_sum(pod, "memory") for pod in pods]
        used = measured_cpu(cpu)
        taken = measured_memory(percentile(memory) if memory else None, memory)
        found.append(ProcAdvice(proc=each.proc, cpu=used, memory=taken, advice=advise(each, used, taken)))
    return Report(
        procs=tuple(found),
        source="metrics API, now",
        weak="One reading of each pod, of this minute: no peak, no night, no week is in it. "
        "The cluster's values name no prometheus.",
    )


def _sum(pod: Any, resource: str) -> float:
    parse = millicores if resource == "cpu" else parse_quantity
    return sum(parse(each.usage.get(resource, "0")) for each in pod.containers or ())
