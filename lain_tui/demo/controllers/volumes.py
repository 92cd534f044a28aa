"""Volume claims: bound when a storage class provides for them, pending with an event when none does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..clock import stamp
from ..kinds import CLAIM, STORAGE_CLASS, VOLUME
from ..storage import Change, Key, Obj, copy

if TYPE_CHECKING:
    from ..cluster import Cluster

_NAME = "volume"
_COMPONENT = "persistentvolume-controller"
_DEFAULT = "storageclass.kubernetes.io/is-default-class"


class Volumes:
    """Provides volumes."""

    def __init__(self, cluster: Cluster) -> None:
        self._storage = cluster.storage
        self._engine = cluster.engine
        self._clock = cluster.clock
        self._events = cluster.events
        self._names = cluster.names
        self._engine.add(_NAME, self._reconcile)
        self._storage.listen(self._changed)

    def _changed(self, change: Change) -> None:
        if change.kind is CLAIM and change.type != "DELETED":
            self._engine.soon(_NAME, change.stored.key, 0.3)

    def _reconcile(self, key: Key) -> float | None:
        claim = self._storage.get(CLAIM, *key)
        if claim is None or (claim.get("status") or {}).get("phase") == "Bound":
            return None
        wanted = claim["spec"].get("storageClassName")
        if wanted is None:
            default = next(
                (
                    c["metadata"]["name"]
                    for c in self._storage.objects(STORAGE_CLASS)
                    if (c["metadata"].get("annotations") or {}).get(_DEFAULT) == "true"
                ),
                None,
            )
            wanted = default
        if wanted is None:
            text = "no persistent volumes available for this claim and no storage class is set"
            self._events.record(claim, "FailedBinding", text, component=_COMPONENT)
            return 15.0
        if self._storage.get(STORAGE_CLASS, "", wanted) is None:
            text = f'storageclass.storage.k8s.io "{wanted}" not found'
            self._events.record(claim, "ProvisioningFailed", text, component=_COMPONENT, warning=True)
            return 15.0
        self._bind(claim, wanted)
        return None

    def _bind(self, claim: Obj, storage_class: str) -> None:
        meta = claim["metadata"]
        name = f"pvc-{meta['uid']}"
        size = ((claim["spec"].get("resources") or {}).get("requests") or {}).get("storage", "1Gi")
        volume: Obj = {
            "kind": "PersistentVolume",
            "apiVersion": "v1",
            "metadata": {
                "name": name,
                "uid": self._names.uid(),
                "creationTimestamp": stamp(self._clock.now()),
            },
            "spec": {
                "capacity": {"storage": size},
                "accessModes": claim["spec"].get("accessModes", ["ReadWriteOnce"]),
                "persistentVolumeReclaimPolicy": "Delete",
                "storageClassName": storage_class,
                "volumeMode": "Filesystem",
                "hostPath": {"path": f"/var/local/{name}", "type": ""},
                "claimRef": {
                    "kind": "PersistentVolumeClaim",
                    "apiVersion": "v1",
                    "namespace": meta["namespace"],
                    "name": meta["name"],
                    "uid": meta["uid"],
                },
            },
            "status": {"phase": "Bound"},
        }
        self._storage.put(VOLUME, volume)
        fresh = copy(claim)
        fresh["spec"] |= {"storageClassName": storage_class, "volumeName": name}
        fresh["status"] = {
            "phase": "Bound",
            "accessModes": volume["spec"]["accessModes"],
            "capacity": {"storage": size},
        }
        self._storage.put(CLAIM, fresh)
        text = f"Successfully provisioned volume {name}"
        self._events.record(claim, "ProvisioningSucceeded", text, component="rancher.io/local-path")
