"""What every new namespace is given: a service account, and the cluster's CA."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..kinds import CONFIG_MAP, NAMESPACE, SERVICE_ACCOUNT
from ..storage import Change, Key

if TYPE_CHECKING:
    from ..cluster import Cluster

_NAME = "accounts"
ROOT_CA = "kube-root-ca.crt"
_CA = "-----BEGIN CERTIFICATE-----\nMIIDBTCCAe2gAwIBAgIIdemo\n-----END CERTIFICATE-----\n"


class Accounts:
    """Makes them, and makes them again when they are deleted."""

    def __init__(self, cluster: Cluster) -> None:
        self._storage = cluster.storage
        self._engine = cluster.engine
        self._api = cluster.api
        self._engine.add(_NAME, self._reconcile)
        self._storage.listen(self._changed)

    def _changed(self, change: Change) -> None:
        if change.kind is NAMESPACE and change.type == "ADDED":
            self._engine.soon(_NAME, ("", change.stored.key[1]))
        elif change.kind in (SERVICE_ACCOUNT, CONFIG_MAP) and change.type == "DELETED":
            self._engine.soon(_NAME, ("", change.stored.key[0]))

    def _reconcile(self, key: Key) -> None:
        namespace = self._storage.get(NAMESPACE, "", key[1])
        if namespace is None or namespace["metadata"].get("deletionTimestamp"):
            return
        if self._storage.get(SERVICE_ACCOUNT, key[1], "default") is None:
            self._api.create(SERVICE_ACCOUNT, key[1], {"metadata": {"name": "default"}})
        if self._storage.get(CONFIG_MAP, key[1], ROOT_CA) is None:
            self._api.create(CONFIG_MAP, key[1], {"metadata": {"name": ROOT_CA}, "data": {"ca.crt": _CA}})
