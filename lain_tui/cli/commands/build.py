"""`lain-tui build`."""

from __future__ import annotations

import click

from lain_tui.cli.building import (
    agreed,
    allow_dirty,
    allow_large,
    app_values,
    build_options,
    network,
    refuse_read_only,
    remote_docker,
)
from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.operate import yes
from lain_tui.cli.session import Session, session


@click.command(epilog="Example: lain-tui --cluster test build --push --deploy")
@click.option("--push", is_flag=True, help="Push the tag and latest when it is built.")
@click.option("--deploy", is_flag=True, help="Push it, then deploy it.")
@yes
@allow_dirty
@allow_large
@network
@remote_docker
def command(
    push: bool,
    deploy: bool,
    yes: bool,
    allow_dirty: bool,
    allow_large: bool,
    network: str,
    remote_docker: bool,
) -> int:
    """Build the app's image from its values; the prepare image is fetched, or made when nobody has it."""
    here = session()
    code = here.run(_build(here, push or deploy, allow_dirty, allow_large, network, remote_docker))
    if code == ExitCode.DONE and deploy:
        from lain_tui.cli.commands.deploy import deploy as deploy_now

        return here.run(deploy_now(here, yes=yes))
    return code


async def _build(here: Session, push: bool, dirty: bool, large: bool, network: str, remote: bool) -> int:
    from lain_tui.cli.progress import tell
    from lain_tui.core.image.build import plan_build, run_build
    from lain_tui.core.image.engine import Engine
    from lain_tui.core.image.transfer import push as push_image
    from lain_tui.core.model.text import counted, spell_bytes

    if push:
        refuse_read_only(here, "build --push")
    values, folder = app_values(here)
    plan = await plan_build(values, folder)
    context = plan.context
    sent = f"{counted(context.files, 'file')}, {spell_bytes(context.size)}"
    here.say(f"Context: {sent}")
    told = "The work tree has uncommitted changes: the image says so (-dirty), its tag does not."
    if plan.dirty and not dirty and not agreed(here, told, option="--allow-dirty"):
        return ExitCode.REFUSED
    told = f"{sent} go to the docker engine; ignore what the image does not need."
    if context.large and not large and not agreed(here, told, option="--allow-large"):
        return ExitCode.REFUSED
    options = build_options(
        here, values, remote=remote, network=network, push_prepare=not here.options.read_only
    )
    image = await tell(here, run_build(plan, options))
    if push:
        async with Engine(options.host) as engine:
            await tell(here, push_image(engine, image, here.env))
    click.echo(image)
    return ExitCode.DONE
