"""A debug container: a shell beside a container that has none, in the same pod (`kubectl debug`)."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from typing import Any

from lain_tui.core.errors import LainError
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import KubeError, Unreachable
from lain_tui.core.kube.exec import open_attach
from lain_tui.core.kube.resources import PODS
from lain_tui.core.logs.containers import container_status
from lain_tui.core.model.pod import ContainerStatus
from lain_tui.core.model.text import spell
from lain_tui.core.shell.bridge import interact
from lain_tui.core.shell.place import Place
from lain_tui.core.shell.session import explain_cut
from lain_tui.core.shell.terminal import Terminal

IMAGE = "busybox"
"""What it is made of when nobody says otherwise."""
TIMEOUT = 120.0
"""Seconds in which its image must be there and its shell run."""
_BEAT = 0.3
_TELL = 5.0
"""Seconds in which the kubelet tells how it ended."""


async def add_debug_container(kube: KubeClient, place: Place, image: str = "") -> Place:
    """Add one that shares the processes of the place's container; returns it once its shell runs.

    It stays in the pod until the pod goes; its shell ends with the terminal. Raises LainError when it cannot start.
    """
    name = f"lain-debug-{secrets.token_hex(3)}"
    container: dict[str, Any] = {
        "name": name,
        "image": image or IMAGE,
        "command": ["sh"],
        "stdin": True,
        "stdinOnce": True,
        "tty": True,
        "targetContainerName": place.container,
    }
    await kube.patch(
        PODS,
        place.pod,
        {"spec": {"ephemeralContainers": [container]}},
        place.namespace,
        type="strategic",
        subresource="ephemeralcontainers",
    )
    status: ContainerStatus | None = None
    with suppress(TimeoutError):
        async with asyncio.timeout(TIMEOUT):
            while True:
                status = container_status(await kube.get(PODS, place.pod, place.namespace), name)
                if status is not None and status.state.running is not None:
                    return Place(namespace=place.namespace, pod=place.pod, container=name, proc=place.proc)
                if status is not None and (fault := _fault(status)):
                    raise LainError(
                        f"the debug container cannot start: {fault}",
                        hint="Another image: lain-tui x --debug --image IMAGE.",
                    )
                await asyncio.sleep(_BEAT)
    waits = status.state.waiting.reason if status is not None and status.state.waiting else "nothing yet"
    raise LainError(f"the debug container does not run after {spell(TIMEOUT)}: {waits}")


def _fault(status: ContainerStatus) -> str:
    waiting, ended = status.state.waiting, status.state.terminated
    if ended is not None:
        return ended.message or f"it ended with exit code {ended.exit_code}"
    if waiting is not None and waiting.reason not in ("", "ContainerCreating", "PodInitializing"):
        return f"{waiting.reason}: {waiting.message}" if waiting.message else waiting.reason
    return ""


async def attach(kube: KubeClient, place: Place, terminal: Terminal) -> int:
    """Have the container's own program at the terminal, until it ends; returns its exit code."""
    try:
        with terminal.raw():
            async with open_attach(
                kube, place.namespace, place.pod, place.container, stdin=True, tty=True
            ) as process:
                # Its first prompt was printed before anyone looked: an empty line brings another.
                await process.write(b"\n")
                await interact(process, terminal)
    except Unreachable as error:
        raise await explain_cut(kube, place, error) from None
    return await _exit_code(kube, place)


async def _exit_code(kube: KubeClient, place: Place) -> int:
    """How the container ended: a runtime does not tell those who are attached. 0 when the kubelet does not in time."""
    with suppress(TimeoutError, KubeError):
        async with asyncio.timeout(_TELL):
            while True:
                status = container_status(await kube.get(PODS, place.pod, place.namespace), place.container)
                if status is not None and status.state.terminated is not None:
                    return status.state.terminated.exit_code
                await asyncio.sleep(_BEAT)
    return 0
