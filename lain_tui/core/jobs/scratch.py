"""A shell in a fresh pod with a proc's image, env and mounts; the pod is deleted afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from lain_tui.core.errors import LainError
from lain_tui.core.jobs.manifest import DEADLINE, Size, pod_of_proc, unique_name
from lain_tui.core.jobs.source import find_proc
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import Forbidden, KubeError, NotFound
from lain_tui.core.kube.resources import PODS
from lain_tui.core.model.plan import Plan
from lain_tui.core.model.text import spell
from lain_tui.core.operations.ending import to_the_end
from lain_tui.core.operations.operation import refuse, subject_of, typed_name
from lain_tui.core.shell.place import Place, is_running
from lain_tui.core.target import Target
from lain_tui.core.triage.podstate import pod_state

TIMEOUT = 300.0
"""Seconds in which the pod must run."""
PATIENCE = 15.0
"""Seconds for which deleting it is tried again while the cluster does not answer."""
_BEAT = 0.5
_STUCK = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError", "Error"}
)


class ScratchPod:
    """A pod that lives as long as somebody is in it."""

    def __init__(
        self, kube: KubeClient, target: Target, place: Place, manifest: dict[str, Any], deadline: int, calls: Sequence[str]
    ) -> None:  # fmt: skip
        self._kube = kube
        self._target = target
        self._place = place
        self._manifest = manifest
        self._deadline = deadline
        image = next(
            each["image"] for each in manifest["spec"]["containers"] if each["name"] == place.container
        )
        self._plan = Plan(
            verb="job",
            subject=subject_of(target),
            calls=(f"create pod {place.pod} of {image}, as {place.proc}", *calls, "delete it afterwards"),
            notes=(f"It ends after {spell(deadline)} even when nobody deletes it.",),
            typed=typed_name(target),
        )

    @classmethod
    async def prepare(
        cls, kube: KubeClient, target: Target, proc: str = "",
        *, size: Size, deadline: int = DEADLINE, tag: str = "", user: int | None = None,
        calls: Sequence[str] = ("open a shell in it",),
    ) -> ScratchPod:  # fmt: skip
        """Of the proc named, by default of the one with the largest memory limit, or of its image's other `tag`.

        `calls` says what will be done in it. Raises LainError when there is no such proc.
        """
        source = await find_proc(kube, target, proc)
        name = unique_name(f"{target.release}-{source.name}-shell")
        manifest = pod_of_proc(
            source.workload, name=name, app=target.app, container=source.container, size=size, deadline=deadline,
            image=source.image_with(tag), user=user,
        )  # fmt: skip
        place = Place(namespace=target.namespace, pod=name, container=source.container, proc=source.name)
        return cls(kube, target, place, manifest, deadline, calls)

    @property
    def plan(self) -> Plan:
        return self._plan

    @asynccontextmanager
    async def living(self, tell: Callable[[str], None]) -> AsyncIterator[Place]:
        """Make it and wait until it runs; it is deleted with the block, whatever ends that.

        `tell` hears of it when the cluster does not let it be deleted. Raises Refused, and LainError when it does not
        get to run.
        """
        refuse(self._target, self._plan)
        try:
            # Within, for it may be there although its answer was lost.
            await self._kube.create(PODS, self._manifest, self._target.namespace)
            await self._until_running()
            yield self._place
        finally:
            await to_the_end(self._delete(tell))

    async def _until_running(self) -> None:
        name, word = self._place.pod, ""
        with suppress(TimeoutError):
            async with asyncio.timeout(TIMEOUT):
                while True:
                    pod = await self._kube.get(PODS, name, self._target.namespace)
                    if is_running(pod):
                        return
                    word = pod_state(pod).word
                    if word in _STUCK:
                        raise LainError(f"the pod {name} cannot start: {word}")
                    await asyncio.sleep(_BEAT)
        raise LainError(f"the pod {name} does not run after {spell(TIMEOUT)}: {word}")

    async def _delete(self, tell: Callable[[str], None]) -> None:
        name, why = self._place.pod, "the cluster does not answer"
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while True:
                    try:
                        await self._kube.delete(PODS, name, self._target.namespace, grace=0)
                    except NotFound:
                        return
                    except KubeError as error:
                        why = error.what
                        if isinstance(error, Forbidden):
                            break
                        await asyncio.sleep(_BEAT)
                    else:
                        return
        tell(
            f"pod {name} could not be deleted: {why}. It ends by itself {spell(self._deadline)} after it began."
        )
