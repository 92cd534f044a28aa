"""Endpoints and endpoint slices: which ready pods stand behind a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..clock import stamp
from ..kinds import ENDPOINT_SLICE, ENDPOINTS, POD, SERVICE
from ..storage import Change, Key, Obj
from .base import is_active, is_ready
from .owners import reference

if TYPE_CHECKING:
    from ..cluster import Cluster

_NAME = "endpoints"


class EndpointSlices:
    """Keeps one Endpoints and one EndpointSlice for each service with a selector."""

    def __init__(self, cluster: Cluster) -> None:
        self._storage = cluster.storage
        self._engine = cluster.engine
        self._clock = cluster.clock
        self._names = cluster.names
        self._engine.add(_NAME, self._reconcile)
        self._storage.listen(self._changed)

    def _changed(self, change: Change) -> None:
        if change.kind is SERVICE:
            self._engine.soon(_NAME, change.stored.key)
        elif change.kind is POD:
            labels = change.stored.obj["metadata"].get("labels") or {}
            before = change.previous.obj if change.previous else None
            if (
                before is not None
                and is_ready(before) == is_ready(change.stored.obj)
                and change.type == "MODIFIED"
            ):
                return
            for service in self._storage.objects(SERVICE, change.stored.key[0]):
                selector = service["spec"].get("selector")
                if selector and selector.items() <= labels.items():
                    self._engine.soon(_NAME, (change.stored.key[0], service["metadata"]["name"]), 0.05)

    def _reconcile(self, key: Key) -> None:
        service = self._storage.get(SERVICE, *key)
        if service is None:
            self._storage.remove(ENDPOINTS, *key)
            return
        selector = service["spec"].get("selector")
        if not selector:
            return
        pods = [
            pod
            for pod in self._storage.objects(POD, key[0])
            if selector.items() <= (pod["metadata"].get("labels") or {}).items()
            and (pod.get("status") or {}).get("podIP")
            and is_active(pod)
        ]
        self._put_endpoints(service, pods)
        self._put_slice(service, pods)

    def _ports(self, service: Obj, pods: list[Obj]) -> list[Obj]:
        ports = []
        for port in service["spec"].get("ports") or []:
            target = port.get("targetPort", port["port"])
            if isinstance(target, str) and not target.isdigit():
                target = next(
                    (
                        p["containerPort"]
                        for pod in pods
                        for p in _container_ports(pod)
                        if p.get("name") == target
                    ),
                    None,
                )
            if target is not None:
                ports.append(
                    {"name": port.get("name", ""), "port": int(target), "protocol": port["protocol"]}
                )
        return ports

    def _put_endpoints(self, service: Obj, pods: list[Obj]) -> None:
        meta = service["metadata"]
        ports = [{k: v for k, v in port.items() if v != ""} for port in self._ports(service, pods)]
        subset: Obj = {}
        for field, ready in (("addresses", True), ("notReadyAddresses", False)):
            found = [_address(pod) for pod in pods if is_ready(pod) is ready]
            if found:
                subset[field] = found
        body = self._base(ENDPOINTS.kind, "v1", meta["name"], service)
        if subset:
            body["subsets"] = [{**subset, "ports": ports}]
        self._storage.put(ENDPOINTS, body)

    def _put_slice(self, service: Obj, pods: list[Obj]) -> None:
        meta = service["metadata"]
        found = next(
            (
                s
                for s in self._storage.objects(ENDPOINT_SLICE, meta["namespace"])
                if (s["metadata"].get("labels") or {}).get("kubernetes.io/service-name") == meta["name"]
            ),
            None,
        )
        name = found["metadata"]["name"] if found else f"{meta['name']}-{self._names.suffix()}"
        body = self._base("EndpointSlice", "discovery.k8s.io/v1", name, service)
        body["metadata"]["labels"] = {
            **(meta.get("labels") or {}),
            "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
            "kubernetes.io/service-name": meta["name"],
        }
        body["metadata"]["ownerReferences"] = [reference(service)]
        body |= {
            "addressType": "IPv4",
            "endpoints": [
                {
                    "addresses": [pod["status"]["podIP"]],
                    "conditions": {"ready": is_ready(pod), "serving": is_ready(pod), "terminating": False},
                    "nodeName": pod["spec"]["nodeName"],
                    "targetRef": _target(pod),
                }
                for pod in pods
            ],
            "ports": self._ports(service, pods),
        }
        self._storage.put(ENDPOINT_SLICE, body)

    def _base(self, kind: str, version: str, name: str, service: Obj) -> Obj:
        namespace = service["metadata"]["namespace"]
        table = ENDPOINTS if kind == "Endpoints" else ENDPOINT_SLICE
        old = self._storage.get(table, namespace, name)
        kept = (old or {}).get("metadata") or {
            "name": name,
            "namespace": namespace,
            "uid": self._names.uid(),
            "creationTimestamp": stamp(self._clock.now()),
        }
        return {"kind": kind, "apiVersion": version, "metadata": dict(kept)}


def _container_ports(pod: Obj) -> list[Obj]:
    return [port for container in pod["spec"]["containers"] for port in container.get("ports") or []]


def _target(pod: Obj) -> Obj:
    meta = pod["metadata"]
    return {"kind": "Pod", "name": meta["name"], "namespace": meta["namespace"], "uid": meta["uid"]}


def _address(pod: Obj) -> Obj:
    return {"ip": pod["status"]["podIP"], "nodeName": pod["spec"]["nodeName"], "targetRef": _target(pod)}
