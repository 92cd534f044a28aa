"""`lain-tui x`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from lain_tui.cli.outcome import tell
from lain_tui.cli.session import Session, session
from lain_tui.cli.words import WordsCommand, words_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.shell.place import Place
    from lain_tui.core.shell.terminal import Terminal


@click.command(
    cls=WordsCommand,
    epilog="Example: lain-tui x web -- python manage.py migrate",
)
@click.option(
    "-c", "--container", default="", metavar="NAME", help="The container; the proc's own by default."
)
@click.option("--debug", is_flag=True, help="Add a debug container to the pod, and open a shell in that.")
@click.option("--image", default="", metavar="IMAGE", help="The debug container's image [busybox].")
@click.argument("name", default="", metavar="[PROC|POD] [-- COMMAND…]")
@click.pass_context
def command(ctx: click.Context, name: str, container: str, debug: bool, image: str) -> int:
    """Open a shell, or run COMMAND, in the newest pod of a proc.

    Without PROC it is the proc with the largest memory limit. On a terminal the program has it whole (vim, htop);
    elsewhere standard input, output and error are passed on as they are. The exit code is the program's own; 127
    when the container has no such program. Read-only mode has no shell.
    """
    argv = words_of(ctx)
    if image and not debug:
        raise click.UsageError("--image goes with --debug.")
    if debug and argv:
        raise click.UsageError("--debug opens a shell: leave the command away.")
    here = session()
    return here.run(_run(here, name, container, argv, debug=debug, image=image))


async def _run(
    here: Session, name: str, container: str, argv: tuple[str, ...], *, debug: bool, image: str
) -> int:
    from lain_tui.core.errors import LainError, Refused
    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.shell.place import find_place
    from lain_tui.core.shell.session import KILLED, NotRun, at_terminal, between_pipes, fate_of
    from lain_tui.core.shell.terminal import Terminal

    terminal = Terminal.of_process()
    target = here.target()
    if target.read_only:
        raise Refused(
            "read-only: x is off, for a program in a pod can change anything",
            hint="Leave --read-only away (or read_only in the settings).",
        )
    async with KubeClient.open(target, on_request=here.on_request) as kube:
        place = await find_place(kube, target, name, container)
        try:
            if debug:
                return await _debug(here, kube, place, image, terminal)
            if terminal is not None:
                _say_where(here, place)
                code = await at_terminal(kube, place, argv, terminal)
                if code == KILLED and (fate := await fate_of(kube, place)):
                    tell(fate)
                return code
            if not argv:
                raise LainError(
                    "a shell needs a terminal", hint="Give a command: lain-tui x web -- ls /lain/app."
                )
            return await between_pipes(kube, place, argv, stdin=_stdin(), out=_writer(1), err=_writer(2))
        except NotRun as error:
            tell(str(error))
            return error.code


async def _debug(here: Session, kube: KubeClient, place: Place, image: str, terminal: Terminal | None) -> int:
    from lain_tui.core.errors import LainError
    from lain_tui.core.shell.debug import IMAGE, add_debug_container, attach

    if terminal is None:
        raise LainError("a debug container's shell needs a terminal")
    here.say(f"adding a debug container of {image or IMAGE} to {place.pod}, beside {place.container};")
    here.say("it stays in the pod, idle, until the pod goes …")
    return await attach(kube, await add_debug_container(kube, place, image), terminal)


def _say_where(here: Session, place: Place) -> None:
    also = f" (also there: {', '.join(place.others)})" if place.others else ""
    here.say(f"{place.pod}, container {place.container}{also}")


def _stdin() -> int | None:
    """Standard input, unless it is a terminal while something else is not: nobody is asked to type there."""
    try:
        descriptor = sys.stdin.fileno()
    except (AttributeError, ValueError, OSError):
        return None
    return None if os.isatty(descriptor) else descriptor


def _writer(descriptor: int) -> Callable[[bytes], None]:
    def write(data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]

    return write
