"""How objects go: grace, finalizers, propagation, preconditions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from . import errors
from .clock import Clock, stamp
from .identity import go_type
from .kinds import CUSTOM_KIND, JOB, NAMESPACE, POD, Kind
from .storage import Obj, Storage, Stored, copy
from .validate import causes
from .validate.causes import Cause

FOREGROUND = "foregroundDeletion"
ORPHAN = "orphan"
CLEANUP = "customresourcecleanup.apiextensions.k8s.io"
"""Of a CustomResourceDefinition that is deleted, until all objects of its kind are gone."""
_POLICIES = ("Foreground", "Background", "Orphan")


@dataclass(frozen=True)
class DeleteOptions:
    """What a DELETE asks for, from its body or its query."""

    grace: int | None = None
    propagation: str = ""
    uid: str = ""
    resource_version: str = ""
    dry_run: bool = False

    @classmethod
    def read(cls, body: Obj, query: dict[str, str]) -> DeleteOptions:
        """Read the options a client sent. ApiError 400 or 422 when they make no sense."""
        grace = body.get("gracePeriodSeconds", query.get("gracePeriodSeconds"))
        if "gracePeriodSeconds" in body and not isinstance(grace, int | None):
            where = "Go struct field DeleteOptions.gracePeriodSeconds of type int64"
            raise errors.bad_request(f"json: cannot unmarshal {go_type(grace)} into {where}")
        policy = body.get("propagationPolicy") or query.get("propagationPolicy") or ""
        dry = [*(body.get("dryRun") or ()), *([query["dryRun"]] if "dryRun" in query else ())]
        wrong = [*_contradictions(policy, body), *_unknown_dry_run(dry)]
        if wrong:
            raise errors.invalid(Kind("DeleteOptions", "deleteoptions", "meta.k8s.io"), "", wrong)
        if body.get("orphanDependents"):
            policy = "Orphan"
        preconditions = body.get("preconditions") or {}
        return cls(
            grace=None if grace is None else int(grace),
            propagation=policy,
            uid=preconditions.get("uid", ""),
            resource_version=preconditions.get("resourceVersion", ""),
            dry_run=bool(dry),
        )


def _contradictions(policy: str, body: Obj) -> Iterator[Cause]:
    field = "propagationPolicy"
    if policy and body.get("orphanDependents") is not None:
        yield causes.invalid(field, policy, "orphanDependents and deletionPropagation cannot be both set")
    elif policy not in ("", *_POLICIES):
        yield causes.unsupported(field, policy, [*_POLICIES, "nil"])


def _unknown_dry_run(dry: list[str]) -> Iterator[Cause]:
    if any(value != "All" for value in dry):
        yield causes.unsupported("dryRun", dry, ["All"])


def delete(
    storage: Storage, clock: Clock, kind: Kind, stored: Stored, options: DeleteOptions
) -> tuple[Obj, bool]:
    """Delete one object, or set out to; give its last state and whether it is gone already."""
    meta = stored.obj["metadata"]
    name = meta["name"]
    if options.uid and options.uid != meta["uid"]:
        raise errors.precondition(kind, name, "UID", options.uid, meta["uid"])
    if options.resource_version and options.resource_version != meta["resourceVersion"]:
        raise errors.precondition(
            kind, name, "ResourceVersion", options.resource_version, meta["resourceVersion"]
        )
    grace = _grace(kind, stored.obj, options.grace)
    obj = copy(stored.obj)
    finalizers = _finalizers(kind, obj, options.propagation)
    held = bool(finalizers) or (kind is NAMESPACE and bool((obj.get("spec") or {}).get("finalizers")))
    if not held and grace == 0:
        if not options.dry_run:
            storage.remove(kind, *stored.key)
        return stored.obj, True
    meta = obj["metadata"]
    already = "deletionTimestamp" in meta
    if not already or (kind is POD and grace < meta.get("deletionGracePeriodSeconds", 0)):
        meta["deletionTimestamp"] = stamp(clock.now() + grace)
        meta["deletionGracePeriodSeconds"] = grace
        if kind.generation:
            meta["generation"] = meta.get("generation", 0) + 1
    if finalizers:
        meta["finalizers"] = finalizers
    else:
        meta.pop("finalizers", None)
    if kind is NAMESPACE:
        obj["status"] = {**obj.get("status", {}), "phase": "Terminating"}
    if not options.dry_run:
        storage.put(kind, obj)
    return obj, False


def _grace(kind: Kind, obj: Obj, asked: int | None) -> int:
    """Give the seconds a pod has to stop; nothing else has any."""
    if kind is not POD:
        return 0
    spec, status = obj.get("spec", {}), obj.get("status", {})
    if not spec.get("nodeName") or status.get("phase") in ("Failed", "Succeeded"):
        return 0
    if asked is not None:
        return max(asked, 0)
    return int(spec.get("terminationGracePeriodSeconds", 30))


def _finalizers(kind: Kind, obj: Obj, propagation: str) -> list[str]:
    finalizers = [f for f in obj["metadata"].get("finalizers") or [] if f not in (FOREGROUND, ORPHAN)]
    if not propagation and kind is JOB:
        propagation = "Orphan"
    if propagation == "Orphan":
        finalizers.append(ORPHAN)
    elif propagation == "Foreground":
        finalizers.append(FOREGROUND)
    if kind is CUSTOM_KIND and CLEANUP not in finalizers:
        finalizers.append(CLEANUP)
    return finalizers


def settle(storage: Storage, kind: Kind, obj: Obj) -> Stored:
    """Store an update; an object being deleted whose last finalizer went is removed instead."""
    meta = obj["metadata"]
    if not meta.get("finalizers"):
        meta.pop("finalizers", None)
    waiting = (
        meta.get("finalizers")
        or (kind is POD and meta.get("deletionGracePeriodSeconds", 0) > 0)
        or (kind is NAMESPACE and (obj.get("spec") or {}).get("finalizers"))
    )
    if meta.get("deletionTimestamp") and not waiting:
        removed = storage.remove(kind, meta.get("namespace", ""), meta["name"])
        if removed is not None:
            return removed
    return storage.put(kind, obj)
