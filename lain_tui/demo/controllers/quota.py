"""Resource quotas: what may not be created any more, and how much is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import errors
from ..kinds import POD, QUOTA, Kind
from ..quantity import canonical, value
from ..storage import Change, Key, Obj
from .base import is_active

if TYPE_CHECKING:
    from ..cluster import Cluster

_NAME = "quota"


def _usage(pod: Obj) -> dict[str, str]:
    """Give what one pod counts for."""
    used: dict[str, str] = {"pods": "1", "count/pods": "1"}
    for group in ("requests", "limits"):
        for resource in ("cpu", "memory"):
            amounts = [
                value(str(((c.get("resources") or {}).get(group) or {}).get(resource, "0")))
                for c in pod["spec"]["containers"]
            ]
            used[f"{group}.{resource}"] = canonical(str(sum(amounts)))
    used |= {"cpu": used["requests.cpu"], "memory": used["requests.memory"]}
    return used


class Quotas:
    """Refuses pods that a namespace has no room for, and keeps count."""

    def __init__(self, cluster: Cluster) -> None:
        self._storage = cluster.storage
        self._engine = cluster.engine
        cluster.api.admission.append(self._admit)
        self._engine.add(_NAME, self._count)
        self._storage.listen(self._changed)

    def _changed(self, change: Change) -> None:
        if change.kind is QUOTA:
            self._engine.soon(_NAME, change.stored.key)
        elif change.kind is POD and (change.type != "MODIFIED" or not is_active(change.stored.obj)):
            for quota in self._storage.objects(QUOTA, change.stored.key[0]):
                self._engine.soon(_NAME, (change.stored.key[0], quota["metadata"]["name"]))

    def _used(self, namespace: str, names: list[str]) -> dict[str, str]:
        pods = [p for p in self._storage.objects(POD, namespace) if is_active(p)]
        totals = {name: value("0") for name in names}
        for pod in pods:
            usage = _usage(pod)
            for name in names:
                totals[name] += value(usage.get(name, "0"))
        return {name: canonical(str(total)) for name, total in totals.items()}

    def _admit(self, kind: Kind, obj: Obj) -> None:
        if kind is not POD:
            return
        namespace = obj["metadata"]["namespace"]
        for quota in self._storage.objects(QUOTA, namespace):
            hard = quota["spec"].get("hard") or {}
            usage = _usage(obj)
            used = self._used(namespace, list(hard))
            over = [n for n in sorted(hard) if value(usage.get(n, "0")) + value(used[n]) > value(hard[n])]
            if over:
                requested = ",".join(f"{name}={usage.get(name, '0')}" for name in over)
                now = ",".join(f"{name}={used[name]}" for name in over)
                limited = ",".join(f"{name}={hard[name]}" for name in over)
                why = f"exceeded quota: {quota['metadata']['name']}, requested: {requested}, used: {now}, limited: {limited}"
                raise errors.forbidden(kind, obj["metadata"]["name"], why)

    def _count(self, key: Key) -> None:
        quota = self._storage.get(QUOTA, *key)
        if quota is None:
            return
        hard = quota["spec"].get("hard") or {}
        status = {"hard": hard, "used": self._used(key[0], list(hard))}
        if quota.get("status") != status:
            self._storage.put(QUOTA, {**quota, "metadata": dict(quota["metadata"]), "status": status})
