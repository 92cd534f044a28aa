"""What every Kubernetes object carries, and the base that the other structs share.

Field names and meanings are those of the Kubernetes API reference; the structs hold only what lain-tui shows,
so that 5,000 pods stay small. Unknown fields are skipped while decoding.
"""

from __future__ import annotations

from datetime import datetime

import msgspec


class KubeStruct(msgspec.Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """Base of all decoded objects: immutable, camelCase on the wire, acyclic (the collector skips them)."""


class OwnerReference(KubeStruct, frozen=True, kw_only=True):
    kind: str
    name: str
    uid: str
    controller: bool = False


class ObjectMeta(KubeStruct, frozen=True, kw_only=True):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    deletion_grace_period_seconds: int | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owner_references: tuple[OwnerReference, ...] | None = None
    finalizers: tuple[str, ...] | None = None

    def label(self, key: str, default: str = "") -> str:
        return (self.labels or {}).get(key, default)

    def annotation(self, key: str, default: str = "") -> str:
        return (self.annotations or {}).get(key, default)

    @property
    def owner(self) -> OwnerReference | None:
        """The controller that made this object; None for one that stands by itself."""
        owners = self.owner_references or ()
        return next((ref for ref in owners if ref.controller), owners[0] if owners else None)


class KubeObject(KubeStruct, frozen=True, kw_only=True):
    """An object with metadata; every kind in the store derives from it."""

    metadata: ObjectMeta = ObjectMeta()


class Condition(KubeStruct, frozen=True, kw_only=True):
    """One entry of `status.conditions` (all kinds share this shape)."""

    type: str
    status: str
    reason: str = ""
    message: str = ""
    last_transition_time: datetime | None = None
    last_update_time: datetime | None = None

    @property
    def is_true(self) -> bool:
        return self.status == "True"


class LabelSelectorRequirement(KubeStruct, frozen=True, kw_only=True):
    key: str
    operator: str
    values: tuple[str, ...] | None = None


class LabelSelector(KubeStruct, frozen=True, kw_only=True):
    match_labels: dict[str, str] | None = None
    match_expressions: tuple[LabelSelectorRequirement, ...] | None = None


class ObjectReference(KubeStruct, frozen=True, kw_only=True):
    kind: str = ""
    name: str = ""
    namespace: str = ""
    uid: str = ""
    field_path: str = ""


class PartialObject(KubeObject, frozen=True, kw_only=True):
    """Metadata alone (`PartialObjectMetadata`): how Secrets are listed until one is opened."""


def condition(conditions: tuple[Condition, ...] | None, type_: str) -> Condition | None:
    """Return the condition of that type, or None."""
    return next((c for c in conditions or () if c.type == type_), None)
