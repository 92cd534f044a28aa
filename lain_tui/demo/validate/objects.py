"""Which checks an object of a kind must pass before it is created or changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .. import errors
from ..custom.structural import schema_of
from ..kinds import (
    CLAIM,
    CLUSTER_ROLE_BINDING,
    CONFIG_MAP,
    CRON_JOB,
    CUSTOM_KIND,
    DAEMON_SET,
    DEPLOYMENT,
    HPA,
    INGRESS,
    JOB,
    LIMIT_RANGE,
    NAMESPACE,
    NETWORK_POLICY,
    PDB,
    POD,
    REPLICA_SET,
    ROLE_BINDING,
    SECRET,
    SERVICE,
    STATEFUL_SET,
    Kind,
)
from . import custom, network, scaling, settings, workloads
from .causes import (
    IMMUTABLE,
    Cause,
    Obj,
    forbidden,
    go,
    invalid,
    label_name,
    labels,
    qualified,
    required,
    subdomain,
    too_long,
)
from .pods import pod_spec

_LARGEST_ANNOTATIONS = 256 << 10
"""Bytes."""


def created(kind: Kind, obj: Obj) -> None:
    """Refuse what may not be created. ApiError 422 with every cause."""
    causes = [*_name(kind, obj), *_metadata(obj), *_body(kind, obj)]
    if causes:
        raise errors.invalid(kind, obj["metadata"].get("name", ""), causes)


def updated(kind: Kind, obj: Obj, old: Obj) -> None:
    """Refuse what an object may not become."""
    causes = [*_metadata(obj), *_added_finalizers(obj, old), *_immutable(kind, obj, old), *_body(kind, obj)]
    if causes:
        raise errors.invalid(kind, obj["metadata"]["name"], causes)


def _name(kind: Kind, obj: Obj) -> Iterator[Cause]:
    name = obj["metadata"].get("name", "")
    if not name:
        yield required("metadata.name", "name or generateName is required")
        return
    if kind.group == "rbac.authorization.k8s.io":
        return
    form = label_name if kind in (SERVICE, NAMESPACE, STATEFUL_SET) else subdomain
    stem = obj["metadata"].get("generateName", "")
    if stem:  # what comes after it makes up for a dash at its end
        yield from form("metadata.generateName", stem[:-1] + "a" if stem.endswith("-") else stem)
    yield from form("metadata.name", name)


def _metadata(obj: Obj) -> Iterator[Cause]:
    meta = obj["metadata"]
    yield from labels("metadata.labels", meta.get("labels") or {})
    annotations = meta.get("annotations") or {}
    for key in annotations:
        yield from qualified("metadata.annotations", key.lower())
    if sum(len(key) + len(value.encode()) for key, value in annotations.items()) > _LARGEST_ANNOTATIONS:
        yield too_long("metadata.annotations", _LARGEST_ANNOTATIONS)
    for owner in meta.get("ownerReferences") or []:
        for name, why in _OWNER.items():
            if not owner.get(name):
                yield invalid(f"metadata.ownerReferences.{name}", "", why)
        if (owner.get("apiVersion"), owner.get("kind")) == ("v1", "Event"):
            why = "/v1, Kind=Event is disallowed from being an owner"
            yield invalid("metadata.ownerReferences", owner, why)
    for i, finalizer in enumerate(meta.get("finalizers") or []):
        yield from qualified("metadata.finalizers", finalizer)
        if "/" not in finalizer and finalizer not in ("orphan", "foregroundDeletion", "kubernetes"):
            why = "name is neither a standard finalizer name nor is it fully qualified"
            yield invalid(f"metadata.finalizers[{i}]", finalizer, why)


_OWNER = {
    "apiVersion": "version must not be empty",
    "kind": "must not be empty",
    "name": "must not be empty",
    "uid": "must not be empty",
}


def _added_finalizers(obj: Obj, old: Obj) -> Iterator[Cause]:
    """Nothing more can hold up an object that is on its way out."""
    before = old["metadata"].get("finalizers") or []
    fresh = [name for name in obj["metadata"].get("finalizers") or [] if name not in before]
    if old["metadata"].get("deletionTimestamp") and fresh:
        listed = ", ".join(go(name) for name in fresh)
        why = "no new finalizers can be added if the object is being deleted, found new finalizers"
        yield forbidden("metadata.finalizers", f"{why} []string{{{listed}}}")


def _body(kind: Kind, obj: Obj) -> Iterator[Cause]:
    if kind in (DEPLOYMENT, REPLICA_SET, STATEFUL_SET, DAEMON_SET):
        return workloads.workload(kind, obj.get("spec") or {})
    if kind.custom is not None:
        return custom.fits(obj, schema_of(kind))
    check = _BY_KIND.get(kind)
    return check(obj) if check is not None else iter(())


_BY_KIND: dict[Kind, Callable[[Obj], Iterator[Cause]]] = {
    POD: lambda obj: pod_spec(obj.get("spec") or {}, "spec"),
    JOB: lambda obj: workloads.job(obj.get("spec") or {}, "spec"),
    CRON_JOB: lambda obj: workloads.cron_job(obj["metadata"].get("name", ""), obj.get("spec") or {}),
    SECRET: settings.secret,
    CONFIG_MAP: settings.config_map,
    SERVICE: lambda obj: network.service(obj.get("spec") or {}),
    INGRESS: lambda obj: network.ingress(obj.get("spec") or {}),
    NETWORK_POLICY: lambda obj: network.network_policy(obj.get("spec") or {}),
    HPA: lambda obj: scaling.autoscaler({"scaleTargetRef": {}, **(obj.get("spec") or {})}),
    PDB: lambda obj: scaling.budget(obj.get("spec") or {}),
    LIMIT_RANGE: lambda obj: scaling.limit_range(obj.get("spec") or {}),
    CLAIM: lambda obj: scaling.claim(obj.get("spec") or {}),
    CUSTOM_KIND: custom.definition,
}

_POD_MUTABLE = (
    "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only "
    "additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was "
    "previously negative)"
)
_STATEFUL_MUTABLE = {
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
}


def _immutable(kind: Kind, obj: Obj, old: Obj) -> Iterator[Cause]:
    spec, was = obj.get("spec") or {}, old.get("spec") or {}
    if kind in (DEPLOYMENT, REPLICA_SET, DAEMON_SET) and spec.get("selector") != was.get("selector"):
        yield invalid("spec.selector", spec.get("selector"), IMMUTABLE)
    elif kind is JOB:
        for name in ("completions", "selector", "template", "completionMode"):
            if spec.get(name) != was.get(name) and not (was.get("suspend") and name == "template"):
                yield invalid(f"spec.{name}", spec.get(name), IMMUTABLE)
    elif kind is STATEFUL_SET:
        if any(spec.get(k) != was.get(k) for k in {*spec, *was} - _STATEFUL_MUTABLE):
            listed = (
                "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', "
                "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds'"
            )
            yield forbidden(
                "spec", f"updates to statefulset spec for fields other than {listed} are forbidden"
            )
    elif kind is POD:
        if _frozen_pod(spec) != _frozen_pod(was):
            yield forbidden("spec", f"pod updates may not change fields other than {_POD_MUTABLE}\n")
    elif kind is SERVICE:
        if (
            was.get("clusterIP")
            and spec.get("clusterIP") != was["clusterIP"]
            and spec.get("type") != "ExternalName"
        ):
            yield invalid("spec.clusterIPs[0]", [spec.get("clusterIP", "")], "may not change once set")
    elif kind in (SECRET, CONFIG_MAP):
        yield from settings.sealed(kind, obj, old)
    elif kind in (ROLE_BINDING, CLUSTER_ROLE_BINDING) and obj.get("roleRef") != old.get("roleRef"):
        yield invalid("roleRef", obj.get("roleRef"), "cannot change roleRef")


def _frozen_pod(spec: Obj) -> Obj:
    """Give the part of a pod's spec that no update may change."""
    frozen = {
        k: v
        for k, v in spec.items()
        if k not in ("activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds")
        and k not in ("ephemeralContainers", "schedulingGates")
    }
    for group in ("containers", "initContainers"):
        if group in frozen:
            frozen[group] = [
                {k: v for k, v in container.items() if k not in ("image", "resources")}
                for container in frozen[group]
            ]
    return frozen
