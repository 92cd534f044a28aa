"""`lain-tui job`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from lain_tui.cli import operate
from lain_tui.cli.durations import DURATION
from lain_tui.cli.outcome import tell
from lain_tui.cli.output import output
from lain_tui.cli.session import Session, session
from lain_tui.cli.words import WordsCommand, words_of

if TYPE_CHECKING:
    from lain_tui.core.jobs.manifest import Size
    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.shell.place import Place
    from lain_tui.core.target import Target


@click.command(cls=WordsCommand, epilog="Example: lain-tui job web --memory 2Gi -- python manage.py migrate")
@click.option("--name", default="", metavar="NAME", help="Call it RELEASE-NAME; by default a new name.")
@click.option("--force", is_flag=True, help="Replace a job of that name.")
@click.option("--image-tag", default="", metavar="TAG", help="Another image of the app's.")
@click.option("--head", is_flag=True, help="This commit's image.")
@click.option("-u", "--user", type=int, metavar="ID", help="Another user id, such as 0.")
@click.option("--cpu", metavar="QUANTITY", help="Limit, and request if below [4, 1].")
@click.option("--memory", metavar="QUANTITY", help="Limit, and request if below [8Gi, 1Gi].")
@click.option("--timeout", type=DURATION, default="1h", metavar="TIME", help="It is ended after [1h].")
@click.option("--wait/--no-wait", default=True, help="Print its log, end with its exit code.")
@click.option("-i", "--interactive", is_flag=True, help="Run COMMAND at this terminal.")
@click.option("--context", "carry", is_flag=True, help="Bring this folder along, to /tmp.")
@operate.yes
@operate.dry_run
@output
@click.argument("proc", default="", metavar="[PROC] [-- COMMAND…]")
@click.pass_context
def command(
    ctx: click.Context,
    proc: str,
    name: str,
    force: bool,
    image_tag: str,
    head: bool,
    user: int | None,
    cpu: str | None,
    memory: str | None,
    timeout: float,
    wait: bool,
    interactive: bool,
    carry: bool,
    yes: bool,
    dry_run: bool,
    output: str,
) -> int:
    """Run COMMAND once as PROC does, by default as the largest deployment.

    Without COMMAND a shell opens in a fresh pod, which is deleted afterwards.
    """
    words = words_of(ctx)
    if image_tag and head:
        raise click.UsageError("--image-tag and --head are two images: choose one.")
    if carry and words:
        raise click.UsageError("--context opens a shell: leave the command away, and run it there.")
    here = session()
    tag = here.run(_head()) if head else image_tag
    given = {"size": _size(cpu, memory), "deadline": int(timeout), "tag": tag, "user": user}
    if interactive or carry or not words:
        if not wait or name or force:
            raise click.UsageError("--name, --force and --no-wait go with a command: job web -- COMMAND.")
        return here.run(
            _shell(here, proc, words, given, carry=carry, yes=yes, dry_run=dry_run, output=output)
        )
    return here.run(
        _job(
            here,
            proc,
            words,
            given,
            name=name,
            force=force,
            wait=wait,
            yes=yes,
            dry_run=dry_run,
            output=output,
        )
    )


async def _head() -> str:
    from pathlib import Path

    from lain_tui.core.image.plan import image_tag

    return (await image_tag(Path.cwd()))[0]


async def _job(
    here: Session, proc: str, words: tuple[str, ...], given: dict[str, Any],
    *, name: str, force: bool, wait: bool, yes: bool, dry_run: bool, output: str,
) -> int:  # fmt: skip
    from lain_tui.core.jobs.run import JobFailed, RunJob
    from lain_tui.core.kube.client import KubeClient

    target = here.app_target()
    async with KubeClient.open(target, on_request=here.on_request) as kube:
        show = print_line if output == "text" else None
        operation = await RunJob.of_proc(
            kube, target, words, proc=proc, name=name, force=force, wait=wait, show=show, **given
        )
        try:
            return await operate.perform(here, operation, yes=yes, dry_run=dry_run, output=output)
        except JobFailed as error:
            tell(str(error))
            return error.code


async def _shell(
    here: Session, proc: str, words: tuple[str, ...], given: dict[str, Any],
    *, carry: bool, yes: bool, dry_run: bool, output: str,
) -> int:  # fmt: skip
    from pathlib import Path

    from lain_tui.core.errors import LainError
    from lain_tui.core.jobs.scratch import ScratchPod
    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.shell.session import at_terminal
    from lain_tui.core.shell.terminal import Terminal

    terminal = Terminal.of_process()
    if terminal is None and not dry_run:
        raise LainError("a shell needs a terminal", hint="Give a command: lain-tui job web -- COMMAND.")
    target = here.app_target()
    calls = (
        *([f"copy {Path.cwd()} to /tmp in it"] if carry else []),
        f"run {' '.join(words)} in it" if words else "open a shell in it",
    )
    async with KubeClient.open(target, on_request=here.on_request) as kube:
        scratch = await ScratchPod.prepare(kube, target, proc, calls=calls, **given)
        operate.tell_or_print(here, scratch.plan, dry_run=dry_run, output=output)
        if terminal is None or dry_run:
            return 0
        if not target.read_only:
            operate.agree(here, scratch.plan, yes=yes)
        async with scratch.living(tell) as place:
            if carry:
                await _carry(here, kube, target, place)
            return await at_terminal(kube, place, words, terminal)


async def _carry(here: Session, kube: KubeClient, target: Target, place: Place) -> None:
    """Copy this folder into the pod."""
    from lain_tui.core.copy.address import Address
    from lain_tui.core.copy.upload import Upload

    there = Address(place.pod, "/tmp")
    upload = await Upload.prepare(kube, target, ".", there, container=place.container)
    async for _ in operate.follow(here, upload):
        pass


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
