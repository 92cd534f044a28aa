"""`lain-tui run`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from lain_tui.cli.building import app_values, docker_host, registry_of, remote_docker
from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.operate import dry_run, tell_or_print
from lain_tui.cli.session import Session, session

if TYPE_CHECKING:
    from lain_tui.core.values.layers import Values


@click.command(
    context_settings={"ignore_unknown_options": True},
    epilog="Example: lain-tui run --user 0 -- cat treasure.txt",
)
@click.option("--user", type=int, help="Run as this user id, such as 0.")
@click.option("--prepare", is_flag=True, help="The prepare image in place of this commit's.")
@click.option("--proc", metavar="PROC", help="The image that the values give this proc, if one of its own.")
@remote_docker
@dry_run
@click.option(
    "--output", type=click.Choice(["text", "json", "yaml"]), default="text", metavar="FORM",
    help="Of --dry-run: text, json or yaml.",
)  # fmt: skip
@click.argument("words", nargs=-1, metavar="[COMMAND]...")
def command(
    user: int | None,
    prepare: bool,
    proc: str | None,
    remote_docker: bool,
    dry_run: bool,
    output: str,
    words: tuple[str, ...],
) -> int:
    """Run a command in this commit's image; its exit code becomes this one's."""
    from lain_tui.cli.progress import tell
    from lain_tui.core.image.run import fetch_image, run_command, run_image
    from lain_tui.core.model.plan import Plan

    if prepare and proc:
        raise click.UsageError("--prepare and --proc are two images: choose one.")
    here = session()
    values, _ = app_values(here)
    image = _image(here, values, prepare=prepare, proc=proc)
    interactive = sys.stdin.isatty()
    call = " ".join(run_command(image, words, user=user, interactive=interactive))
    if dry_run:
        plan = Plan(verb="run", subject=image, calls=(call,))
        tell_or_print(here, plan, dry_run=True, output=output)
        return ExitCode.DONE
    host = docker_host(here, values, remote=remote_docker)
    here.run(tell(here, fetch_image(host, image, here.env)))
    here.say(call)
    return here.run(run_image(host, image, words, environment=here.env, user=user, interactive=interactive))


def _image(here: Session, values: Values, *, prepare: bool, proc: str | None) -> str:
    from lain_tui.core.image.names import PREPARE, image_name
    from lain_tui.core.image.plan import image_tag
    from lain_tui.core.image.spec import app_name, image_of

    registry, app = registry_of(values), app_name(values)
    if prepare:
        return image_name(registry, app, PREPARE)
    own = image_of(values, proc, registry=registry) if proc else ""
    if own:
        return own
    tag, _ = here.run(image_tag(app_values(here)[1]))
    return image_name(registry, app, tag)
