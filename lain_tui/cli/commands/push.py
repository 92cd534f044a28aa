"""`lain-tui push`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lain_tui.cli.building import app_values, engine_host, refuse_read_only, registry_of, remote_docker
from lain_tui.cli.operate import dry_run
from lain_tui.cli.output import output
from lain_tui.cli.session import Session, session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from lain_tui.core.image.engine import Engine
    from lain_tui.core.model.build import BuildEvent


@click.command(epilog="Example: lain-tui --cluster test push")
@click.option("--pull", is_flag=True, help="Fetch the image first.")
@click.option("--registry", metavar="REGISTRY", help="To this one, in place of the cluster's.")
@click.option(
    "--overwrite-latest", is_flag=True, help="Push an IMAGE as latest, too, as this commit's always is."
)
@remote_docker
@dry_run
@output
@click.argument("images", metavar="[IMAGE]…", nargs=-1)
def command(
    pull: bool,
    registry: str | None,
    overwrite_latest: bool,
    remote_docker: bool,
    dry_run: bool,
    output: str,
    images: tuple[str, ...],
) -> None:
    """Push this commit's image, and the same as latest; or bring any IMAGE into the registry."""
    here = session()
    moves, latest = here.run(_moves(here, images, registry)), overwrite_latest or not images
    for name in here.run(_push(here, moves, pull, latest, remote_docker, dry_run=dry_run, output=output)):
        if output == "text":
            click.echo(name)


async def _moves(here: Session, images: tuple[str, ...], registry: str | None) -> dict[str, str]:
    """The names that images are pushed under, by the names they have."""
    from lain_tui.core.image.names import image_name, moved_name
    from lain_tui.core.image.plan import image_tag
    from lain_tui.core.image.spec import app_name

    if images and registry:
        return {image: moved_name(image, registry) for image in images}
    values, folder = app_values(here)
    if not images:
        images = (image_name(registry_of(values), app_name(values), (await image_tag(folder))[0]),)
    return {image: moved_name(image, registry or registry_of(values)) for image in images}


async def _push(
    here: Session,
    moves: dict[str, str],
    pull: bool,
    latest: bool,
    remote: bool,
    *,
    dry_run: bool,
    output: str,
) -> list[str]:
    from lain_tui.cli.making import Making
    from lain_tui.core.image.engine import Engine
    from lain_tui.core.image.transfer import pull as fetch
    from lain_tui.core.image.transfer import push, retag
    from lain_tui.core.model.plan import Plan
    from lain_tui.core.model.text import listed

    if not dry_run:
        refuse_read_only(here, "push")
    calls: list[str] = []
    for image, name in moves.items():
        calls += [f"docker pull {image}"] if pull else []
        calls += [f"docker tag {image} {name}"] if name != image else []
        calls.append(f"docker push {name}{', and the same as latest' if latest else ''}")
    plan = Plan(verb="push", subject=listed(list(moves.values())), calls=tuple(calls))
    making = Making(here, plan, dry_run=dry_run, output=output)
    if dry_run:
        return []

    def changes(engine: Engine) -> list[AsyncIterator[BuildEvent]]:
        found: list[AsyncIterator[BuildEvent]] = []
        for image, name in moves.items():
            found += [fetch(engine, image, here.env)] if pull else []
            found += [retag(engine, image, name)] if name != image else []
            found.append(push(engine, name, here.env, latest=latest))
        return found

    async with Engine(engine_host(here, remote=remote)) as engine:
        await making.follow(*changes(engine))
    return list(moves.values())
