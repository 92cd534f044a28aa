"""Limit ranges: what a container is given that says nothing, and what may not be created."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .. import errors
from ..kinds import CLAIM, LIMIT_RANGE, POD, Kind
from ..quantity import canonical, value
from ..storage import Obj

if TYPE_CHECKING:
    from ..cluster import Cluster

_ANNOTATION = "kubernetes.io/limit-ranger"
_GROUPS = {"containers": "container", "initContainers": "init container"}


class Limits:
    """Fills pods in, and refuses what is outside its namespace's ranges."""

    def __init__(self, cluster: Cluster) -> None:
        self._storage = cluster.storage
        cluster.api.filling.append(self._fill)
        cluster.api.admission.append(self._admit)

    def _ranges(self, namespace: str, kind: str) -> list[Obj]:
        return [
            limit
            for obj in self._storage.objects(LIMIT_RANGE, namespace)
            for limit in obj["spec"].get("limits") or []
            if limit["type"] == kind
        ]

    def _fill(self, kind: Kind, obj: Obj) -> None:
        """Give each container the defaults it does not say, and note which."""
        if kind is not POD:
            return
        for limit in self._ranges(obj["metadata"]["namespace"], "Container"):
            notes: list[str] = []
            for group, named in _GROUPS.items():
                for container in obj["spec"].get(group) or []:
                    who = f"{named} {container['name']}"
                    for word, of in (("request", "defaultRequest"), ("limit", "default")):
                        resources = container.setdefault("resources", {})
                        given = resources.get(f"{word}s") or {}
                        fresh = {k: v for k, v in (limit.get(of) or {}).items() if k not in given}
                        if fresh:
                            resources[f"{word}s"] = {**given, **fresh}
                            notes.append(f"{', '.join(sorted(fresh))} {word} for {who}")
            if notes:
                annotations = obj["metadata"].setdefault("annotations", {})
                annotations[_ANNOTATION] = "LimitRanger plugin set: " + "; ".join(notes)

    def _admit(self, kind: Kind, obj: Obj) -> None:
        namespace = obj["metadata"].get("namespace", "")
        wrong: list[str] = []
        if kind is POD:
            containers = [c.get("resources") or {} for g in _GROUPS for c in obj["spec"].get(g) or []]
            for limit in self._ranges(namespace, "Container"):
                wrong += [each for resources in containers for each in _outside(limit, resources)]
            for limit in self._ranges(namespace, "Pod"):
                wrong += _outside(limit, _summed(obj))
        elif kind is CLAIM:
            for limit in self._ranges(namespace, "PersistentVolumeClaim"):
                requests = (obj["spec"].get("resources") or {}).get("requests") or {}
                wrong += _outside(limit, {"requests": requests, "limits": requests})
        if wrong:
            why = wrong[0] if len(wrong) == 1 else f"[{', '.join(wrong)}]"
            raise errors.forbidden(kind, obj["metadata"]["name"], why)


def _outside(limit: Obj, resources: Obj) -> Iterator[str]:
    """What of these requests and limits is outside one range."""
    requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
    per = limit["type"]
    for name, least in sorted((limit.get("min") or {}).items()):
        said = f"minimum {name} usage per {per} is {least}"
        if name not in requests:
            yield f"{said}.  No request is specified"
        elif value(requests[name]) < value(least):
            yield f"{said}, but request is {requests[name]}"
        elif name in limits and value(limits[name]) < value(least):
            yield f"{said}, but limit is {limits[name]}"
    for name, most in sorted((limit.get("max") or {}).items()):
        said = f"maximum {name} usage per {per} is {most}"
        if name not in limits:
            yield f"{said}.  No limit is specified"
        elif value(limits[name]) > value(most):
            yield f"{said}, but limit is {limits[name]}"
        elif name in requests and value(requests[name]) > value(most):
            yield f"{said}, but request is {requests[name]}"
    for name, most in sorted((limit.get("maxLimitRequestRatio") or {}).items()):
        said = f"{name} max limit to request ratio per {per} is {most}"
        request, bound = value(requests.get(name, "0")), value(limits.get(name, "0"))
        if not request:
            yield f"{said}, but no request is specified or request is 0"
        elif not bound:
            yield f"{said}, but no limit is specified or limit is 0"
        elif bound / request > value(most):
            yield f"{said}, but provided ratio is {float(bound / request):f}"


def _summed(pod: Obj) -> Obj:
    """What all containers of a pod ask for and are held to, where each says so."""
    summed: dict[str, dict[str, str]] = {}
    containers = [c.get("resources") or {} for c in pod["spec"]["containers"]]
    for group in ("requests", "limits"):
        given = [resources.get(group) or {} for resources in containers]
        names = set.union(*(set(each) for each in given))
        summed[group] = {
            name: canonical(str(sum(value(each.get(name, "0")) for each in given))) for name in names
        }
    return summed
