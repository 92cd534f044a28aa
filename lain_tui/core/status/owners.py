"""Which proc a pod belongs to.

The chart names resources `RELEASE-PROC` and labels them `app.kubernetes.io/instance=RELEASE-PROC`; pods are found by
their owners, so that procs of any other chart are right as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from lain_tui.core.model.meta import KubeObject, ObjectMeta, OwnerReference
from lain_tui.core.model.pod import Pod
from lain_tui.core.model.text import plain
from lain_tui.core.model.workload import Job, ReplicaSet

INSTANCE = "app.kubernetes.io/instance"
TEMPLATE_HASH = "pod-template-hash"


class Owner(msgspec.Struct, frozen=True):
    """The workload at the top of an owner chain."""

    kind: str
    name: str
    uid: str


class Owners:
    """Answers who made a pod, through ReplicaSets and Jobs where those may be read."""

    def __init__(self, replica_sets: Iterable[ReplicaSet], jobs: Iterable[Job]) -> None:
        self._parents: dict[str, OwnerReference] = {}
        for made in (*replica_sets, *jobs):
            owner = made.metadata.owner
            if owner is not None:
                self._parents[made.metadata.uid] = owner

    def of(self, meta: ObjectMeta) -> Owner | None:
        """The workload that an object belongs to; None for one that stands by itself."""
        ref = meta.owner
        if ref is None:
            return None
        parent = self._parents.get(ref.uid)
        if parent is not None:
            return Owner(parent.kind, parent.name, parent.uid)
        hash_ = meta.label(TEMPLATE_HASH)
        if ref.kind == "ReplicaSet" and hash_ and ref.name.endswith(f"-{hash_}"):
            # ReplicaSets may not be read, or this one is not listed yet: a Deployment names them NAME-HASH.
            return Owner("Deployment", ref.name.removesuffix(f"-{hash_}"), "")
        return Owner(ref.kind, ref.name, ref.uid)


def proc_name(name: str, release: str, labels: Mapping[str, str] | None = None) -> str:
    """A proc's name as in values: the resource's, or its instance label's, without `RELEASE-`."""
    instance = (labels or {}).get(INSTANCE, "")
    for candidate in (name, instance):
        if release and candidate.startswith(f"{release}-"):
            return plain(candidate.removeprefix(f"{release}-"))
    return plain(name)


def proc_of(workload: KubeObject, release: str) -> str:
    """The proc's name of a workload."""
    return proc_name(workload.metadata.name, release, workload.metadata.labels)


def standalone_name(pod: Pod, release: str) -> str:
    """What a pod that nobody owns is called in its own group."""
    return proc_name(pod.metadata.name, release, pod.metadata.labels)
