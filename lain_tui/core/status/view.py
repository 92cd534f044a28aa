"""One whole picture of an app, from the objects of the cluster."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable
from datetime import datetime
from typing import TypeVar

import msgspec

from lain_tui.core.model.network import Ingress
from lain_tui.core.model.pod import Pod, PodTemplate
from lain_tui.core.model.status import PodRow, ProcRow, ReleaseHead, Severity
from lain_tui.core.model.text import counted, plain
from lain_tui.core.model.workload import (
    CronJob,
    DaemonSet,
    Deployment,
    HorizontalPodAutoscaler,
    Job,
    ReplicaSet,
    StatefulSet,
)
from lain_tui.core.status.jobs import cron_row, job_row, settle_job_pods
from lain_tui.core.status.owners import Owner, Owners, proc_of, standalone_name
from lain_tui.core.status.pods import PodRows
from lain_tui.core.status.revisions import Revisions
from lain_tui.core.status.rollout import (
    Rollout,
    daemon_set_rollout,
    deployment_rollout,
    stateful_set_rollout,
)
from lain_tui.core.status.severity import LEFT_OVER
from lain_tui.core.status.usage import PodSamples, total
from lain_tui.core.triage.pulls import image_tag, split_image
from lain_tui.core.turns import batches, drain

T = TypeVar("T")


class Objects(msgspec.Struct, frozen=True, kw_only=True):
    """What the picture is made from."""

    pods: Collection[Pod] = ()
    deployments: Collection[Deployment] = ()
    stateful_sets: Collection[StatefulSet] = ()
    daemon_sets: Collection[DaemonSet] = ()
    replica_sets: Collection[ReplicaSet] = ()
    jobs: Collection[Job] = ()
    cron_jobs: Collection[CronJob] = ()
    autoscalers: Collection[HorizontalPodAutoscaler] = ()
    ingresses: Collection[Ingress] = ()


Served = tuple[ProcRow, Deployment | StatefulSet | DaemonSet]

Measure = Callable[[str, str], PodSamples | None]
"""The samples of the pod of a namespace and name."""


class ProcBoard:
    """Makes the proc rows, keeping what did not change from one picture to the next."""

    def __init__(self, release: str = "") -> None:
        self._release = release
        self._rows = PodRows()
        self.changes_at: datetime | None = None
        """When the last picture changes by itself, as pods grow older."""

    def procs(
        self,
        objects: Objects,
        now: datetime,
        *,
        head: ReleaseHead | None = None,
        measure: Measure = lambda namespace, name: None,
    ) -> tuple[ProcRow, ...]:
        """The proc rows: workloads that serve first, then crons and jobs, then pods that nobody owns; by name."""
        return drain(self.steps(objects, now, head=head, measure=measure))

    def steps(
        self,
        objects: Objects,
        now: datetime,
        *,
        head: ReleaseHead | None = None,
        measure: Measure = lambda namespace, name: None,
    ) -> Generator[None, None, tuple[ProcRow, ...]]:
        """`procs`, pausing every few pods, so that thousands of them hold nobody up for long."""
        owners = Owners(objects.replica_sets, objects.jobs)
        groups: dict[tuple[str, str], list[Pod]] = {}
        # What is iterated over with pauses is copied: the store goes on.
        for batch in batches([*objects.pods]):
            for pod in batch:
                groups.setdefault(_key(pod, owners.of(pod.metadata)), []).append(pod)
            yield
        self._rows.begin()
        revisions = Revisions(objects.replica_sets)
        maker = _Maker(self._release, self._rows, head, measure, now, groups, revisions)
        served: list[Served] = []
        workloads: list[Deployment | StatefulSet | DaemonSet] = [*objects.deployments]
        workloads += [*objects.stateful_sets, *objects.daemon_sets]
        for item in workloads:
            made = yield from maker.serving(item, type(item).__name__, _rollout(item, now))
            served.append(made)
        scalers = {
            (scaler.metadata.namespace, scaler.spec.scale_target_ref.kind, scaler.spec.scale_target_ref.name): scaler
            for scaler in objects.autoscalers
        }  # fmt: skip
        serving = [_scaled(row, item, scalers) for row, item in served]
        timed = [maker.cron(item, owners, objects.jobs) for item in objects.cron_jobs]
        known = {row.uid for row in timed}
        runs = [
            maker.job(item)
            for item in objects.jobs
            if (made_by := item.metadata.owner) is None or made_by.uid not in known
        ]
        others = maker.others()
        self.changes_at = self._rows.end()
        by_name = lambda row: row.name  # noqa: E731
        return (
            *sorted(serving, key=by_name),
            *sorted(timed, key=by_name),
            *sorted(runs, key=by_name),
            *others,
        )


def _rollout(item: Deployment | StatefulSet | DaemonSet, now: datetime) -> Rollout:
    if isinstance(item, Deployment):
        return deployment_rollout(item, now)
    return stateful_set_rollout(item, now) if isinstance(item, StatefulSet) else daemon_set_rollout(item, now)


def _key(pod: Pod, owner: Owner | None) -> tuple[str, str]:
    """A pod's group: the kind and name of its workload (a uid is not known for each), or itself."""
    namespace = pod.metadata.namespace
    if owner is None:
        return "Pod", f"{namespace}/{pod.metadata.name}"
    return owner.kind, f"{namespace}/{owner.name}"


class _Maker:
    """The making of one picture."""

    def __init__(
        self,
        release: str,
        rows: PodRows,
        head: ReleaseHead | None,
        measure: Measure,
        now: datetime,
        groups: dict[tuple[str, str], list[Pod]],
        revisions: Revisions,
    ) -> None:
        self._release = release
        self._rows = rows
        self._tag = head.image_tag if head is not None else ""
        self._measure = measure
        self._now = now
        self._groups = groups
        self._revisions = revisions

    def serving(
        self, item: Deployment | StatefulSet | DaemonSet, kind: str, rollout: Rollout
    ) -> Generator[None, None, Served]:
        name = proc_of(item, self._release)
        image = _image(item.spec.template)
        drift = self._release_drift(image)
        pods = self._take(kind, item.metadata.namespace, item.metadata.name)
        rows: list[PodRow] = []
        for batch in batches(pods):
            rows += [
                self._row(
                    pod,
                    name,
                    _pod_drift(pod, image, drift, rolling=rollout.rolling),
                    outdated=self._revisions.outdated(pod, item),
                )
                for pod in batch
            ]
            yield
        gone = tuple(
            row
            for pod, row in zip(pods, rows, strict=True)
            if pod.status.phase == "Failed" and pod.status.reason in LEFT_OVER
        )
        kept = _sorted(row for row in rows if row not in gone) if gone else _sorted(rows)
        severity = max(rollout.severity, _worst(kept), Severity.RISK if drift else Severity.OK)
        summary = rollout.summary
        if gone:
            summary += f" · {counted(len(gone), 'evicted pod')} left over"
        row = ProcRow(
            name=name,
            kind=kind,
            resource=plain(item.metadata.name),
            uid=item.metadata.uid,
            severity=severity,
            summary=summary,
            desired=rollout.desired,
            updated=rollout.updated,
            ready=rollout.ready,
            available=rollout.available,
            settled=rollout.done,
            image_tag=image_tag(image) if image else "",
            drift=drift,
            cpu=total([row.cpu for row in kept]),
            memory=total([row.memory for row in kept]),
            pods=kept,
            evicted=gone,
            created=item.metadata.creation_timestamp,
        )
        return row, item

    def cron(self, item: CronJob, owners: Owners, jobs: Iterable[Job]) -> ProcRow:
        name = proc_of(item, self._release)
        own = [
            job for job in jobs if (ref := job.metadata.owner) is not None and ref.uid == item.metadata.uid
        ]
        pods = self._take("CronJob", item.metadata.namespace, item.metadata.name)
        image = _image(item.spec.job_template.spec.template)
        rows = settle_job_pods(pods, [self._row(pod, name, "") for pod in pods], own, item)
        return self._with_pods(cron_row(item, name, own, self._now), rows, image, self._release_drift(image))

    def job(self, item: Job) -> ProcRow:
        name = proc_of(item, self._release)
        pods = self._take("Job", item.metadata.namespace, item.metadata.name)
        rows = settle_job_pods(pods, [self._row(pod, name, "") for pod in pods], [item], None)
        return self._with_pods(job_row(item, name, self._now), rows, _image(item.spec.template), "")

    def others(self) -> list[ProcRow]:
        """Pods without a workload that is known: alone, or made by a kind that is not shown."""
        found = []
        for (kind, path), pods in sorted(self._groups.items()):
            if not pods:
                continue
            name = path.partition("/")[2]
            title = standalone_name(pods[0], self._release) if kind == "Pod" else _title(name, self._release)
            rows = [self._row(pod, title, "") for pod in pods]
            ready = sum(row.ready == row.containers for row in rows)
            words = f"{ready} of {len(rows)} ready"
            row = ProcRow(
                name=title,
                kind=kind,
                resource=plain(name),
                uid=pods[0].metadata.uid if kind == "Pod" else "",
                summary=f"pod by itself, {words}" if kind == "Pod" else f"{kind}, {words}",
                desired=len(rows),
                updated=len(rows),
                ready=ready,
                available=ready,
                created=min((row.created for row in rows if row.created), default=None),
            )
            found.append(self._with_pods(row, rows, "", ""))
        return found

    def _with_pods(self, row: ProcRow, pods: Iterable[PodRow], image: str, drift: str) -> ProcRow:
        kept = _sorted(pods)
        return msgspec.structs.replace(
            row,
            severity=max(row.severity, _worst(kept)),
            image_tag=image_tag(image) if image else "",
            drift=drift,
            cpu=total([pod.cpu for pod in kept]),
            memory=total([pod.memory for pod in kept]),
            pods=kept,
        )

    def _row(self, pod: Pod, proc: str, drift: str, *, outdated: bool = False) -> PodRow:
        meta = pod.metadata
        measured = self._measure(meta.namespace, meta.name)
        return self._rows.row(pod, proc, drift, measured, self._now, outdated=outdated)

    def _take(self, kind: str, namespace: str, name: str) -> list[Pod]:
        return self._groups.pop((kind, f"{namespace}/{name}"), [])

    def _release_drift(self, image: str) -> str:
        """Why a workload's image differs from the release's: somebody set it by hand."""
        tag = image_tag(image) if image else ""
        if not self._tag or not tag or tag == self._tag:
            return ""
        return f"runs {plain(tag)}, the release has {plain(self._tag)}"


def _pod_drift(pod: Pod, image: str, workload_drift: str, *, rolling: bool) -> str:
    own = (pod.spec.containers or ())[0].image if pod.spec.containers else ""
    if not image or own == image:
        return workload_drift
    if split_image(own)[1:] == split_image(image)[1:]:
        return ""  # only the registry's address differs, as after an admission webhook rewrote it
    tag = plain(image_tag(image))
    return f"old image, being replaced by {tag}" if rolling else f"its workload has {tag}"


def _scaled(
    row: ProcRow,
    item: Deployment | StatefulSet | DaemonSet,
    scalers: dict[tuple[str, str, str], HorizontalPodAutoscaler],
) -> ProcRow:
    scaler = scalers.get((item.metadata.namespace, row.kind, item.metadata.name))
    if scaler is None:
        return row
    return msgspec.structs.replace(row, hpa=(scaler.spec.min_replicas, scaler.spec.max_replicas))


def _image(template: PodTemplate) -> str:
    containers = template.spec.containers
    return containers[0].image if containers else ""


def _title(name: str, release: str) -> str:
    return plain(name.removeprefix(f"{release}-") if release else name)


def _worst(rows: Iterable[PodRow]) -> Severity:
    """The worst of the pods; those that are done do not count."""
    worst = max((row.severity for row in rows), default=Severity.OK)
    return Severity.OK if worst is Severity.DONE else worst


def _sorted(rows: Iterable[PodRow]) -> tuple[PodRow, ...]:
    return tuple(sorted(rows, key=lambda row: row.name))
