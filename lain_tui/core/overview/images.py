"""Which images a cluster runs."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from lain_tui.core.model.pod import Pod
from lain_tui.core.triage.podstate import TERMINAL


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
