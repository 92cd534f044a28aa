"""The kinds this cluster serves, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
READ_VERBS = ("get", "list")


@dataclass(frozen=True)
class Kind:
    """One resource of the API: its names, its scope, and which subresources it has."""

    kind: str
    plural: str
    group: str = ""
    version: str = "v1"
    namespaced: bool = True
    short: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    status: bool = True
    """Has a status subresource: writes to the object leave its status alone, and the other way round."""
    generation: bool = True
    """Counts changes of its spec in metadata.generation."""
    subresources: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    model: str = field(default="", compare=False)
    """Name of the official client's model, which says what fields there are."""
    custom: Mapping[str, Any] | None = field(default=None, compare=False)
    """Its version in a CustomResourceDefinition, of a kind that somebody has defined."""

    @cached_property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @cached_property
    def resource(self) -> str:
        """The qualified plural as messages name it: ``pods``, ``deployments.apps``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @cached_property
    def singular(self) -> str:
        return self.kind.lower()

    @cached_property
    def base_path(self) -> str:
        return f"/apis/{self.api_version}" if self.group else f"/api/{self.version}"

    @cached_property
    def model_name(self) -> str:
        return self.model or self.version[0].upper() + self.version[1:] + self.kind

    def path(self, namespace: str, name: str = "") -> str:
        parts = [self.base_path]
        if self.namespaced and namespace:
            parts += ["namespaces", namespace]
        parts.append(self.plural)
        if name:
            parts.append(name)
        return "/".join(parts)


def _plain(kind: str, plural: str, group: str = "", **more: object) -> Kind:
    """Make a kind that is only stored: no status, no generation."""
    return Kind(kind, plural, group, status=False, generation=False, **more)  # type: ignore[arg-type]


ALL = ("all",)
RBAC = "rbac.authorization.k8s.io"
NETWORKING = "networking.k8s.io"

POD = Kind(
    "Pod",
    "pods",
    short=("po",),
    categories=ALL,
    subresources=(
        "attach",
        "binding",
        "ephemeralcontainers",
        "eviction",
        "exec",
        "log",
        "portforward",
        "resize",
    ),
)
EVENT = _plain("Event", "events", short=("ev",), model="CoreV1Event")
NAMESPACE = Kind(
    "Namespace",
    "namespaces",
    namespaced=False,
    short=("ns",),
    generation=False,
    subresources=("finalize",),
    verbs=tuple(verb for verb in ALL_VERBS if verb != "deletecollection"),
)
NODE = Kind("Node", "nodes", namespaced=False, short=("no",), generation=False)
SECRET = _plain("Secret", "secrets")
CONFIG_MAP = _plain("ConfigMap", "configmaps", short=("cm",))
SERVICE = Kind("Service", "services", short=("svc",), categories=ALL, generation=False)
ENDPOINTS = _plain("Endpoints", "endpoints", short=("ep",))
SERVICE_ACCOUNT = _plain("ServiceAccount", "serviceaccounts", short=("sa",), subresources=("token",))
CLAIM = Kind("PersistentVolumeClaim", "persistentvolumeclaims", short=("pvc",), generation=False)
VOLUME = Kind("PersistentVolume", "persistentvolumes", namespaced=False, short=("pv",), generation=False)
QUOTA = Kind("ResourceQuota", "resourcequotas", short=("quota",), generation=False)
LIMIT_RANGE = _plain("LimitRange", "limitranges", short=("limits",))
REPLICATION_CONTROLLER = Kind(
    "ReplicationController",
    "replicationcontrollers",
    short=("rc",),
    categories=ALL,
    subresources=("scale",),
)
POD_TEMPLATE = Kind("PodTemplate", "podtemplates", status=False)

DEPLOYMENT = Kind(
    "Deployment", "deployments", "apps", short=("deploy",), categories=ALL, subresources=("scale",)
)
REPLICA_SET = Kind(
    "ReplicaSet", "replicasets", "apps", short=("rs",), categories=ALL, subresources=("scale",)
)
STATEFUL_SET = Kind(
    "StatefulSet", "statefulsets", "apps", short=("sts",), categories=ALL, subresources=("scale",)
)
DAEMON_SET = Kind("DaemonSet", "daemonsets", "apps", short=("ds",), categories=ALL)
CONTROLLER_REVISION = _plain("ControllerRevision", "controllerrevisions", "apps")

JOB = Kind("Job", "jobs", "batch", categories=ALL)
CRON_JOB = Kind("CronJob", "cronjobs", "batch", short=("cj",), categories=ALL)
HPA = Kind(
    "HorizontalPodAutoscaler",
    "horizontalpodautoscalers",
    "autoscaling",
    "v2",
    short=("hpa",),
    categories=ALL,
    generation=False,
)
HPA_V1 = Kind(
    "HorizontalPodAutoscaler",
    "horizontalpodautoscalers",
    "autoscaling",
    short=("hpa",),
    categories=ALL,
    generation=False,
)
EVENT_V1 = _plain("Event", "events", "events.k8s.io", short=("ev",), model="EventsV1Event")
CUSTOM_KIND = Kind(
    "CustomResourceDefinition",
    "customresourcedefinitions",
    "apiextensions.k8s.io",
    namespaced=False,
    short=("crd", "crds"),
    categories=("api-extensions",),
)
INGRESS = Kind("Ingress", "ingresses", NETWORKING, short=("ing",))
INGRESS_CLASS = Kind("IngressClass", "ingressclasses", NETWORKING, namespaced=False, status=False)
NETWORK_POLICY = Kind("NetworkPolicy", "networkpolicies", NETWORKING, short=("netpol",), status=False)
PDB = Kind("PodDisruptionBudget", "poddisruptionbudgets", "policy", short=("pdb",))
ROLE = _plain("Role", "roles", RBAC)
ROLE_BINDING = _plain("RoleBinding", "rolebindings", RBAC)
CLUSTER_ROLE = _plain("ClusterRole", "clusterroles", RBAC, namespaced=False)
CLUSTER_ROLE_BINDING = _plain("ClusterRoleBinding", "clusterrolebindings", RBAC, namespaced=False)
ENDPOINT_SLICE = _plain("EndpointSlice", "endpointslices", "discovery.k8s.io")
LEASE = _plain("Lease", "leases", "coordination.k8s.io")
STORAGE_CLASS = _plain("StorageClass", "storageclasses", "storage.k8s.io", namespaced=False, short=("sc",))
PRIORITY_CLASS = _plain(
    "PriorityClass", "priorityclasses", "scheduling.k8s.io", namespaced=False, short=("pc",)
)
POD_METRICS = _plain("PodMetrics", "pods", "metrics.k8s.io", version="v1beta1", verbs=READ_VERBS)
NODE_METRICS = _plain(
    "NodeMetrics", "nodes", "metrics.k8s.io", version="v1beta1", namespaced=False, verbs=READ_VERBS
)

STORED: tuple[Kind, ...] = (
    *(POD, EVENT, NAMESPACE, NODE, SECRET, CONFIG_MAP, SERVICE, ENDPOINTS, SERVICE_ACCOUNT, CLAIM, VOLUME),
    *(QUOTA, LIMIT_RANGE, REPLICATION_CONTROLLER, POD_TEMPLATE),
    *(DEPLOYMENT, REPLICA_SET, STATEFUL_SET, DAEMON_SET, CONTROLLER_REVISION, HPA, JOB, CRON_JOB),
    *(INGRESS, INGRESS_CLASS, NETWORK_POLICY, PDB, ROLE, ROLE_BINDING, CLUSTER_ROLE, CLUSTER_ROLE_BINDING),
    *(ENDPOINT_SLICE, LEASE, STORAGE_CLASS, PRIORITY_CLASS, CUSTOM_KIND),
)
SERVED: tuple[Kind, ...] = (*STORED, HPA_V1, EVENT_V1)
"""Those that can be written, some in a version that is stored as another."""
METRICS: tuple[Kind, ...] = (POD_METRICS, NODE_METRICS)
KINDS: tuple[Kind, ...] = SERVED + METRICS

REVIEWS: dict[str, tuple[tuple[str, str, bool], ...]] = {
    "authorization.k8s.io/v1": (
        ("SelfSubjectAccessReview", "selfsubjectaccessreviews", False),
        ("SelfSubjectRulesReview", "selfsubjectrulesreviews", False),
        ("SubjectAccessReview", "subjectaccessreviews", False),
        ("LocalSubjectAccessReview", "localsubjectaccessreviews", True),
    ),
    "authentication.k8s.io/v1": (
        ("SelfSubjectReview", "selfsubjectreviews", False),
        ("TokenReview", "tokenreviews", False),
    ),
}
"""Kinds that are answered and never stored: (kind, plural, namespaced) by group and version."""

BY_PATH: dict[tuple[str, str, str], Kind] = {(k.group, k.version, k.plural): k for k in KINDS}
BY_KIND: dict[tuple[str, str], Kind] = {(k.api_version, k.kind): k for k in KINDS}


class Kinds:
    """The kinds that one cluster serves: those that are built in, and those that somebody has defined."""

    def __init__(self) -> None:
        self._defined: dict[str, tuple[Kind, ...]] = {}

    def define(self, name: str, kinds: tuple[Kind, ...]) -> None:
        """Serve what the definition of that name defines by now."""
        self._defined[name] = kinds

    def forget(self, name: str) -> None:
        self._defined.pop(name, None)

    @property
    def custom(self) -> list[Kind]:
        """Those that somebody has defined, in each version."""
        return [kind for kinds in self._defined.values() for kind in kinds]

    def __iter__(self) -> Iterator[Kind]:
        yield from KINDS
        yield from self.custom

    def stored(self) -> Iterator[Kind]:
        """One kind for each table, whatever the versions it is served in."""
        yield from STORED
        for kinds in self._defined.values():
            yield from kinds[:1]

    def at(self, group: str, version: str, plural: str) -> Kind | None:
        """The kind that a path names."""
        if found := BY_PATH.get((group, version, plural)):
            return found
        wanted = (group, version, plural)
        return next((one for one in self.custom if (one.group, one.version, one.plural) == wanted), None)


def kind_of(obj: dict[str, object]) -> Kind | None:
    """Find the kind an object says it is."""
    return BY_KIND.get((str(obj.get("apiVersion", "")), str(obj.get("kind", ""))))
