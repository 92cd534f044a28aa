"""`lain-tui deploy`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lain_tui.cli.operate import dry_run, yes
from lain_tui.cli.operating import change
from lain_tui.cli.output import output
from lain_tui.cli.session import Session, session

if TYPE_CHECKING:
    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.operations.deploy import Deploy
    from lain_tui.core.target import Target


@click.command(epilog="Example: lain-tui --cluster prod deploy --set imageTag=1634699031-11766623c3f7 --yes")
@click.option(
    "--set", "sets", multiple=True, metavar="KEY=VALUE", help="A value, above all files; imageTag=TAG."
)
@click.option("--canary", is_flag=True, help="Beside what runs, as a release of its own without traffic.")
@click.option("--build", is_flag=True, help="Build and push HEAD's image when the registry lacks it.")
@yes
@dry_run
@output
def command(sets: tuple[str, ...], canary: bool, build: bool, yes: bool, dry_run: bool, output: str) -> int:
    """Deploy the app: check, show what changes, let helm do it, and follow until every new pod is ready.

    The image is HEAD's, or the one of --set imageTag=TAG. With --auto-pilot a missing image is built, and a stuck
    release rolled back first.
    """
    here = session()
    return here.run(
        deploy(here, sets=sets, canary=canary, build=build, yes=yes, dry_run=dry_run, output=output)
    )


async def deploy(
    here: Session,
    *,
    sets: tuple[str, ...] = (),
    canary: bool = False,
    build: bool = False,
    yes: bool = False,
    dry_run: bool = False,
    output: str = "text",
) -> int:
    """Deploy with the common options as they were said, and return the exit code."""

    async def prepare(kube: KubeClient, target: Target) -> Deploy:
        from lain_tui.core.operations.candidate import Choice
        from lain_tui.core.operations.deploy import Deploy

        choice = Choice(sets=sets, canary=canary, ignore_lint=here.ignore_lint, auto_pilot=here.auto_pilot)
        if (build or here.auto_pilot) and not dry_run:
            await _build_when_missing(here, target, sets)
        return await Deploy.prepare(kube, target, choice)

    return await change(here, prepare, yes=yes, dry_run=dry_run, output=output)


async def _build_when_missing(here: Session, target: Target, sets: tuple[str, ...]) -> None:
    """Build HEAD's image when it is meant and the registry does not have it."""
    if any(text.startswith("imageTag=") for text in sets):
        return
    from lain_tui.cli.building import app_values, build_options
    from lain_tui.cli.progress import tell
    from lain_tui.core.errors import Refused
    from lain_tui.core.image.build import run_build
    from lain_tui.core.image.engine import Engine
    from lain_tui.core.image.plan import plan_build
    from lain_tui.core.image.transfer import push
    from lain_tui.core.registry.tags import has_tag

    values, folder = app_values(here)
    plan = await plan_build(values, folder)
    if await has_tag(values.effective(), target.app, plan.tag, here.env):
        return
    if plan.dirty:
        raise Refused(
            "the image is to be built, and the work tree has uncommitted changes",
            hint="Commit them, or build by hand: lain-tui build --push --allow-dirty.",
        )
    if plan.context.large:
        raise Refused(
            "the image is to be built, and more than 200 MB would go to the docker engine for it",
            hint="Ignore what it does not need, or build by hand: lain-tui build --push --allow-large.",
        )
    here.say(f"{plan.tag} is not in the registry: it is built first.")
    options = build_options(here, values, remote=False, network="", push_prepare=True)
    image = await tell(here, run_build(plan, options))
    async with Engine(options.host) as engine:
        await tell(here, push(engine, image, here.env))
