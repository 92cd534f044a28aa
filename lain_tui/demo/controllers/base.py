"""What all controllers share: their queue, their pods, their words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .. import apply
from ..clock import parse, stamp
from ..errors import ApiError
from ..finalize import DeleteOptions, delete
from ..kinds import POD, Kind
from ..storage import Change, Key, Obj, copy
from .owners import Owners, controller_of, reference

if TYPE_CHECKING:
    from ..cluster import Cluster


def condition(obj: Obj, kind: str) -> Obj | None:
    found = (obj.get("status") or {}).get("conditions") or []
    return next((c for c in found if c["type"] == kind), None)


def is_ready(pod: Obj) -> bool:
    ready = condition(pod, "Ready")
    return ready is not None and ready["status"] == "True"


def is_active(pod: Obj) -> bool:
    """Tell whether a pod still counts: not finished, not being deleted."""
    phase = (pod.get("status") or {}).get("phase")
    return phase not in ("Succeeded", "Failed") and not pod["metadata"].get("deletionTimestamp")


def is_available(pod: Obj, min_ready: int, now: float) -> bool:
    ready = condition(pod, "Ready")
    if ready is None or ready["status"] != "True":
        return False
    return not min_ready or now - parse(ready["lastTransitionTime"]) >= min_ready


def portion(value: Any, total: int, *, up: bool) -> int:
    """Resolve an IntOrString such as ``25%`` against a total."""
    if isinstance(value, str) and value.endswith("%"):
        share = int(value[:-1]) * total
        return -(-share // 100) if up else share // 100
    return int(value or 0)


class Controller:
    """One control loop over one kind."""

    kind: Kind
    name: str
    owns: tuple[Kind, ...] = (POD,)

    def __init__(self, cluster: Cluster, owners: Owners) -> None:
        self.storage = cluster.storage
        self.api = cluster.api
        self.clock = cluster.clock
        self.names = cluster.names
        self.events = cluster.events
        self.engine = cluster.engine
        self.owners = owners
        self.engine.add(self.name, self._called)
        self.storage.listen(self._changed)

    def _changed(self, change: Change) -> None:
        if change.kind is self.kind:
            self.engine.soon(self.name, change.stored.key)
        elif change.kind in self.owns:
            owner = controller_of(change.stored.obj)
            if owner is not None and owner["kind"] == self.kind.kind:
                self.engine.soon(self.name, (change.stored.key[0], owner["name"]))

    def _called(self, key: Key) -> float | None:
        obj = self.storage.get(self.kind, *key)
        if obj is None or obj["metadata"].get("deletionTimestamp"):
            return None
        return self.reconcile(obj)

    def reconcile(self, obj: Obj) -> float | None:
        """Bring one object closer to what it asks for; give the seconds until it wants to be looked at again."""
        raise NotImplementedError

    def pods(self, owner: Obj) -> list[Obj]:
        return self.owners.objects(owner["metadata"]["uid"], POD)

    def say(self, about: Obj, reason: str, message: str, *, warning: bool = False) -> None:
        self.events.record(about, reason, message, component=self.component, warning=warning)

    @property
    def component(self) -> str:
        return f"{self.kind.singular}-controller"

    def set_status(self, obj: Obj, status: Obj) -> None:
        """Store a status when it says something new."""
        if (obj.get("status") or {}) != status:
            fresh = {**obj, "metadata": dict(obj["metadata"]), "status": status}
            apply.track(self.kind, obj, fresh, "kube-controller-manager", self.now_stamp(), "status")
            self.storage.put(self.kind, fresh)

    def create_pod(
        self, owner: Obj, template: Obj, labels: Obj | None = None, name: str = "", **spec: Any
    ) -> Obj | None:
        """Create a pod from a template, and say so; None when that was refused."""
        meta = template.get("metadata") or {}
        own = owner["metadata"]
        body: Obj = {
            "metadata": {
                "namespace": own["namespace"],
                "labels": {**(meta.get("labels") or {}), **(labels or {})},
                "annotations": dict(meta.get("annotations") or {}),
                "ownerReferences": [reference(owner)],
            },
            "spec": {**copy(template["spec"]), **spec},
        }
        for empty in ("labels", "annotations"):
            if not body["metadata"][empty]:
                del body["metadata"][empty]
        if name:
            body["metadata"]["name"] = name
        else:
            body["metadata"]["generateName"] = f"{own['name']}-"
        try:
            pod = self.api.create(POD, own["namespace"], body).obj
        except ApiError as error:
            self.say(owner, "FailedCreate", f"Error creating: {error.message}", warning=True)
            self.refused = error.message
            return None
        self.say(owner, "SuccessfulCreate", self.words("Create", owner, pod["metadata"]["name"]))
        return pod

    refused: str = ""
    """Why the last pod could not be created."""

    def delete_pod(self, owner: Obj, pod: Obj) -> None:
        meta = pod["metadata"]
        stored = self.storage.stored(POD, meta["namespace"], meta["name"])
        if stored is not None:
            delete(self.storage, self.clock, POD, stored, DeleteOptions())
            self.say(owner, "SuccessfulDelete", self.words("Delete", owner, meta["name"]))

    def words(self, verb: str, owner: Obj, pod: str) -> str:
        """That it was done: `Created pod: web-1`."""
        return f"{verb}d pod: {pod}"

    def now_stamp(self) -> str:
        return stamp(self.clock.now())


def merge_conditions(old: Iterable[Obj], new: Iterable[Obj]) -> list[Obj]:
    """Replace conditions by type; one whose status stays keeps its transition time."""
    merged = {c["type"]: c for c in old}
    for each in new:
        before = merged.get(each["type"])
        if before is not None and before["status"] == each["status"]:
            each = {**each, "lastTransitionTime": before["lastTransitionTime"]}
            same = {k: v for k, v in each.items() if k != "lastUpdateTime"}
            if same == {k: v for k, v in before.items() if k != "lastUpdateTime"}:
                each = before
        merged[each["type"]] = each
    return list(merged.values())
