"""`lain-tui build`."""

from __future__ import annotations

import click

from lain_tui.cli.building import (
    allow_dirty,
    allow_large,
    app_values,
    build_options,
    network,
    remote_docker,
    tell,
)
from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.session import Session, session


@click.command(epilog="Example: lain-tui --cluster test build --push")
@click.option("--push", is_flag=True, help="Push the tag and latest when it is built.")
@allow_dirty
@allow_large
@network
@remote_docker
def command(push: bool, allow_dirty: bool, allow_large: bool, network: str, remote_docker: bool) -> int:
    """Build the app's image from its values; the prepare image is fetched, or made when nobody has it."""
    here = session()
    return here.run(_build(here, push, allow_dirty, allow_large, network, remote_docker))


async def _build(here: Session, push: bool, dirty: bool, large: bool, network: str, remote: bool) -> int:
    from lain_tui.core.image.build import plan_build, run_build
    from lain_tui.core.image.engine import Engine
    from lain_tui.core.image.transfer import push as push_image

    values, folder = app_values(here)
    plan = await plan_build(values, folder)
    context = plan.context
    here.say(f"Context: {context.files} files, {context.size / 1e6:.1f} MB")
    if plan.dirty and not dirty:
        here.say("The work tree has uncommitted changes: commit them, or give --allow-dirty.")
        return ExitCode.REFUSED
    if context.large and not large:
        here.say("That is more than 200 MB: ignore what the image does not need, or give --allow-large.")
        return ExitCode.REFUSED
    options = build_options(here, values, remote=remote, network=network, push_prepare=True)
    image = await tell(here, run_build(plan, options))
    if push:
        async with Engine(options.host) as engine:
            await tell(here, push_image(engine, image, here.env))
    click.echo(image)
    return ExitCode.DONE
