"""`lain-tui prepare`."""

from __future__ import annotations

import click

from lain_tui.cli.building import (
    allow_large,
    app_values,
    build_options,
    context_agreed,
    keep_dockerfile,
    network,
    refuse_read_only,
    remote_docker,
)
from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.operate import dry_run
from lain_tui.cli.output import output
from lain_tui.cli.session import Session, session


@click.command(epilog="Example: lain-tui --cluster test prepare")
@click.option("--skip-push", is_flag=True, help="Keep it in the docker engine.")
@allow_large
@network
@keep_dockerfile
@remote_docker
@dry_run
@output
def command(
    skip_push: bool,
    allow_large: bool,
    network: str,
    keep_dockerfile: bool,
    remote_docker: bool,
    dry_run: bool,
    output: str,
) -> int:
    """Make the prepare image, which later builds start from, and push it."""
    here = session()
    image = here.run(
        _prepare(
            here, skip_push, allow_large, network, remote_docker,
            keep=keep_dockerfile, dry_run=dry_run, output=output,
        )
    )  # fmt: skip
    if image is None:
        return ExitCode.REFUSED
    if image and output == "text":
        click.echo(image)
    return ExitCode.DONE


async def _prepare(
    here: Session, skip_push: bool, large: bool, network: str, remote: bool,
    *, keep: bool, dry_run: bool, output: str,
) -> str | None:  # fmt: skip
    """Make it; its name, "" after a dry run, None when it was not agreed to."""
    from lain_tui.cli.making import Making
    from lain_tui.core.image.build import run_build
    from lain_tui.core.image.engine import Engine
    from lain_tui.core.image.plan import keep as keep_file
    from lain_tui.core.image.plan import plan_build
    from lain_tui.core.image.spec import Stage
    from lain_tui.core.image.transfer import push
    from lain_tui.core.operations.build import plan_of

    if not skip_push and not dry_run:
        refuse_read_only(here, "prepare")
    values, folder = app_values(here)
    build = await plan_build(values, folder, stage=Stage.PREPARE)
    options = build_options(here, values, remote=remote, network=network, push_prepare=not skip_push)
    if not dry_run and not context_agreed(here, build, large=large):
        return None
    pushed = bool(build.registry) and not skip_push
    making = Making(here, plan_of(build, push=pushed), dry_run=dry_run, output=output)
    if dry_run:
        return ""
    if keep:
        here.say(keep_file(build, folder))
    async with Engine(options.host) as engine:
        await making.follow(
            run_build(build, options),
            *([push(engine, build.image, here.env, latest=False)] if pushed else []),
        )
    return build.image
