"""What a server makes up for new objects: a pod's token volume, a service's addresses, a job's selector."""

from __future__ import annotations

from typing import Any

from .kinds import SERVICE, Kind
from .names import Names
from .storage import Storage

Obj = dict[str, Any]

_BALANCED: Obj = {"loadBalancer": {}}
_FIRST_STATUS: dict[str, Obj] = {
    "Deployment": {},
    "StatefulSet": {"replicas": 0, "availableReplicas": 0},
    "DaemonSet": {
        "currentNumberScheduled": 0, "numberMisscheduled": 0, "desiredNumberScheduled": 0, "numberReady": 0,
    },
    "ReplicaSet": {"replicas": 0},
    "Job": {},
    "CronJob": {},
    "Service": _BALANCED,
    "Ingress": _BALANCED,
    "PersistentVolumeClaim": {"phase": "Pending"},
    "ResourceQuota": {},
    "PodDisruptionBudget": {
        "disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0,
    },
    "HorizontalPodAutoscaler": {"desiredReplicas": 0, "currentMetrics": None},
}  # fmt: skip
"""What stands in `status` before any controller has looked: the fields that are never left out, all zero."""
_TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"


def first_status(kind: Kind, obj: Obj) -> None:
    """Give a new object the status that it has before any controller has looked."""
    if kind.kind in _FIRST_STATUS:
        obj.setdefault("status", dict(_FIRST_STATUS[kind.kind]))


def new_pod(obj: Obj, names: Names) -> None:
    """Mount the service account's token, as admission does, and set the first status."""
    spec = obj["spec"]
    obj["status"] = {"phase": "Pending", "qosClass": qos_class(spec)}
    if spec.get("automountServiceAccountToken") is False or not spec.get("containers"):
        return
    volume = f"kube-api-access-{names.suffix()}"
    containers = (*(spec.get("initContainers") or []), *spec["containers"])
    if any(m.get("mountPath") == _TOKEN_PATH for c in containers for m in c.get("volumeMounts") or []):
        return
    spec.setdefault("volumes", []).append({"name": volume, "projected": _token_sources()})
    for container in containers:
        mount = {"mountPath": _TOKEN_PATH, "name": volume, "readOnly": True}
        container.setdefault("volumeMounts", []).append(mount)


def _token_sources() -> Obj:
    return {
        "defaultMode": 420,
        "sources": [
            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
            {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
            {
                "downwardAPI": {
                    "items": [
                        {
                            "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"},
                            "path": "namespace",
                        }
                    ]
                }
            },
        ],
    }


def qos_class(spec: Obj) -> str:
    """Tell the quality of service a pod gets from its requests and limits."""
    containers = spec.get("containers") or []
    resources = [c.get("resources") or {} for c in containers]
    if not any(r.get("limits") or r.get("requests") for r in resources):
        return "BestEffort"
    for each in resources:
        limits, requests = each.get("limits") or {}, each.get("requests") or {}
        if set(limits) < {"cpu", "memory"} or any(requests.get(k) != limits[k] for k in ("cpu", "memory")):
            return "Burstable"
    return "Guaranteed"


def new_service(obj: Obj, storage: Storage, names: Names, old: Obj | None = None) -> None:
    """Allocate cluster addresses and node ports; an update keeps those it has."""
    spec = obj["spec"]
    if spec.get("type") == "ExternalName":
        return
    was = (old or {}).get("spec") or {}
    if not spec.get("clusterIP"):
        spec["clusterIP"] = was.get("clusterIP") or _free_address(storage)
    spec.setdefault("clusterIPs", [spec["clusterIP"]])
    if spec.get("type") in ("NodePort", "LoadBalancer"):
        ports_before = {port.get("port"): port.get("nodePort") for port in was.get("ports") or []}
        for port in spec.get("ports") or []:
            if not port.get("nodePort"):
                port["nodePort"] = ports_before.get(port["port"]) or int(names.uniform(30000, 32767))


def _free_address(storage: Storage) -> str:
    taken = {(service.get("spec") or {}).get("clusterIP") for service in storage.objects(SERVICE)}
    number = len(taken) + 10
    while (address := f"10.96.{number // 250}.{number % 250 + 1}") in taken:
        number += 1
    return address


def new_job(obj: Obj) -> None:
    """Give a job the selector and labels that tell its pods from others'."""
    meta, spec = obj["metadata"], obj["spec"]
    if spec.get("manualSelector"):
        return
    uid = meta["uid"]
    labels = {
        "batch.kubernetes.io/controller-uid": uid,
        "batch.kubernetes.io/job-name": meta["name"],
        "controller-uid": uid,
        "job-name": meta["name"],
    }
    spec["selector"] = {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}
    template = spec["template"].setdefault("metadata", {})
    own = template.get("labels") or {}
    template["labels"] = {**own, **labels}
    if own:
        label_job(obj)


def label_job(obj: Obj) -> None:
    """Give a job without labels those of its template: before it is checked where that has any of its own, else after."""
    meta, template = obj["metadata"], obj["spec"]["template"].get("metadata") or {}
    if not meta.get("labels") and template.get("labels"):
        meta["labels"] = dict(template["labels"])
