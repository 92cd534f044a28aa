"""`lain-tui job`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from lain_tui.cli import operate
from lain_tui.cli.durations import DURATION
from lain_tui.cli.outcome import tell
from lain_tui.cli.session import Session, session
from lain_tui.cli.words import WordsCommand, words_of

if TYPE_CHECKING:
    from lain_tui.core.jobs.manifest import Size


@click.command(cls=WordsCommand, epilog="Example: lain-tui job web --memory 2Gi -- python manage.py migrate")
@click.option(
    "--name", default="", metavar="NAME", help="The job becomes RELEASE-NAME; a new name by default."
)
@click.option("--force", is_flag=True, help="Replace a job of that name.")
@click.option("--cpu", metavar="QUANTITY", help="CPU limit, and request if below [4, requests 1].")
@click.option("--memory", metavar="QUANTITY", help="Memory limit, and request if below [8Gi, requests 1Gi].")
@click.option(
    "--timeout", type=DURATION, default="1h", show_default=True, metavar="TIME", help="It is ended after."
)
@click.option(
    "--wait/--no-wait", default=True, show_default=True, help="Print its log, end with its exit code."
)
@operate.yes
@operate.dry_run
@click.argument("proc", default="", metavar="[PROC] [-- COMMAND…]")
@click.pass_context
def command(
    ctx: click.Context,
    proc: str,
    name: str,
    force: bool,
    cpu: str | None,
    memory: str | None,
    timeout: float,
    wait: bool,
    yes: bool,
    dry_run: bool,
) -> int:
    """Run COMMAND once, with the image, env and mounts of PROC.

    By default of the deployment with the largest memory limit. Without a command a shell opens in a fresh pod, which
    is deleted afterwards. The exit code is the command's own.
    """
    words = words_of(ctx)
    here = session()
    size = _size(cpu, memory)
    if not words:
        if not wait or name or force:
            raise click.UsageError("--name, --force and --no-wait go with a command: job web -- COMMAND.")
        return here.run(_shell(here, proc, size, int(timeout), dry_run=dry_run, yes=yes))
    return here.run(
        _job(here, proc, words, name, size, int(timeout), force=force, wait=wait, yes=yes, dry_run=dry_run)
    )


async def _job(
    here: Session, proc: str, words: tuple[str, ...], name: str, size: Size, deadline: int,
    *, force: bool, wait: bool, yes: bool, dry_run: bool,
) -> int:  # fmt: skip
    from lain_tui.core.jobs.run import JobFailed, RunJob
    from lain_tui.core.kube.client import KubeClient

    target = here.app_target()
    async with KubeClient.open(target, on_request=here.on_request) as kube:
        operation = await RunJob.of_proc(
            kube, target, words, proc=proc, name=name, size=size, deadline=deadline, force=force, wait=wait,
            show=print_line,
        )  # fmt: skip
        try:
            return await operate.perform(here, operation, yes=yes, dry_run=dry_run)
        except JobFailed as error:
            tell(str(error))
            return error.code


async def _shell(here: Session, proc: str, size: Size, deadline: int, *, dry_run: bool, yes: bool) -> int:
    from lain_tui.core.errors import LainError, Refused
    from lain_tui.core.jobs.scratch import fresh_pod
    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.shell.session import at_terminal
    from lain_tui.core.shell.terminal import Terminal

    terminal = Terminal.of_process()
    if terminal is None:
        raise LainError("a shell needs a terminal", hint="Give a command: lain-tui job web -- COMMAND.")
    target = here.app_target()
    if target.read_only:
        raise Refused("read-only: job is off")
    here.say("create a pod, open a shell in it, delete it afterwards")
    if dry_run:
        return 0
    async with (
        KubeClient.open(target, on_request=here.on_request) as kube,
        fresh_pod(kube, target, proc, size=size, deadline=deadline) as place,
    ):
        here.say(f"{place.pod}, with image and env of {place.proc}; it is deleted when you leave")
        return await at_terminal(kube, place, (), terminal)


def _size(cpu: str | None, memory: str | None) -> Size:
    from lain_tui.core.jobs.manifest import Size
    from lain_tui.core.model.quantity import parse_quantity

    size = Size()
    given = {}
    for name, value in (("cpu", cpu), ("memory", memory)):
        if value is None:
            continue
        try:
            amount = parse_quantity(value)
        except ValueError:
            raise click.BadParameter(
                f"{value!r} is no quantity: 500m, 2, 512Mi …", param_hint=f"--{name}"
            ) from None
        given[f"{name}_limit"] = value
        if amount < parse_quantity(getattr(size, f"{name}_request")):
            given[f"{name}_request"] = value
    return Size(**given)


def print_line(line: bytes) -> None:
    """One line of the job's own output."""
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()
