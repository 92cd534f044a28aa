"""In which pod and container to run something."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import KubeError
from lain_tui.core.kube.resources import DEPLOYMENTS, PODS, STATEFULSETS
from lain_tui.core.logs.containers import proc_of
from lain_tui.core.model.pod import Container, Pod
from lain_tui.core.model.quantity import parse_quantity
from lain_tui.core.model.text import LONG_AGO, listed
from lain_tui.core.model.workload import Deployment, StatefulSet
from lain_tui.core.status import owners
from lain_tui.core.target import Target
from lain_tui.core.triage.podstate import pod_state

DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"
"""The pod's annotation that says which container is meant when nobody says."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A running container."""

    namespace: str
    pod: str
    container: str
    proc: str = ""
    others: tuple[str, ...] = ()
    """The pod's other running containers."""

    @property
    def name(self) -> str:
        """`dummy-web-x2kqp`, with `/container` where there is more than one."""
        return f"{self.pod}/{self.container}" if self.others else self.pod


async def find_place(kube: KubeClient, target: Target, name: str = "", container: str = "") -> Place:
    """The newest running pod of the proc named, or the pod named; by default of the proc with the largest memory limit.

    Raises LainError when there is none, with what there is in its place.
    """
    selector = f"app.kubernetes.io/name={target.app}" if target.app else ""
    pods = await kube.list(PODS, target.namespace, selector=selector)
    if name and not any(name in (pod.metadata.name, proc_of(pod, target.release)) for pod in pods):
        # A pod of another app, such as one of a job made by hand: it was named in full.
        pods = [pod for pod in await kube.list(PODS, target.namespace) if pod.metadata.name == name]
        if not pods:
            raise await _nothing_there(kube, target, selector, name)
    return choose(pods, target.release, name, container, of=target.app or target.namespace)


async def _nothing_there(kube: KubeClient, target: Target, selector: str, name: str) -> LainError:
    """Why there is no pod of that name: the proc has none, or there is no such proc."""
    with suppress(KubeError):
        workloads: tuple[Deployment | StatefulSet, ...] = (
            *await kube.list(DEPLOYMENTS, target.namespace, selector=selector),
            *await kube.list(STATEFULSETS, target.namespace, selector=selector),
        )
        for each in workloads:
            if name in (each.metadata.name, owners.proc_of(each, target.release)):
                return LainError(f"{name} has no pod", hint=f"It is scaled to {each.spec.replicas}.")
    found = await kube.list(PODS, target.namespace, selector=selector)
    procs = sorted({proc_of(pod, target.release) for pod in found if is_running(pod)})
    return LainError(
        f"{target.app or target.namespace} has no proc or pod {name}",
        hint=f"It has {listed(procs, most=8)}." if procs else "Nothing of it runs.",
    )


def choose(
    pods: Sequence[Pod], release: str, name: str = "", container: str = "", *, of: str = "the app"
) -> Place:
    """The best place among pods; raises LainError when nothing runs there."""
    named = [pod for pod in pods if name in ("", pod.metadata.name, proc_of(pod, release))]
    running = [pod for pod in named if is_running(pod)]
    if not running:
        states = sorted({pod_state(pod).word for pod in named})
        alone = len(named) == 1 and named[0].metadata.name == name
        they_are = f"{'It is' if alone else 'Its pods are'} {listed(states)}; " if states else ""
        raise LainError(
            f"{name} does not run" if alone else f"no pod of {name or of} runs just now",
            hint=f"{they_are}lain-tui status shows why.",
        )
    if not name:
        proc = proc_of(max(running, key=lambda pod: (memory_limit(pod), proc_of(pod, release))), release)
        running = [pod for pod in running if proc_of(pod, release) == proc]
    return place_in(max(running, key=_newest), release, container)


def place_in(pod: Pod, release: str, container: str = "") -> Place:
    """A container of that pod: the one named, else the one that is meant by default."""
    up = running_containers(pod)
    known = [each.name for each in pod.spec.containers or ()]
    if container and container not in up:
        words = "does not run" if container in known else "is not there"
        raise LainError(
            f"container {container} of {pod.metadata.name} {words}", hint=f"Running: {listed(up)}."
        )
    proc = proc_of(pod, release)
    meant = (container, pod.metadata.annotation(DEFAULT_CONTAINER), proc, *known, *up)
    chosen = next(each for each in meant if each in up)
    return Place(
        namespace=pod.metadata.namespace,
        pod=pod.metadata.name,
        container=chosen,
        proc=proc,
        others=tuple(each for each in up if each != chosen),
    )


def is_running(pod: Pod) -> bool:
    """Something in it runs and it is not on its way out."""
    return pod.metadata.deletion_timestamp is None and bool(running_containers(pod))


def running_containers(pod: Pod) -> list[str]:
    """The containers that run now, the pod's own first, then sidecars and debug containers."""
    status = pod.status
    groups = (status.container_statuses, status.init_container_statuses, status.ephemeral_container_statuses)
    return [each.name for group in groups for each in group or () if each.state.running is not None]


def memory_limit(pod: Pod) -> float:
    """Bytes of all its containers' limits."""
    return sum(_memory(container) for container in pod.spec.containers or ())


def _memory(container: Container) -> float:
    try:
        return parse_quantity((container.resources.limits or {}).get("memory", "0"))
    except ValueError:
        return 0.0


def _newest(pod: Pod) -> tuple[datetime, str]:
    return pod.metadata.creation_timestamp or LONG_AGO, pod.metadata.name
