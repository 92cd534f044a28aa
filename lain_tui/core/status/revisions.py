"""Which pods are of a workload's newest revision.

A Deployment's newest ReplicaSet is the one with the highest `deployment.kubernetes.io/revision`; the pods of a
StatefulSet or DaemonSet carry their revision in the label `controller-revision-hash`.
"""

from __future__ import annotations

from collections.abc import Iterable

from lain_tui.core.model.pod import Pod
from lain_tui.core.model.workload import DaemonSet, Deployment, ReplicaSet, StatefulSet

REVISION = "deployment.kubernetes.io/revision"
REVISION_HASH = "controller-revision-hash"


class Revisions:
    """The newest ReplicaSet of each Deployment."""

    def __init__(self, replica_sets: Iterable[ReplicaSet]) -> None:
        self._newest: dict[str, tuple[int, str]] = {}
        for one in replica_sets:
            owner = one.metadata.owner
            number = one.metadata.annotation(REVISION)
            if owner is None or not number.isdigit():
                continue
            found = (int(number), one.metadata.uid)
            self._newest[owner.uid] = max(found, self._newest.get(owner.uid, found))

    def outdated(self, pod: Pod, workload: Deployment | StatefulSet | DaemonSet) -> bool:
        """The pod is of an older revision; False where that cannot be told."""
        owner = pod.metadata.owner
        if isinstance(workload, Deployment):
            newest = self._newest.get(workload.metadata.uid)
            return newest is not None and owner is not None and owner.uid != newest[1]
        if isinstance(workload, StatefulSet):
            own = pod.metadata.label(REVISION_HASH)
            return bool(own) and own != workload.status.update_revision
        return False
