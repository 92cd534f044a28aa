"""What makes pods (deployments, statefulsets, jobs …), and what scales or guards them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from lain_tui.core.model.meta import (
    Condition,
    KubeObject,
    KubeStruct,
    LabelSelector,
    ObjectMeta,
    ObjectReference,
)
from lain_tui.core.model.pod import PodTemplate


class DeploymentSpec(KubeStruct, frozen=True, kw_only=True):
    replicas: int = 1
    selector: LabelSelector = LabelSelector()
    template: PodTemplate = PodTemplate()
    paused: bool = False
    progress_deadline_seconds: int = 600


class DeploymentStatus(KubeStruct, frozen=True, kw_only=True):
    observed_generation: int = 0
    replicas: int = 0
    updated_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    unavailable_replicas: int = 0
    conditions: tuple[Condition, ...] | None = None


class Deployment(KubeObject, frozen=True, kw_only=True):
    spec: DeploymentSpec = DeploymentSpec()
    status: DeploymentStatus = DeploymentStatus()


class StatefulSetSpec(KubeStruct, frozen=True, kw_only=True):
    replicas: int = 1
    selector: LabelSelector = LabelSelector()
    template: PodTemplate = PodTemplate()
    service_name: str = ""


class StatefulSetStatus(KubeStruct, frozen=True, kw_only=True):
    observed_generation: int = 0
    replicas: int = 0
    updated_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    current_revision: str = ""
    update_revision: str = ""
    conditions: tuple[Condition, ...] | None = None


class StatefulSet(KubeObject, frozen=True, kw_only=True):
    spec: StatefulSetSpec = StatefulSetSpec()
    status: StatefulSetStatus = StatefulSetStatus()


class DaemonSetSpec(KubeStruct, frozen=True, kw_only=True):
    selector: LabelSelector = LabelSelector()
    template: PodTemplate = PodTemplate()


class DaemonSetStatus(KubeStruct, frozen=True, kw_only=True):
    observed_generation: int = 0
    desired_number_scheduled: int = 0
    updated_number_scheduled: int = 0
    number_ready: int = 0
    number_available: int = 0


class DaemonSet(KubeObject, frozen=True, kw_only=True):
    spec: DaemonSetSpec = DaemonSetSpec()
    status: DaemonSetStatus = DaemonSetStatus()


class ReplicaSetSpec(KubeStruct, frozen=True, kw_only=True):
    replicas: int = 1
    selector: LabelSelector = LabelSelector()
    template: PodTemplate = PodTemplate()


class ReplicaSetStatus(KubeStruct, frozen=True, kw_only=True):
    replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    conditions: tuple[Condition, ...] | None = None


class ReplicaSet(KubeObject, frozen=True, kw_only=True):
    spec: ReplicaSetSpec = ReplicaSetSpec()
    status: ReplicaSetStatus = ReplicaSetStatus()


class JobSpec(KubeStruct, frozen=True, kw_only=True):
    parallelism: int | None = None
    completions: int | None = None
    backoff_limit: int | None = None
    active_deadline_seconds: int | None = None
    suspend: bool = False
    template: PodTemplate = PodTemplate()


class JobStatus(KubeStruct, frozen=True, kw_only=True):
    active: int = 0
    ready: int | None = None
    succeeded: int = 0
    failed: int = 0
    start_time: datetime | None = None
    completion_time: datetime | None = None
    conditions: tuple[Condition, ...] | None = None


class Job(KubeObject, frozen=True, kw_only=True):
    spec: JobSpec = JobSpec()
    status: JobStatus = JobStatus()


class JobTemplate(KubeStruct, frozen=True, kw_only=True):
    metadata: ObjectMeta = ObjectMeta()
    spec: JobSpec = JobSpec()


class CronJobSpec(KubeStruct, frozen=True, kw_only=True):
    schedule: str = ""
    time_zone: str | None = None
    suspend: bool = False
    concurrency_policy: str = "Allow"
    job_template: JobTemplate = JobTemplate()


class CronJobStatus(KubeStruct, frozen=True, kw_only=True):
    active: tuple[ObjectReference, ...] | None = None
    last_schedule_time: datetime | None = None
    last_successful_time: datetime | None = None


class CronJob(KubeObject, frozen=True, kw_only=True):
    spec: CronJobSpec = CronJobSpec()
    status: CronJobStatus = CronJobStatus()


class ScaleTargetRef(KubeStruct, frozen=True, kw_only=True):
    kind: str = ""
    name: str = ""


class HPASpec(KubeStruct, frozen=True, kw_only=True):
    scale_target_ref: ScaleTargetRef = ScaleTargetRef()
    min_replicas: int = 1
    max_replicas: int = 1


class HPAStatus(KubeStruct, frozen=True, kw_only=True):
    current_replicas: int = 0
    desired_replicas: int = 0
    conditions: tuple[Condition, ...] | None = None


class HorizontalPodAutoscaler(KubeObject, frozen=True, kw_only=True):
    spec: HPASpec = HPASpec()
    status: HPAStatus = HPAStatus()


class PDBSpec(KubeStruct, frozen=True, kw_only=True):
    selector: LabelSelector | None = None
    min_available: int | str | None = None
    max_unavailable: int | str | None = None


class PDBStatus(KubeStruct, frozen=True, kw_only=True):
    disruptions_allowed: int = 0
    current_healthy: int = 0
    desired_healthy: int = 0
    expected_pods: int = 0


class PodDisruptionBudget(KubeObject, frozen=True, kw_only=True):
    spec: PDBSpec = PDBSpec()
    status: PDBStatus = PDBStatus()


class ClaimSpec(KubeStruct, frozen=True, kw_only=True):
    storage_class_name: str | None = None
    volume_name: str = ""


class ClaimStatus(KubeStruct, frozen=True, kw_only=True):
    phase: str = ""


class PersistentVolumeClaim(KubeObject, frozen=True, kw_only=True):
    spec: ClaimSpec = ClaimSpec()
    status: ClaimStatus = ClaimStatus()


class QuotaStatus(KubeStruct, frozen=True, kw_only=True):
    hard: dict[str, str] = msgspec.field(default_factory=dict)
    used: dict[str, str] = msgspec.field(default_factory=dict)


class ResourceQuota(KubeObject, frozen=True, kw_only=True):
    status: QuotaStatus = QuotaStatus()
