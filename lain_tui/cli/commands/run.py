"""`lain-tui run`."""

from __future__ import annotations

import subprocess
import sys

import click

from lain_tui.cli.building import app_values, docker_host, registry_of, remote_docker
from lain_tui.cli.session import session


@click.command(
    context_settings={"ignore_unknown_options": True},
    epilog="Example: lain-tui run --user 0 -- cat treasure.txt",
)
@click.option("--user", type=int, help="Run as this user id, such as 0.")
@click.option("--prepare", is_flag=True, help="The prepare image in place of this commit's.")
@remote_docker
@click.argument("words", nargs=-1, metavar="[COMMAND]...")
def command(user: int | None, prepare: bool, remote_docker: bool, words: tuple[str, ...]) -> int:
    """Run a command in this commit's image; its exit code becomes this one's."""
    from lain_tui.core.errors import LainError
    from lain_tui.core.image.build import image_tag, run_command
    from lain_tui.core.image.names import PREPARE, image_name
    from lain_tui.core.image.spec import app_name

    here = session()
    values, folder = app_values(here)
    tag = PREPARE if prepare else here.run(image_tag(folder))[0]
    image = image_name(registry_of(values), app_name(values), tag)
    argv = run_command(image, words, user=user, interactive=sys.stdin.isatty())
    environment = {**here.env, **docker_host(here, values, remote=remote_docker).environment}
    here.say(" ".join(argv))
    try:
        return subprocess.run(argv, env={k: v for k, v in environment.items() if v}, check=False).returncode
    except FileNotFoundError:
        raise LainError("this needs docker's client, and there is none on PATH") from None
