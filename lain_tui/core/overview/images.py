"""Which images a cluster runs, and which it may yet run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import msgspec

from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.resources import (
    CRONJOBS,
    DAEMONSETS,
    DEPLOYMENTS,
    JOBS,
    PODS,
    REPLICASETS,
    STATEFULSETS,
    Kind,
)
from lain_tui.core.model.pod import Pod, PodSpec
from lain_tui.core.model.workload import CronJob
from lain_tui.core.triage.podstate import TERMINAL

_STARTING: tuple[Kind[Any], ...] = (PODS, DEPLOYMENTS, REPLICASETS, STATEFULSETS, DAEMONSETS, JOBS, CRONJOBS)
"""Kinds with a pod in them; ReplicaSets are what a Deployment is rolled back to."""


class ImageUse(msgspec.Struct, frozen=True, kw_only=True):
    """An image and who runs it."""

    image: str
    pods: int
    namespaces: tuple[str, ...]


def images_in_use(pods: Iterable[Pod]) -> list[ImageUse]:
    """Every image of a pod that has not ended, by name."""
    uses: dict[str, list[str]] = {}
    for pod in pods:
        if pod.status.phase in TERMINAL:
            continue
        containers = (*(pod.spec.init_containers or ()), *(pod.spec.containers or ()))
        for image in {container.image for container in containers if container.image}:
            uses.setdefault(image, []).append(pod.metadata.namespace)
    return [
        ImageUse(image=image, pods=len(where), namespaces=tuple(sorted(set(where))))
        for image, where in sorted(uses.items())
    ]


async def images_asked_for(kube: KubeClient) -> set[str]:
    """Every image that something in the cluster runs, or would start from: suspended, scaled to zero or rolled back to."""
    found: set[str] = set()
    answers = await asyncio.gather(*(kube.list(kind) for kind in _STARTING))
    for item in (item for items in answers for item in items):
        spec = item.spec.job_template.spec.template.spec if isinstance(item, CronJob) else _pod_spec(item)
        found |= {
            each.image for each in (*(spec.init_containers or ()), *(spec.containers or ())) if each.image
        }
    return found


def _pod_spec(item: Any) -> PodSpec:
    spec: PodSpec = item.spec if isinstance(item, Pod) else item.spec.template.spec
    return spec
