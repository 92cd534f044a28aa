"""What every cluster has: nodes, namespaces, service accounts, a storage class."""

from __future__ import annotations

from ..clock import stamp
from ..cluster import VERSION, Cluster
from ..kinds import (
    INGRESS_CLASS,
    LEASE,
    NAMESPACE,
    NODE,
    SERVICE,
    STORAGE_CLASS,
    Kind,
)
from ..storage import Obj


def put(cluster: Cluster, kind: Kind, namespace: str, body: Obj) -> Obj:
    """Create one object through the API, as anybody would."""
    return cluster.api.create(kind, namespace, body).obj


def namespaces(cluster: Cluster, *more: str) -> None:
    """Make the namespaces a new cluster has, and more."""
    for name in ("default", "kube-node-lease", "kube-public", "kube-system", *more):
        put(cluster, NAMESPACE, "", {"metadata": {"name": name}})
    port = {"name": "https", "port": 443, "targetPort": 6443}
    labels = {"component": "apiserver", "provider": "kubernetes"}
    body = {
        "metadata": {"name": "kubernetes", "labels": labels},
        "spec": {"clusterIP": "10.96.0.1", "ports": [port]},
    }
    put(cluster, SERVICE, "default", body)
    default = {"storageclass.kubernetes.io/is-default-class": "true"}
    put(
        cluster,
        STORAGE_CLASS,
        "",
        {
            "metadata": {"name": "standard", "annotations": default},
            "provisioner": "rancher.io/local-path",
            "reclaimPolicy": "Delete",
            "volumeBindingMode": "Immediate",
        },
    )
    put(
        cluster,
        INGRESS_CLASS,
        "",
        {"metadata": {"name": "nginx"}, "spec": {"controller": "k8s.io/ingress-nginx"}},
    )


def _condition(kind: str, holds: str, reason: str, message: str, now: str) -> Obj:
    return {
        "type": kind,
        "status": holds,
        "lastHeartbeatTime": now,
        "lastTransitionTime": now,
        "reason": reason,
        "message": message,
    }


def node_conditions(now: float, *, memory_pressure: bool = False, ready: bool = True) -> list[Obj]:
    """Give the conditions a kubelet reports, or a node controller for a kubelet that has gone quiet."""
    at = stamp(now)
    if not ready:
        lost = ("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.", at)
        return [_condition(k, *lost) for k in ("MemoryPressure", "DiskPressure", "PIDPressure", "Ready")]
    memory = (
        ("True", "KubeletHasInsufficientMemory", "kubelet has insufficient memory available")
        if memory_pressure
        else ("False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available")
    )
    return [
        _condition("MemoryPressure", *memory, at),
        _condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure", at),
        _condition(
            "PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available", at
        ),
        _condition("Ready", "True", "KubeletReady", "kubelet is posting ready status", at),
    ]


def nodes(
    cluster: Cluster, names: list[str], cpu: str = "4", memory: str = "8148016Ki", pods: str = "110"
) -> None:
    """Make nodes, the first of them the control plane's (which here takes pods like the others)."""
    for i, name in enumerate(names):
        labels = {
            "beta.kubernetes.io/arch": "amd64",
            "beta.kubernetes.io/os": "linux",
            "kubernetes.io/arch": "amd64",
            "kubernetes.io/hostname": name,
            "kubernetes.io/os": "linux",
        }
        if i == 0:
            labels["node-role.kubernetes.io/control-plane"] = ""
        amounts = {"cpu": cpu, "memory": memory, "pods": pods, "ephemeral-storage": "61202244Ki"}
        obj: Obj = {
            "kind": "Node",
            "apiVersion": "v1",
            "metadata": {
                "name": name,
                "uid": cluster.names.uid(),
                "creationTimestamp": stamp(cluster.clock.now()),
                "labels": labels,
            },
            "spec": {"podCIDR": f"10.244.{i}.0/24", "podCIDRs": [f"10.244.{i}.0/24"]},
            "status": {
                "capacity": amounts,
                "allocatable": amounts,
                "conditions": node_conditions(cluster.clock.now()),
                "addresses": [
                    {"type": "InternalIP", "address": cluster.kubelet.node(name).host_ip},
                    {"type": "Hostname", "address": name},
                ],
                "nodeInfo": {
                    "architecture": "amd64",
                    "bootID": cluster.names.uid(),
                    "containerRuntimeVersion": "containerd://2.2.1",
                    "kernelVersion": "6.12.57",
                    "kubeProxyVersion": "",
                    "kubeletVersion": VERSION,
                    "machineID": cluster.names.hex(32),
                    "operatingSystem": "linux",
                    "osImage": "Debian GNU/Linux 12 (bookworm)",
                    "systemUUID": cluster.names.uid(),
                },
                "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            },
        }
        cluster.storage.put(NODE, obj)


def leases(cluster: Cluster) -> None:
    """Make the kubelets' leases."""
    for node in cluster.storage.objects(NODE):
        name = node["metadata"]["name"]
        body = {"metadata": {"name": name}, "spec": {"holderIdentity": name, "leaseDurationSeconds": 40}}
        put(cluster, LEASE, "kube-node-lease", body)
