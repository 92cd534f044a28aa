"""A shell in a fresh pod with a proc's image, env and mounts; the pod is deleted afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from lain_tui.core.errors import LainError
from lain_tui.core.jobs.manifest import DEADLINE, Size, pod_of_proc, unique_name
from lain_tui.core.jobs.source import find_proc
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import KubeError
from lain_tui.core.kube.resources import PODS
from lain_tui.core.model.text import spell
from lain_tui.core.shell.place import Place, is_running
from lain_tui.core.target import Target
from lain_tui.core.triage.podstate import pod_state

TIMEOUT = 300.0
"""Seconds in which the pod must run."""
_BEAT = 0.5
_STUCK = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError", "Error"}
)


@asynccontextmanager
async def fresh_pod(
    kube: KubeClient,
    target: Target,
    proc: str = "",
    *,
    size: Size,
    deadline: int = DEADLINE,
    tag: str = "",
    user: int | None = None,
) -> AsyncIterator[Place]:
    """Make a pod of a proc (of its image's other `tag`) and wait until it runs; it is deleted with the block, and by its deadline at the latest.

    Raises LainError when it does not get to run.
    """
    source = await find_proc(kube, target, proc)
    name = unique_name(f"{target.release}-{source.name}-shell")
    manifest = pod_of_proc(
        source.workload, name=name, app=target.app, container=source.container, size=size, deadline=deadline,
        image=source.image_with(tag), user=user,
    )  # fmt: skip
    await kube.create(PODS, manifest, target.namespace)
    try:
        await _until_running(kube, target, name)
        yield Place(namespace=target.namespace, pod=name, container=source.container, proc=source.name)
    finally:
        # Shielded, for a second ctrl-C must not leave the pod behind.
        with suppress(KubeError):
            await asyncio.shield(kube.delete(PODS, name, target.namespace, grace=0))


async def _until_running(kube: KubeClient, target: Target, name: str) -> None:
    word = ""
    with suppress(TimeoutError):
        async with asyncio.timeout(TIMEOUT):
            while True:
                pod = await kube.get(PODS, name, target.namespace)
                if is_running(pod):
                    return
                word = pod_state(pod).word
                if word in _STUCK:
                    raise LainError(f"the pod {name} cannot start: {word}")
                await asyncio.sleep(_BEAT)
    raise LainError(f"the pod {name} does not run after {spell(TIMEOUT)}: {word}")
