"""Deployments: one replica set for each version of the template, and the roll from one to the next."""

from __future__ import annotations

from ..clock import parse
from ..errors import ApiError
from ..kinds import DEPLOYMENT, POD, REPLICA_SET
from ..names import safe_hash
from ..storage import Obj, copy
from .base import Controller, condition, is_active, merge_conditions, portion
from .owners import reference
from .rollout import old_sets_to_shrink, room_for_new

REVISION = "deployment.kubernetes.io/revision"
_DESIRED = "deployment.kubernetes.io/desired-replicas"
_MAXIMUM = "deployment.kubernetes.io/max-replicas"
_HASH = "pod-template-hash"


def revision(obj: Obj) -> int:
    text = (obj["metadata"].get("annotations") or {}).get(REVISION, "0")
    return int(text) if text.isdigit() else 0


def _bare(template: Obj) -> Obj:
    """Give a template without the hash label, to compare by."""
    meta = dict(template.get("metadata") or {})
    meta["labels"] = {k: v for k, v in (meta.get("labels") or {}).items() if k != _HASH}
    meta.pop("creationTimestamp", None)
    return {**template, "metadata": meta}


class Deployments(Controller):
    kind = DEPLOYMENT
    name = "deployment"
    owns = (REPLICA_SET,)
    component = "deployment-controller"

    def reconcile(self, obj: Obj) -> float | None:
        sets = self.owners.objects(obj["metadata"]["uid"], REPLICA_SET)
        if obj["spec"].get("paused"):
            self._tell(obj, sets)
            return None
        new = self._new_set(obj, sets)
        if new is None:
            return 5.0
        sets = self.owners.objects(obj["metadata"]["uid"], REPLICA_SET)
        old = [s for s in sets if s["metadata"]["uid"] != new["metadata"]["uid"]]
        obj = self._note_revision(obj, revision(new))
        if obj["spec"]["strategy"]["type"] == "Recreate":
            self._recreate(obj, new, old)
        else:
            self._roll(obj, new, old)
        self._forget_oldest(obj, new)
        return self._tell(obj, self.owners.objects(obj["metadata"]["uid"], REPLICA_SET))

    def _new_set(self, obj: Obj, sets: list[Obj]) -> Obj | None:
        """Find the replica set of the present template, or make it; it carries the highest revision."""
        wanted = _bare(obj["spec"]["template"])
        found = next((s for s in sets if _bare(s["spec"]["template"]) == wanted), None)
        highest = max((revision(s) for s in sets), default=0)
        if found is not None:
            if len(sets) > 1 and revision(found) < highest:
                found = self._annotate(found, {REVISION: str(highest + 1)})
            return found
        meta = obj["metadata"]
        mark = safe_hash(wanted)
        template = copy(obj["spec"]["template"])
        template.setdefault("metadata", {}).setdefault("labels", {})[_HASH] = mark
        selector = copy(obj["spec"]["selector"])
        selector.setdefault("matchLabels", {})[_HASH] = mark
        annotations = {
            k: v
            for k, v in (meta.get("annotations") or {}).items()
            if k != "kubectl.kubernetes.io/last-applied-configuration"
        }
        annotations[REVISION] = str(highest + 1)
        body: Obj = {
            "metadata": {
                "name": f"{meta['name']}-{mark}",
                "namespace": meta["namespace"],
                "labels": template["metadata"]["labels"],
                "annotations": annotations,
                "ownerReferences": [reference(obj)],
            },
            "spec": {"replicas": 0, "selector": selector, "template": template},
        }
        if obj["spec"].get("minReadySeconds"):
            body["spec"]["minReadySeconds"] = obj["spec"]["minReadySeconds"]
        try:
            return self.api.create(REPLICA_SET, meta["namespace"], body).obj
        except ApiError as error:
            self.say(
                obj,
                "ReplicaSetCreateError",
                f'Failed to create new replica set "{meta["name"]}-{mark}": {error.message}',
                warning=True,
            )
            return None

    def _annotate(self, obj: Obj, values: dict[str, str]) -> Obj:
        annotations = {**(obj["metadata"].get("annotations") or {}), **values}
        kind = REPLICA_SET if obj["kind"] == "ReplicaSet" else DEPLOYMENT
        meta = {**obj["metadata"], "annotations": annotations}
        return self.storage.put(kind, {**obj, "metadata": meta}).obj

    def _note_revision(self, obj: Obj, number: int) -> Obj:
        if revision(obj) != number:
            return self._annotate(obj, {REVISION: str(number)})
        return obj

    def _scale(self, obj: Obj, which: Obj, replicas: int, surge: int) -> None:
        before = which["spec"]["replicas"]
        annotations = {
            **(which["metadata"].get("annotations") or {}),
            _DESIRED: str(obj["spec"]["replicas"]),
            _MAXIMUM: str(obj["spec"]["replicas"] + surge),
        }
        if before == replicas and annotations == (which["metadata"].get("annotations") or {}):
            return
        meta = {**which["metadata"], "annotations": annotations}
        if before != replicas:
            meta["generation"] = meta.get("generation", 1) + 1
        self.storage.put(
            REPLICA_SET, {**which, "metadata": meta, "spec": {**which["spec"], "replicas": replicas}}
        )
        if before != replicas:
            word = "up" if replicas > before else "down"
            name = which["metadata"]["name"]
            self.say(
                obj, "ScalingReplicaSet", f"Scaled {word} replica set {name} from {before} to {replicas}"
            )

    def _roll(self, obj: Obj, new: Obj, old: list[Obj]) -> None:
        wanted = obj["spec"]["replicas"]
        rolling = obj["spec"]["strategy"].get("rollingUpdate") or {}
        surge = portion(rolling.get("maxSurge", "25%"), wanted, up=True)
        unavailable = portion(rolling.get("maxUnavailable", "25%"), wanted, up=False)
        if not surge and not unavailable:
            unavailable = 1
        self._scale(obj, new, room_for_new(wanted, surge, new, old), surge)
        current = self.storage.get(REPLICA_SET, new["metadata"]["namespace"], new["metadata"]["name"])
        if current is None:
            return
        for each, replicas in old_sets_to_shrink(wanted, unavailable, current, old):
            self._scale(obj, each, replicas, surge)

    def _recreate(self, obj: Obj, new: Obj, old: list[Obj]) -> None:
        for each in old:
            if each["spec"]["replicas"]:
                self._scale(obj, each, 0, 0)
        lingering = any(
            (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed")
            for each in old
            for pod in self.owners.objects(each["metadata"]["uid"], POD)
        )
        if lingering:
            self.engine.soon(self.name, (obj["metadata"]["namespace"], obj["metadata"]["name"]), 1.0)
        else:
            self._scale(obj, new, obj["spec"]["replicas"], 0)

    def _forget_oldest(self, obj: Obj, new: Obj) -> None:
        """Keep only as many emptied sets as revisionHistoryLimit says, once the new one is complete."""
        sets = self.owners.objects(obj["metadata"]["uid"], REPLICA_SET)
        idle = [
            s
            for s in sets
            if s["metadata"]["uid"] != new["metadata"]["uid"]
            and not s["spec"]["replicas"]
            and not (s.get("status") or {}).get("replicas")
            and not any(is_active(p) for p in self.owners.objects(s["metadata"]["uid"], POD))
        ]
        extra = len(idle) - obj["spec"].get("revisionHistoryLimit", 10)
        for each in sorted(idle, key=revision)[: max(0, extra)]:
            self.storage.remove(REPLICA_SET, each["metadata"]["namespace"], each["metadata"]["name"])

    def _tell(self, obj: Obj, sets: list[Obj]) -> float | None:
        wanted = _bare(obj["spec"]["template"])
        new = next((s for s in sets if _bare(s["spec"]["template"]) == wanted), None)

        def total(name: str, among: list[Obj]) -> int:
            return sum((s.get("status") or {}).get(name, 0) for s in among)

        replicas, available = total("replicas", sets), total("availableReplicas", sets)
        updated = total("replicas", [new] if new else [])
        counts = {
            "replicas": replicas,
            "updatedReplicas": updated,
            "readyReplicas": total("readyReplicas", sets),
            "availableReplicas": available,
            "unavailableReplicas": max(0, obj["spec"]["replicas"] - available),
        }
        status: Obj = {"observedGeneration": obj["metadata"].get("generation", 1)}
        status |= {name: count for name, count in counts.items() if count}
        conditions, again = self._conditions(obj, new, sets, counts)
        status["conditions"] = conditions
        self.set_status(obj, status)
        return again

    def _conditions(
        self, obj: Obj, new: Obj | None, sets: list[Obj], counts: dict[str, int]
    ) -> tuple[list[Obj], float | None]:
        wanted = obj["spec"]["replicas"]
        rolling = obj["spec"]["strategy"].get("rollingUpdate") or {}
        least = wanted - portion(rolling.get("maxUnavailable", 0), wanted, up=False)
        enough = counts["availableReplicas"] >= least
        available = self._condition(
            "Available",
            enough,
            "MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable",
            f"Deployment {'has' if enough else 'does not have'} minimum availability.",
        )
        fresh = [available]
        progress, again = self._progress(obj, new, counts)
        if progress is not None:
            fresh.append(progress)
        old = [c for c in (obj.get("status") or {}).get("conditions") or [] if c["type"] != "ReplicaFailure"]
        failure = next((c for s in sets if (c := condition(s, "ReplicaFailure"))), None)
        if failure is not None:
            fresh.append(self._condition("ReplicaFailure", True, failure["reason"], failure["message"]))
            old = (obj.get("status") or {}).get("conditions") or []
        return merge_conditions(old, fresh), again

    def _condition(self, kind: str, holds: bool, reason: str, message: str) -> Obj:
        now = self.now_stamp()
        return {
            "type": kind,
            "status": "True" if holds else "False",
            "lastUpdateTime": now,
            "lastTransitionTime": now,
            "reason": reason,
            "message": message,
        }

    def _progress(self, obj: Obj, new: Obj | None, counts: dict[str, int]) -> tuple[Obj | None, float | None]:
        """Tell how a rollout gets on; also when to look whether it has gone past its deadline."""
        wanted, name = obj["spec"]["replicas"], new["metadata"]["name"] if new else ""
        before = condition(obj, "Progressing")
        if new is None or obj["spec"].get("paused"):
            return before, None
        complete = counts["updatedReplicas"] == wanted == counts["replicas"] == counts["availableReplicas"]
        if complete:
            text = f'ReplicaSet "{name}" has successfully progressed.'
            return self._condition("Progressing", True, "NewReplicaSetAvailable", text), None
        old = obj.get("status") or {}
        moved = (
            counts["updatedReplicas"] > old.get("updatedReplicas", 0)
            or counts["readyReplicas"] > old.get("readyReplicas", 0)
            or counts["availableReplicas"] > old.get("availableReplicas", 0)
            or counts["replicas"] - counts["updatedReplicas"]
            < old.get("replicas", 0) - old.get("updatedReplicas", 0)
        )
        if before is None or (before["reason"] == "NewReplicaSetAvailable" and name not in before["message"]):
            text = f'Created new replica set "{name}"'
            return self._condition("Progressing", True, "NewReplicaSetCreated", text), 1.0
        if before["reason"] == "NewReplicaSetAvailable":
            return before, None
        if moved:
            text = f'ReplicaSet "{name}" is progressing.'
            return self._condition("Progressing", True, "ReplicaSetUpdated", text), 1.0
        left = (
            parse(before["lastUpdateTime"])
            + obj["spec"].get("progressDeadlineSeconds", 600)
            - self.clock.now()
        )
        if left > 0 or name not in before["message"]:
            if name not in before["message"]:
                text = f'ReplicaSet "{name}" is progressing.'
                return self._condition("Progressing", True, "ReplicaSetUpdated", text), 1.0
            return before, max(left, 1.0)
        text = f'ReplicaSet "{name}" has timed out progressing.'
        return self._condition("Progressing", False, "ProgressDeadlineExceeded", text), None
