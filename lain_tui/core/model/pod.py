"""Pods: what they should be (spec) and what they are (status)."""

from __future__ import annotations

from datetime import datetime

import msgspec

from lain_tui.core.model.meta import Condition, KubeObject, KubeStruct, ObjectMeta


class KeySelector(KubeStruct, frozen=True, kw_only=True):
    """`secretKeyRef` and `configMapKeyRef`."""

    name: str = ""
    key: str = ""
    optional: bool = False


class FieldSelector(KubeStruct, frozen=True, kw_only=True):
    field_path: str = ""


class EnvVarSource(KubeStruct, frozen=True, kw_only=True):
    secret_key_ref: KeySelector | None = None
    config_map_key_ref: KeySelector | None = None
    field_ref: FieldSelector | None = None


class EnvVar(KubeStruct, frozen=True, kw_only=True):
    name: str
    value: str = ""
    value_from: EnvVarSource | None = None


class EnvFromRef(KubeStruct, frozen=True, kw_only=True):
    name: str = ""
    optional: bool = False


class EnvFrom(KubeStruct, frozen=True, kw_only=True):
    prefix: str = ""
    secret_ref: EnvFromRef | None = None
    config_map_ref: EnvFromRef | None = None


class VolumeMount(KubeStruct, frozen=True, kw_only=True):
    name: str
    mount_path: str = ""
    sub_path: str = ""
    read_only: bool = False


class Resources(KubeStruct, frozen=True, kw_only=True):
    """Requests and limits as Kubernetes quantities (`100m`, `80Mi`)."""

    requests: dict[str, str] | None = None
    limits: dict[str, str] | None = None


class HTTPGet(KubeStruct, frozen=True, kw_only=True):
    path: str = ""
    port: int | str = ""
    scheme: str = ""


class TCPSocket(KubeStruct, frozen=True, kw_only=True):
    port: int | str = ""


class ExecAction(KubeStruct, frozen=True, kw_only=True):
    command: tuple[str, ...] | None = None


class Probe(KubeStruct, frozen=True, kw_only=True):
    http_get: HTTPGet | None = None
    tcp_socket: TCPSocket | None = None
    exec: ExecAction | None = None
    initial_delay_seconds: int = 0
    period_seconds: int = 10
    timeout_seconds: int = 1
    failure_threshold: int = 3


class ContainerPort(KubeStruct, frozen=True, kw_only=True):
    container_port: int
    name: str = ""
    protocol: str = "TCP"


class Container(KubeStruct, frozen=True, kw_only=True):
    name: str
    image: str = ""
    command: tuple[str, ...] | None = None
    args: tuple[str, ...] | None = None
    working_dir: str = ""
    env: tuple[EnvVar, ...] | None = None
    env_from: tuple[EnvFrom, ...] | None = None
    volume_mounts: tuple[VolumeMount, ...] | None = None
    resources: Resources = Resources()
    ports: tuple[ContainerPort, ...] | None = None
    readiness_probe: Probe | None = None
    liveness_probe: Probe | None = None
    startup_probe: Probe | None = None
    restart_policy: str = ""
    """`Always` on an init container makes it a sidecar (Kubernetes 1.29)."""


class KeyToPath(KubeStruct, frozen=True, kw_only=True):
    key: str = ""
    path: str = ""


class SecretVolume(KubeStruct, frozen=True, kw_only=True):
    secret_name: str = ""
    optional: bool = False
    items: tuple[KeyToPath, ...] | None = None


class ConfigMapVolume(KubeStruct, frozen=True, kw_only=True):
    name: str = ""
    optional: bool = False
    items: tuple[KeyToPath, ...] | None = None


class ProjectedSource(KubeStruct, frozen=True, kw_only=True):
    secret: ConfigMapVolume | None = None
    """A Secret's projection has the shape of a ConfigMap's."""
    config_map: ConfigMapVolume | None = None


class ProjectedVolume(KubeStruct, frozen=True, kw_only=True):
    sources: tuple[ProjectedSource, ...] | None = None


class ClaimVolume(KubeStruct, frozen=True, kw_only=True):
    claim_name: str = ""


class Volume(KubeStruct, frozen=True, kw_only=True):
    name: str
    secret: SecretVolume | None = None
    config_map: ConfigMapVolume | None = None
    projected: ProjectedVolume | None = None
    persistent_volume_claim: ClaimVolume | None = None


class Toleration(KubeStruct, frozen=True, kw_only=True):
    key: str = ""
    operator: str = ""
    value: str = ""
    effect: str = ""


class LocalObjectReference(KubeStruct, frozen=True, kw_only=True):
    name: str = ""


class PodSpec(KubeStruct, frozen=True, kw_only=True):
    containers: tuple[Container, ...] | None = None
    init_containers: tuple[Container, ...] | None = None
    ephemeral_containers: tuple[Container, ...] | None = None
    volumes: tuple[Volume, ...] | None = None
    node_name: str = ""
    node_selector: dict[str, str] | None = None
    service_account_name: str = ""
    image_pull_secrets: tuple[LocalObjectReference, ...] | None = None
    restart_policy: str = "Always"
    termination_grace_period_seconds: int | None = None
    priority_class_name: str = ""


class StateWaiting(KubeStruct, frozen=True, kw_only=True):
    reason: str = ""
    message: str = ""


class StateRunning(KubeStruct, frozen=True, kw_only=True):
    started_at: datetime | None = None


class StateTerminated(KubeStruct, frozen=True, kw_only=True):
    exit_code: int = 0
    signal: int = 0
    reason: str = ""
    message: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None


class ContainerState(KubeStruct, frozen=True, kw_only=True):
    """Exactly one of the three is set once the kubelet has seen the container."""

    waiting: StateWaiting | None = None
    running: StateRunning | None = None
    terminated: StateTerminated | None = None


class ContainerStatus(KubeStruct, frozen=True, kw_only=True):
    name: str
    ready: bool = False
    started: bool | None = None
    restart_count: int = 0
    image: str = ""
    image_id: str = msgspec.field(default="", name="imageID")
    state: ContainerState = ContainerState()
    last_state: ContainerState = ContainerState()


class PodStatus(KubeStruct, frozen=True, kw_only=True):
    phase: str = ""
    reason: str = ""
    message: str = ""
    conditions: tuple[Condition, ...] | None = None
    container_statuses: tuple[ContainerStatus, ...] | None = None
    init_container_statuses: tuple[ContainerStatus, ...] | None = None
    ephemeral_container_statuses: tuple[ContainerStatus, ...] | None = None
    start_time: datetime | None = None
    pod_ip: str = msgspec.field(default="", name="podIP")
    nominated_node_name: str = ""


class Pod(KubeObject, frozen=True, kw_only=True):
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()


class PodTemplate(KubeStruct, frozen=True, kw_only=True):
    """The `template` of a workload."""

    metadata: ObjectMeta = ObjectMeta()
    spec: PodSpec = PodSpec()
