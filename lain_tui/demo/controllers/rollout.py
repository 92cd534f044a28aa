"""The arithmetic of a rolling update (k8s.io/kubernetes/pkg/controller/deployment)."""

from __future__ import annotations

from ..storage import Obj


def room_for_new(wanted: int, surge: int, new: Obj, old: list[Obj]) -> int:
    """Give how many replicas the new set may have now."""
    mine = int(new["spec"]["replicas"])
    if mine >= wanted:
        return wanted
    total = mine + sum(int(each["spec"]["replicas"]) for each in old)
    room = wanted + surge - total
    return mine + max(0, min(room, wanted - mine))


def old_sets_to_shrink(wanted: int, unavailable: int, new: Obj, old: list[Obj]) -> list[tuple[Obj, int]]:
    """Give the old sets that can be smaller now, with their new sizes: first what is unhealthy, then the oldest."""
    olds = [each for each in old if each["spec"]["replicas"]]
    if not olds:
        return []
    total = sum(int(s["spec"]["replicas"]) for s in olds) + int(new["spec"]["replicas"])
    least = wanted - unavailable
    new_missing = int(new["spec"]["replicas"]) - _available(new)
    most = total - least - new_missing
    if most <= 0:
        return []
    sizes = {each["metadata"]["uid"]: int(each["spec"]["replicas"]) for each in olds}
    for each in olds:
        uid = each["metadata"]["uid"]
        sick = min(sizes[uid] - _available(each), most)
        if sick > 0:
            sizes[uid] -= sick
            most -= sick
    spare = sum(min(_available(s), sizes[s["metadata"]["uid"]]) for s in olds) + _available(new) - least
    for each in sorted(olds, key=lambda s: s["metadata"]["creationTimestamp"]):
        uid = each["metadata"]["uid"]
        fewer = min(sizes[uid], max(0, spare))
        sizes[uid] -= fewer
        spare -= fewer
    return [
        (e, sizes[e["metadata"]["uid"]]) for e in olds if sizes[e["metadata"]["uid"]] != e["spec"]["replicas"]
    ]


def _available(each: Obj) -> int:
    return int((each.get("status") or {}).get("availableReplicas", 0))
