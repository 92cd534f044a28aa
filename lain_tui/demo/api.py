"""The verbs that change objects: what a real API server does between a request and etcd."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import apply, errors, finalize, validate
from .clock import Clock, stamp
from .decode import decode
from .defaults import apply_defaults
from .kinds import CUSTOM_KIND, JOB, NAMESPACE, POD, SERVICE, Kind
from .names import Names
from .patch import go_map, json_patch, merge_patch, strategic_patch
from .prepare import first_status, label_job, new_job, new_pod, new_service
from .storage import Obj, Storage, Stored, copy, encode
from .validate import causes

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"
PATCHES = (JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH)

_KEPT_META = ("uid", "creationTimestamp", "namespace", "name", "selfLink", "deletionTimestamp", "generation")


@dataclass
class Options:
    """What the query string of a writing request says."""

    dry_run: bool = False
    manager: str = ""
    """Who owns the fields that change; "" when nobody keeps count (the cluster's own controllers)."""
    force: bool = False
    field_validation: str = "Warn"
    subresource: str = ""
    warnings: list[str] = field(default_factory=list)
    """Filled by the verb: what to send in Warning headers."""


Admission = Callable[[Kind, Obj], None]
"""A check on what is about to be created; raises ApiError to refuse."""


class Api:
    """create, update, patch, delete on one storage."""

    def __init__(self, storage: Storage, clock: Clock, names: Names) -> None:
        self.storage = storage
        self.clock = clock
        self.names = names
        self.filling: list[Admission] = []
        """What fills in what is about to be created, before it is checked."""
        self.admission: list[Admission] = []

    def found(self, kind: Kind, namespace: str, name: str) -> Stored:
        stored = self.storage.stored(kind, namespace if kind.namespaced else "", name)
        if stored is None:
            raise errors.not_found(kind, name)
        return stored

    def create(self, kind: Kind, namespace: str, body: Any, options: Options | None = None) -> Stored:
        """Create one object. ApiError when it is refused or exists."""
        options = options or Options()
        obj, warnings = decode(kind, body, options.field_validation)
        options.warnings += warnings
        meta = obj["metadata"]
        self._place(kind, namespace, meta)
        generated = not meta.get("name") and meta.get("generateName")
        if generated:
            meta["name"] = meta["generateName"] + self.names.suffix()
        if kind.status:
            obj.pop("status", None)
        for absent in (
            "resourceVersion",
            "uid",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "selfLink",
        ):
            if absent == "resourceVersion" and meta.get(absent):
                why = "resourceVersion should not be set on objects to be created"
                raise errors.ApiError(500, "", why)
            meta.pop(absent, None)
        meta["uid"] = self.names.uid()
        meta["creationTimestamp"] = stamp(self.clock.now())
        if kind.generation:
            meta["generation"] = 1
        apply_defaults(kind, obj)
        # Whoever creates it owns what was sent and its defaults, and not what is filled in from here on.
        managed: list[Obj] = []
        if options.manager:
            sent = copy(obj)
            sent["metadata"].pop("managedFields", None)
            apply.track(kind, None, sent, options.manager, stamp(self.clock.now()), options.subresource)
            managed = sent["metadata"]["managedFields"]
        for fill in self.filling:
            fill(kind, obj)
        self._prepare(kind, obj)
        validate.created(kind, obj)
        if kind is JOB:
            label_job(obj)
        options.warnings += validate.warned(kind, obj)
        self._check_namespace(kind, namespace, meta["name"])
        if self.storage.stored(kind, meta.get("namespace", ""), meta["name"]) is not None:
            raise errors.already_exists(kind, meta["name"])
        for check in self.admission:
            check(kind, obj)
        if options.manager:
            meta["managedFields"] = managed
        return self._store(kind, obj, options)

    def _place(self, kind: Kind, namespace: str, meta: Obj) -> None:
        if not kind.namespaced:
            meta.pop("namespace", None)
            return
        given = meta.get("namespace")
        if given and given != namespace:
            raise errors.another_namespace()
        meta["namespace"] = namespace

    def _check_namespace(self, kind: Kind, namespace: str, name: str) -> None:
        if not kind.namespaced:
            return
        found = self.storage.get(NAMESPACE, "", namespace)
        if found is None:
            raise errors.not_found(NAMESPACE, namespace)
        if found["metadata"].get("deletionTimestamp"):
            raise errors.terminating(kind, name, namespace)

    def _prepare(self, kind: Kind, obj: Obj) -> None:
        if kind is POD:
            new_pod(obj, self.names)
        elif kind is SERVICE:
            new_service(obj, self.storage, self.names)
        elif kind is JOB:
            new_job(obj)
        first_status(kind, obj)

    def _store(self, kind: Kind, obj: Obj, options: Options) -> Stored:
        if options.dry_run:
            meta = obj["metadata"]
            return Stored((meta.get("namespace", ""), meta["name"]), obj, self.storage.version)
        return self.storage.put(kind, obj)

    def update(
        self, kind: Kind, namespace: str, name: str, body: Any, options: Options | None = None
    ) -> Stored:
        """Replace one object, or one of its subresources. ApiError 409 when the resourceVersion has moved on."""
        options = options or Options()
        obj, warnings = decode(kind, body, options.field_validation)
        options.warnings += warnings
        if obj["metadata"].get("name") != name:
            raise errors.another_name(obj["metadata"].get("name", ""), name)
        old = self.storage.stored(kind, namespace if kind.namespaced else "", name)
        if old is None:
            raise errors.not_found(kind, name)
        if (kind is CUSTOM_KIND or kind.custom is not None) and not obj["metadata"].get("resourceVersion"):
            raise errors.unconditional(kind, name)
        self._place(kind, namespace, obj["metadata"])
        return self._replace(kind, old, obj, options)

    def _replace(self, kind: Kind, stored: Stored, new: Obj, options: Options) -> Stored:
        """Put ``new`` in the place of ``stored``, keeping what an update may not touch."""
        old = stored.obj
        meta, was = new["metadata"], old["metadata"]
        wanted = meta.get("resourceVersion")
        if wanted and not wanted.isdigit():
            why = f"strconv.ParseUint: parsing {causes.go(wanted)}: invalid syntax"
            raise errors.ApiError(500, "", why)
        if wanted and wanted != was["resourceVersion"]:
            raise errors.conflict(kind, was["name"])
        if meta.get("uid") and meta["uid"] != was["uid"]:
            raise errors.precondition(kind, was["name"], "UID", meta["uid"], was["uid"])
        for name in _KEPT_META:
            if name in was:
                meta[name] = was[name]
            else:
                meta.pop(name, None)
        if "deletionGracePeriodSeconds" in was:
            meta["deletionGracePeriodSeconds"] = was["deletionGracePeriodSeconds"]
        if options.subresource == "status":
            new = {**old, "metadata": {**was, **_kept_of_status(meta)}, "status": new.get("status", {})}
        elif kind.status:
            if "status" in old:
                new["status"] = old["status"]
            else:
                new.pop("status", None)
        meta = new["metadata"]
        if options.subresource != "status":
            apply_defaults(kind, new)
            if kind is SERVICE:
                new_service(new, self.storage, self.names, old)
            if kind is POD and options.subresource == "" and not new["spec"].get("nodeName"):
                new["spec"].pop("nodeName", None)
            validate.updated(kind, new, old)
            if new.get("spec") != old.get("spec"):
                options.warnings += validate.warned(kind, new)
        if kind.generation and _counts(kind, new) != _counts(kind, old):
            meta["generation"] = was.get("generation", 0) + 1
        if "managedFields" not in meta and "managedFields" in was:
            meta["managedFields"] = was["managedFields"]
        if options.manager:
            apply.track(kind, old, new, options.manager, stamp(self.clock.now()), options.subresource)
        meta["resourceVersion"] = was["resourceVersion"]
        if options.dry_run:
            return Stored(stored.key, new, stored.version)
        return finalize.settle(self.storage, kind, new)

    def patch(
        self, kind: Kind, namespace: str, name: str, media: str, patch: Any, options: Options | None = None
    ) -> tuple[Stored, bool]:
        """Patch one object; tell also whether it was created, as server-side apply may."""
        options = options or Options()
        key = namespace if kind.namespaced else ""
        stored = self.storage.stored(kind, key, name)
        if media.startswith("application/apply-patch"):
            return self._apply(kind, namespace, name, stored, patch, options)
        if stored is None:
            raise errors.not_found(kind, name)
        merged = patched(kind, stored.obj, media, patch)
        shown = go_map(patch) if media == STRATEGIC_PATCH else encode(merged).decode()
        decoded, warnings = decode(kind, merged, options.field_validation, shown)
        options.warnings += warnings
        meta, was = decoded["metadata"], stored.obj["metadata"]
        if meta.get("name") != name:
            raise errors.another_name(meta.get("name", ""), name)
        if meta.get("namespace", "") != was.get("namespace", ""):
            raise errors.another_namespace()
        if meta.get("uid", was["uid"]) != was["uid"]:  # told twice, as it really is
            raise errors.invalid(
                kind, name, [causes.invalid("metadata.uid", meta["uid"], causes.IMMUTABLE)] * 2
            )
        return self._replace(kind, stored, copy(decoded), options), False

    def _apply(
        self, kind: Kind, namespace: str, name: str, stored: Stored | None, patch: Any, options: Options
    ) -> tuple[Stored, bool]:
        check_applied(kind, patch)
        applied, warnings = decode(kind, patch, options.field_validation)
        options.warnings += warnings
        if applied["metadata"].get("managedFields"):
            raise errors.bad_request("metadata.managedFields must be nil")
        if applied["metadata"].get("name") != name:
            raise errors.another_name(applied["metadata"].get("name", ""), name)
        self._place(kind, namespace, applied["metadata"])
        now = stamp(self.clock.now())
        if stored is None:
            manager, options.manager = options.manager, ""
            obj = apply.first(kind, copy(applied), manager, now)
            managed = obj["metadata"]["managedFields"]
            dry = Options(dry_run=True, warnings=options.warnings)
            created = self.create(kind, namespace, obj, dry).obj
            created["metadata"]["managedFields"] = managed
            return self._store(kind, created, options), True
        merged = apply.merge(
            kind, stored.obj, applied, options.manager, now, options.force, options.subresource
        )
        options.manager = ""
        merged["metadata"].pop("resourceVersion", None)
        if applied["metadata"].get("resourceVersion"):
            merged["metadata"]["resourceVersion"] = applied["metadata"]["resourceVersion"]
        return self._replace(kind, stored, copy(merged), options), False


def check_applied(kind: Kind, patch: Obj) -> None:
    """ApiError 400 when what is applied does not say that it is of this kind."""
    version, name = patch.get("apiVersion") or "", patch.get("kind") or ""
    if (version, name) != (kind.api_version, kind.kind):
        group, _, short = version.rpartition("/")
        raise errors.bad_request(f"invalid object type: {group}/{short}, Kind={name}")


def patched(kind: Kind, obj: Obj, media: str, patch: Any) -> Obj:
    """What a patch makes of an object, as yet unchecked."""
    made: Obj
    if media == JSON_PATCH:
        made = json_patch(obj, patch)
    elif media == MERGE_PATCH:
        made = merge_patch(obj, patch)
    elif media == STRATEGIC_PATCH:
        made = strategic_patch(obj, patch, kind.model_name)
        made |= {"apiVersion": kind.api_version, "kind": kind.kind}
    else:
        raise errors.unknown_patch()
    return made


def _counts(kind: Kind, obj: Obj) -> object:
    """What a change of is a new generation: of a kind that somebody has defined, all but metadata and status."""
    if kind.custom is None:
        return obj.get("spec")
    apart = ("apiVersion", "metadata", *(("status",) if kind.status else ()))
    return {name: value for name, value in obj.items() if name not in apart}


def _kept_of_status(meta: Obj) -> Obj:
    return {k: v for k, v in meta.items() if k in ("labels", "annotations", "finalizers", "managedFields")}
