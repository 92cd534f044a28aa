"""Which containers of which pods a stream is of, and how each stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from lain_tui.core.model.logs import LogSource
from lain_tui.core.model.pod import ContainerStatus, Pod
from lain_tui.core.status.owners import proc_name, standalone_name

_SCHEDULED = re.compile(r"-\d{8,}$")


class LogScope(msgspec.Struct, frozen=True):
    """What the reader asked for; empty sets mean all."""

    procs: frozenset[str] = frozenset()
    pods: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    """Procs or pods, whichever they are."""
    containers: frozenset[str] = frozenset()

    @property
    def chosen(self) -> frozenset[str]:
        """The procs and pods that were named, whichever way."""
        return self.procs | self.pods | self.names

    def has(self, source: LogSource) -> bool:
        return (
            (not self.procs or source.proc in self.procs)
            and (not self.pods or source.pod in self.pods)
            and (not self.names or source.proc in self.names or source.pod in self.names)
            and (not self.containers or source.container in self.containers)
        )


def statuses(pod: Pod) -> Iterator[ContainerStatus]:
    """Every container that the kubelet reports: init, main and ephemeral ones."""
    yield from pod.status.init_container_statuses or ()
    yield from pod.status.container_statuses or ()
    yield from pod.status.ephemeral_container_statuses or ()


def container_status(pod: Pod, name: str) -> ContainerStatus | None:
    return next((status for status in statuses(pod) if status.name == name), None)


def has_log(status: ContainerStatus | None) -> bool:
    """Whether the container has ever run, so that the kubelet has a log of it."""
    if status is None:
        return False
    return bool(status.state.running or status.state.terminated or status.last_state.terminated)


def is_over(pod: Pod, status: ContainerStatus | None) -> bool:
    """Whether the container will never write again."""
    if pod.status.phase in {"Succeeded", "Failed"}:
        return True
    if status is None or status.state.terminated is None:
        return False
    names = {
        container.name for container in pod.spec.init_containers or () if container.restart_policy != "Always"
    }
    if status.name in names:
        return status.state.terminated.exit_code == 0 or pod.spec.restart_policy == "Never"
    return pod.spec.restart_policy == "Never" or (
        pod.spec.restart_policy == "OnFailure" and status.state.terminated.exit_code == 0
    )


def proc_of(pod: Pod, release: str = "") -> str:
    """The proc a pod belongs to, by the name of what made it, as the Status screen calls it."""
    meta = pod.metadata
    owner = meta.owner
    if owner is None:
        return standalone_name(pod, release)
    name = owner.name
    if owner.kind == "ReplicaSet":
        name = name.rpartition("-")[0]
    elif owner.kind == "Job":
        # A cronjob's jobs are numbered by the minute they are of.
        name = _SCHEDULED.sub("", name)
    return proc_name(name, release, meta.labels)


def sources_of(pods: Iterable[Pod], scope: LogScope, release: str = "") -> dict[LogSource, Pod]:
    """The containers in scope, with their pods."""
    found: dict[LogSource, Pod] = {}
    for pod in pods:
        proc = proc_of(pod, release)
        for status in statuses(pod):
            source = LogSource(pod.metadata.namespace, pod.metadata.name, status.name, proc, pod.metadata.uid)
            if scope.has(source):
                found[source] = pod
    return found
