"""`lain-tui save`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lain_tui.cli.building import app_values, engine_host, registry_of, remote_docker
from lain_tui.cli.operate import dry_run
from lain_tui.cli.output import output
from lain_tui.cli.paths import PathName
from lain_tui.cli.session import Session, session

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog="Example: lain-tui save --to /backup")
@click.argument("image", required=False)
@click.option("--to", type=PathName(file_okay=False, exists=True), default=".", help="A folder.")
@click.option("--pull", is_flag=True, help="Fetch the image first.")
@click.option("--retag", metavar="NAME", help="Save it as this: a cluster, for its registry, or an image.")
@click.option("--force", is_flag=True, help="Overwrite the file that is there.")
@remote_docker
@dry_run
@output
def command(
    image: str | None,
    to: Path,
    pull: bool,
    retag: str | None,
    force: bool,
    remote_docker: bool,
    dry_run: bool,
    output: str,
) -> None:
    """Write an image, by default this commit's, to REPO_TAG.tar.gz: whole or not at all."""
    here = session()
    name, saved = here.run(_names(here, image, retag))
    file = here.run(_save(here, name, saved, to, pull, force, remote_docker, dry_run=dry_run, output=output))
    if file and output == "text":
        click.echo(file)


async def _names(here: Session, image: str | None, retag: str | None) -> tuple[str, str]:
    """The image, and the name that it is saved under."""
    from lain_tui.core.image.names import image_name
    from lain_tui.core.image.plan import image_tag
    from lain_tui.core.image.spec import app_name

    if image is None:
        values, folder = app_values(here)
        tag, _ = await image_tag(folder)
        image = image_name(registry_of(values), app_name(values), tag)
    return image, image if retag is None else _retagged(here, image, retag)


def _retagged(here: Session, image: str, to: str) -> str:
    """As lain has it: a cluster's name means its registry, an image without a tag keeps this one's."""
    from lain_tui.core.config.clusters import find_clusters
    from lain_tui.core.errors import LainError
    from lain_tui.core.image.names import LATEST, moved_name, parse_reference
    from lain_tui.core.values.reader import read_table

    for cluster in find_clusters(here.env):
        if cluster.name == to and cluster.values_file is not None:
            registry = read_table(cluster.values_file).get("registry")
            if registry is None or not registry.value:
                raise LainError("the cluster has no registry", where=str(cluster.values_file))
            return moved_name(image, str(registry.value))
    return to if parse_reference(to).tag else f"{to}:{parse_reference(image).tag or LATEST}"


async def _save(
    here: Session, image: str, saved: str, to: Path, pull: bool, force: bool, remote: bool,
    *, dry_run: bool, output: str,
) -> str:  # fmt: skip
    from lain_tui.cli.making import Making
    from lain_tui.core.image.engine import Engine
    from lain_tui.core.image.names import archive_name
    from lain_tui.core.image.transfer import pull as fetch
    from lain_tui.core.image.transfer import retag, save
    from lain_tui.core.model.plan import Plan

    calls = [
        *([f"docker pull {image}"] if pull else []),
        *([f"docker tag {image} {saved}"] if saved != image else []),
        f"docker save {saved}, packed, to {to / archive_name(saved)}",
    ]
    making = Making(
        here, Plan(verb="save", subject=saved, calls=tuple(calls)), dry_run=dry_run, output=output
    )
    if dry_run:
        return ""
    async with Engine(engine_host(here, remote=remote)) as engine:
        return await making.follow(
            *([fetch(engine, image, here.env)] if pull else []),
            *([retag(engine, image, saved)] if saved != image else []),
            save(engine, saved, to, force=force),
        )
