"""`lain-tui build`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lain_tui.cli.building import (
    agreed,
    allow_dirty,
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
from lain_tui.cli.operate import dry_run, yes
from lain_tui.cli.output import output
from lain_tui.cli.session import Session, session

if TYPE_CHECKING:
    from lain_tui.core.image.plan import BuildPlan


@click.command(epilog="Example: lain-tui --cluster test build --push --deploy")
@click.option("--push", is_flag=True, help="Push the tag and latest when it is built.")
@click.option("--publish", is_flag=True, help="To the registry of every cluster, too.")
@click.option("--deploy", is_flag=True, help="Push it, then deploy it.")
@yes
@allow_dirty
@allow_large
@network
@keep_dockerfile
@remote_docker
@dry_run
@output
def command(
    push: bool,
    publish: bool,
    deploy: bool,
    yes: bool,
    allow_dirty: bool,
    allow_large: bool,
    network: str,
    keep_dockerfile: bool,
    remote_docker: bool,
    dry_run: bool,
    output: str,
) -> int:
    """Build the app's image from its values; the prepare image is fetched, or made when nobody has it."""
    here = session()
    push = push or publish or deploy
    image = here.run(
        _build(
            here, push, publish, allow_dirty, allow_large, network, remote_docker,
            keep=keep_dockerfile, dry_run=dry_run, output="text" if deploy and not dry_run else output,
        )
    )  # fmt: skip
    if image is None:
        return ExitCode.REFUSED
    if image and output == "text":
        click.echo(image)
    if image and deploy:
        from lain_tui.cli.commands.deploy import deploy as deploy_now

        return here.run(deploy_now(here, yes=yes, output=output))
    return ExitCode.DONE


async def _build(
    here: Session, push: bool, publish: bool, dirty: bool, large: bool, network: str, remote: bool,
    *, keep: bool, dry_run: bool, output: str,
) -> str | None:  # fmt: skip
    """Build, push, and print the image; its name, "" after a dry run, None when it was not agreed to."""
    from lain_tui.cli.making import Making
    from lain_tui.core.image.build import run_build
    from lain_tui.core.image.engine import Engine
    from lain_tui.core.image.names import moved_name
    from lain_tui.core.image.plan import keep as keep_file
    from lain_tui.core.image.plan import plan_build
    from lain_tui.core.image.transfer import push as push_image
    from lain_tui.core.image.transfer import retag
    from lain_tui.core.operations.build import plan_of

    if push and not dry_run:
        refuse_read_only(here, "build --push")
    values, folder = app_values(here)
    build = await plan_build(values, folder)
    options = build_options(
        here, values, remote=remote, network=network, push_prepare=not here.options.read_only
    )
    names = [moved_name(build.image, registry) for registry in _registries(here)] if publish else []
    others = tuple(name for name in dict.fromkeys(names) if name != build.image)
    plan = plan_of(build, push=push, others=others)
    if not dry_run and not _agreed(here, build, dirty=dirty, large=large):
        return None
    making = Making(here, plan, dry_run=dry_run, output=output)
    if dry_run:
        return ""
    if keep:
        here.say(keep_file(build, folder))
    async with Engine(options.host) as engine:
        image = build.image
        await making.follow(
            run_build(build, options),
            *([push_image(engine, image, here.env)] if push else []),
            *(
                step
                for name in others
                for step in (retag(engine, image, name), push_image(engine, name, here.env))
            ),
        )
    return image


def _agreed(here: Session, build: BuildPlan, *, dirty: bool, large: bool) -> bool:
    if not context_agreed(here, build, large=large):
        return False
    told = "The work tree has uncommitted changes: the image says so (-dirty), its tag does not."
    return not build.dirty or dirty or agreed(here, told, option="--allow-dirty")


def _registries(here: Session) -> list[str]:
    """Those of all of lain's clusters."""
    from lain_tui.core.config.clusters import find_clusters
    from lain_tui.core.values.reader import read_table

    tables = [read_table(one.values_file) for one in find_clusters(here.env) if one.values_file is not None]
    found = [table["registry"].value for table in tables if "registry" in table]
    return [str(registry) for registry in found if registry]
