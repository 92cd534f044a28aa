"""The kinds of objects lain-tui reads, and where the API serves them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import quote

from lain_tui.core.model.cluster import Event, Namespace, Node, NodeMetrics, PodMetrics
from lain_tui.core.model.meta import KubeObject, PartialObject
from lain_tui.core.model.network import Ingress, Service
from lain_tui.core.model.pod import Pod
from lain_tui.core.model.workload import (
    CronJob,
    DaemonSet,
    Deployment,
    HorizontalPodAutoscaler,
    Job,
    PersistentVolumeClaim,
    PodDisruptionBudget,
    ReplicaSet,
    ResourceQuota,
    StatefulSet,
)

T_co = TypeVar("T_co", bound=KubeObject, covariant=True)


@dataclass(frozen=True)
class Kind(Generic[T_co]):
    """One kind of object: how the API serves it and the struct it is decoded into."""

    name: str
    """As in manifests: `Deployment`."""
    plural: str
    struct: type[T_co]
    group: str = ""
    """The API group; empty for the core one."""
    version: str = "v1"
    namespaced: bool = True
    metadata_only: bool = False
    """Ask for metadata alone (`PartialObjectMetadata`): the server does not even send the rest."""

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """The URL path of one object, or of the collection when `name` is empty.

        An empty namespace means all of them (or none, for a kind that has none).
        """
        parts = ["/apis", self.group, self.version] if self.group else ["/api", self.version]
        if self.namespaced and namespace:
            parts += ["namespaces", quote(namespace, safe="")]
        parts.append(self.plural)
        if name:
            parts.append(quote(name, safe=""))
        if subresource:
            parts.append(subresource)
        return "/".join(parts)


PODS = Kind("Pod", "pods", Pod)
EVENTS = Kind("Event", "events", Event)
SERVICES = Kind("Service", "services", Service)
NODES = Kind("Node", "nodes", Node, namespaced=False)
NAMESPACES = Kind("Namespace", "namespaces", Namespace, namespaced=False)
SECRETS = Kind("Secret", "secrets", PartialObject, metadata_only=True)
CONFIG_MAPS = Kind("ConfigMap", "configmaps", PartialObject, metadata_only=True)
PVCS = Kind("PersistentVolumeClaim", "persistentvolumeclaims", PersistentVolumeClaim)
QUOTAS = Kind("ResourceQuota", "resourcequotas", ResourceQuota)
DEPLOYMENTS = Kind("Deployment", "deployments", Deployment, "apps")
STATEFULSETS = Kind("StatefulSet", "statefulsets", StatefulSet, "apps")
REPLICASETS = Kind("ReplicaSet", "replicasets", ReplicaSet, "apps")
DAEMONSETS = Kind("DaemonSet", "daemonsets", DaemonSet, "apps")
JOBS = Kind("Job", "jobs", Job, "batch")
CRONJOBS = Kind("CronJob", "cronjobs", CronJob, "batch")
HPAS = Kind(
    "HorizontalPodAutoscaler", "horizontalpodautoscalers", HorizontalPodAutoscaler, "autoscaling", "v2"
)
INGRESSES = Kind("Ingress", "ingresses", Ingress, "networking.k8s.io")
PDBS = Kind("PodDisruptionBudget", "poddisruptionbudgets", PodDisruptionBudget, "policy")
POD_METRICS = Kind("PodMetrics", "pods", PodMetrics, "metrics.k8s.io", "v1beta1")
NODE_METRICS = Kind("NodeMetrics", "nodes", NodeMetrics, "metrics.k8s.io", "v1beta1", namespaced=False)

WATCHED: tuple[Kind[KubeObject], ...] = (
    PODS, EVENTS, SERVICES, NODES, NAMESPACES, SECRETS, CONFIG_MAPS, PVCS, QUOTAS, DEPLOYMENTS, STATEFULSETS,
    REPLICASETS, DAEMONSETS, JOBS, CRONJOBS, HPAS, INGRESSES, PDBS,
)  # fmt: skip
"""Every kind that is listed and watched (the metrics API knows no watch)."""
