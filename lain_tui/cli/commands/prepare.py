"""`lain-tui prepare`."""

from __future__ import annotations

import click

from lain_tui.cli.building import app_values, build_options, network, refuse_read_only, remote_docker
from lain_tui.cli.session import Session, session


@click.command(epilog="Example: lain-tui --cluster test prepare")
@click.option("--skip-push", is_flag=True, help="Keep it in the docker engine.")
@network
@remote_docker
def command(skip_push: bool, network: str, remote_docker: bool) -> None:
    """Make the prepare image, which later builds start from, and push it."""
    here = session()
    here.run(_prepare(here, skip_push, network, remote_docker))


async def _prepare(here: Session, skip_push: bool, network: str, remote: bool) -> None:
    from lain_tui.cli.progress import tell
    from lain_tui.core.image.build import plan_build, run_build
    from lain_tui.core.image.engine import Engine
    from lain_tui.core.image.spec import Stage
    from lain_tui.core.image.transfer import push

    if not skip_push:
        refuse_read_only(here, "prepare")
    values, folder = app_values(here)
    plan = await plan_build(values, folder, stage=Stage.PREPARE)
    options = build_options(here, values, remote=remote, network=network, push_prepare=not skip_push)
    image = await tell(here, run_build(plan, options))
    if plan.registry and not skip_push:
        async with Engine(options.host) as engine:
            await tell(here, push(engine, image, here.env, latest=False))
    click.echo(image)
