"""Findings on an app's pods and procs, from what the watches bring and what is fetched for the one looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any, NamedTuple

import msgspec

from lain_tui.core.kube.change import Change
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.metrics import Metrics
from lain_tui.core.kube.resources import (
    CRONJOBS,
    DAEMONSETS,
    DEPLOYMENTS,
    HPAS,
    JOBS,
    PODS,
    REPLICASETS,
    STATEFULSETS,
    Kind,
)
from lain_tui.core.model.cluster import Event
from lain_tui.core.model.finding import Finding
from lain_tui.core.model.meta import KubeObject
from lain_tui.core.model.pod import Pod
from lain_tui.core.model.status import PodRow, ProcRow, Severity, StatusView
from lain_tui.core.status.sources import Sources
from lain_tui.core.target import Target
from lain_tui.core.triage.case import PodCase, event_time
from lain_tui.core.triage.gather import Gathered, Gatherer

_WORKLOADS: dict[str, Kind[Any]] = {
    kind.name: kind for kind in (DEPLOYMENTS, STATEFULSETS, DAEMONSETS, JOBS, CRONJOBS)
}


class _Rules(NamedTuple):
    """The modules that know why: a hundred patterns, compiled after the pods are on the screen and not before."""

    pods: ModuleType
    workloads: ModuleType


def _load_rules() -> _Rules:
    from lain_tui.core.triage import diagnose, workloads

    return _Rules(diagnose, workloads)


class Findings:
    """Answers why; one fetch runs at a time, for the pod that was asked about last."""

    def __init__(self, kube: KubeClient, sources: Sources, metrics: Metrics, target: Target) -> None:
        self._gatherer = Gatherer(kube)
        self._sources = sources
        self._metrics = metrics
        self._app = target.app
        self._change = Change()
        self._wanted: Pod | None = None
        self._task: asyncio.Task[None] | None = None
        self._told = (-1, -1)
        self._rules: _Rules | None = None
        self._loading: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """End the fetch that may be under way."""
        tasks = [task for task in (self._task, self._loading) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def version(self) -> int:
        """Grows when evidence has arrived."""
        return self._change.count

    async def changed(self, seen: int) -> int:
        """Wait until `version` differs from `seen`, and return it."""
        return await self._change.since(seen)

    def news(self, events_version: int) -> bool:
        """Whether a finding could differ from when this was asked last."""
        told, self._told = self._told, (events_version, self.version)
        return told != self._told

    @property
    def fetching(self) -> bool:
        """A fetch is under way."""
        return any(task is not None and not task.done() for task in (self._task, self._loading))

    # -- which

    def worst(self, view: StatusView) -> str:
        """The uid of what most needs a look: a pod, or a proc whose fault no pod shows; empty when all is well."""
        pods = [(pod.severity, True, pod.restarts, pod.uid) for proc in view.procs for pod in proc.pods]
        procs = [(proc.severity, False, 0, proc.uid) for proc in view.procs if proc.uid]
        worst = max((*pods, *procs), default=None, key=lambda one: one[:3])
        return worst[3] if worst is not None and worst[0] >= Severity.RISK else ""

    # -- why

    def of(self, uid: str, view: StatusView) -> Finding | None:
        """Why the pod or proc of that uid is unhealthy."""
        if self._rules is None:
            if uid and self._loading is None:
                self._loading = asyncio.create_task(self._load(), name="rules")
            return None
        for proc in view.procs if uid else ():
            if proc.uid == uid and proc.kind != "Pod":
                return self._of_proc(proc, self._rules)
            for row in (*proc.pods, *proc.evicted):
                if row.uid == uid:
                    return self._of_pod(row, self._rules)
        return None

    async def _load(self) -> None:
        self._rules = await asyncio.to_thread(_load_rules)
        self._change.tell()

    def _of_pod(self, row: PodRow, rules: _Rules) -> Finding | None:
        pod = self._sources.items(PODS).get(row.uid)
        if pod is None or row.severity in (Severity.OK, Severity.DONE):
            return None
        case = self._case(pod, row)
        found: Finding = rules.pods.diagnose(case)
        if self._gatherer.stale(pod):
            self._fetch(pod)
        # A row says how bad a state is, with the time it has had; a finding may only be milder, as of an eviction.
        return msgspec.structs.replace(found, severity=min(found.severity, row.severity))

    def _case(self, pod: Pod, row: PodRow) -> PodCase:
        gathered = self._gatherer.known(pod)
        known = gathered if gathered is not None else Gathered()
        claims = {claim.metadata.uid: name for name, claim in known.claims.items()}
        return PodCase(
            pod=pod,
            proc=row.proc,
            app=self._app,
            now=datetime.now(UTC),
            events=self._sources.events_of(pod.metadata.uid),
            node=self._sources.node(pod.spec.node_name) if pod.spec.node_name else None,
            tails=known.tails,
            secrets=known.secrets,
            config_maps=known.config_maps,
            claims=known.claims,
            claim_events=tuple(event for uid in claims for event in self._sources.events_of(uid)),
            memory=row.memory.used,
            gathered=gathered is not None,
        )

    def _of_proc(self, proc: ProcRow, rules: _Rules) -> Finding | None:
        kind = _WORKLOADS.get(proc.kind)
        workload = self._sources.items(kind).get(proc.uid) if kind is not None else None
        if workload is None or proc.severity in (Severity.OK, Severity.DONE):
            return None
        row = max(proc.pods, key=lambda pod: (pod.severity, pod.restarts), default=None)
        made = tuple(self._made_by(proc.uid, REPLICASETS))
        jobs = tuple(self._made_by(proc.uid, JOBS))
        scaler = next(
            (
                one
                for one in self._sources.items(HPAS).values()
                if (one.spec.scale_target_ref.kind, one.spec.scale_target_ref.name)
                == (proc.kind, workload.metadata.name)
            ),
            None,
        )
        case = rules.workloads.WorkloadCase(
            workload=workload,
            kind=proc.kind,
            proc=proc.name,
            now=datetime.now(UTC),
            events=self._events((workload, *made, *jobs)),
            replica_sets=tuple(one for one in made if one.spec.replicas),
            jobs=jobs,
            autoscaler=scaler,
            autoscaler_events=self._events((scaler,)) if scaler is not None else (),
            pods=len(proc.pods),
            pod_finding=self._of_pod(row, rules) if row is not None else None,
        )
        found: Finding | None = rules.workloads.diagnose_workload(case)
        return found

    def _made_by(self, uid: str, kind: Kind[Any]) -> Iterator[Any]:
        for one in self._sources.items(kind).values():
            owner = one.metadata.owner
            if owner is not None and owner.uid == uid:
                yield one

    def _events(self, objects: tuple[KubeObject, ...]) -> tuple[Event, ...]:
        found = [event for one in objects for event in self._sources.events_of(one.metadata.uid)]
        return tuple(sorted(found, key=event_time))

    # -- fetching

    def _fetch(self, pod: Pod) -> None:
        self._wanted = pod
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._fetch_wanted(), name="evidence")

    async def _fetch_wanted(self) -> None:
        while self._wanted is not None:
            pod, self._wanted = self._wanted, None
            if await self._gatherer.fetch(pod):
                self._change.tell()
