"""A shell or a command in a place, at a terminal or between pipes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from lain_tui.core.errors import LainError
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import KubeError, NotFound, Unreachable
from lain_tui.core.kube.exec import Exit, open_exec
from lain_tui.core.kube.resources import PODS
from lain_tui.core.logs.containers import container_status
from lain_tui.core.shell.bridge import Write, interact, pipe
from lain_tui.core.shell.place import Place
from lain_tui.core.shell.terminal import Terminal

KILLED = 137
"""The exit code of what was killed: 128 and SIGKILL."""
SHELLS = ("bash", "sh")
"""Tried in this order."""
_TELL = 5.0
"""Seconds that somebody whose connection was cut waits to be told why."""


class NoShell(LainError):
    """The container has no shell."""

    def __init__(self, place: Place) -> None:
        super().__init__(
            f"{place.name} has neither bash nor sh",
            hint="A debug container beside it has one: lain-tui x --debug.",
        )


class NotRun(LainError):
    """The program could not be run at all."""

    def __init__(self, place: Place, program: str, exit: Exit) -> None:
        if exit.is_missing:
            what = f"{place.name} has no program {program}"
        else:
            what = f"{place.name} could not run {program}: {exit.message}"
        super().__init__(what)
        self.code = 127 if exit.is_missing else 126
        """As shells have it."""


async def at_terminal(kube: KubeClient, place: Place, command: Sequence[str], terminal: Terminal) -> int:
    """Run a command, or without one a shell, with the terminal as its own; returns its exit code.

    Raises NoShell, NotRun, Unreachable when the connection is cut, and KubeError. The terminal is as before then.
    """
    ahead = bytearray()
    try:
        with terminal.raw():
            for argv in [command] if command else [[shell] for shell in SHELLS]:
                async with open_exec(
                    kube, place.namespace, place.pod, place.container, argv, stdin=True, tty=True
                ) as process:
                    exit = await interact(process, terminal, ahead)
                if exit.was_run:
                    return exit.code
                if command or not exit.is_missing:
                    raise NotRun(place, argv[0], exit)
    except Unreachable as error:
        raise await explain_cut(kube, place, error) from None
    raise NoShell(place)


async def between_pipes(
    kube: KubeClient, place: Place, command: Sequence[str], *, stdin: int | None, out: Write, err: Write
) -> int:
    """Run a command with its streams apart; returns its exit code. Raises as `at_terminal`."""
    try:
        async with open_exec(
            kube, place.namespace, place.pod, place.container, command, stdin=stdin is not None
        ) as process:
            exit = await pipe(process, stdin=stdin, out=out, err=err)
    except Unreachable as error:
        raise await explain_cut(kube, place, error) from None
    if not exit.was_run:
        raise NotRun(place, command[0], exit)
    return exit.code


async def explain_cut(kube: KubeClient, place: Place, error: Unreachable) -> LainError:
    """Why the connection was cut: better to know than that it was."""
    fate = await fate_of(kube, place)
    return Unreachable(fate) if fate else error


async def fate_of(kube: KubeClient, place: Place) -> str:
    """What happened to the container since; empty when it runs, or nobody can tell soon."""
    try:
        async with asyncio.timeout(_TELL):
            pod = await kube.get(PODS, place.pod, place.namespace)
    except NotFound:
        return f"the pod {place.pod} is gone: it was deleted meanwhile"
    except (KubeError, TimeoutError):
        return ""
    if pod.metadata.deletion_timestamp is not None:
        return f"the pod {place.pod} is being deleted, and what ran in it was ended"
    status = container_status(pod, place.container)
    if status is not None and status.state.running is None:
        return f"the container {place.name} ended, and with it what ran in it"
    return ""
