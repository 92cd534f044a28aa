"""`lain-tui save`."""

from __future__ import annotations

from pathlib import Path

import click

from lain_tui.cli.building import app_values, docker_host, registry_of, remote_docker
from lain_tui.cli.session import Session, session


@click.command(epilog="Example: lain-tui save --to /backup")
@click.argument("image", required=False)
@click.option(
    "--to", type=click.Path(path_type=Path, file_okay=False, exists=True), default=Path(), help="A folder."
)
@click.option("--force", is_flag=True, help="Overwrite the file that is there.")
@remote_docker
def command(image: str | None, to: Path, force: bool, remote_docker: bool) -> None:
    """Write an image, by default this commit's, to REPO_TAG.tar.gz: whole or not at all."""
    here = session()
    click.echo(here.run(_save(here, image, to, force, remote_docker)))


async def _save(here: Session, image: str | None, to: Path, force: bool, remote: bool) -> str:
    from lain_tui.cli.progress import tell
    from lain_tui.core.image.build import image_tag
    from lain_tui.core.image.engine import Engine
    from lain_tui.core.image.names import image_name
    from lain_tui.core.image.spec import app_name
    from lain_tui.core.image.transfer import save

    values, folder = app_values(here)
    tag, _ = await image_tag(folder)
    name = image or image_name(registry_of(values), app_name(values), tag)
    async with Engine(docker_host(here, values, remote=remote)) as engine:
        return await tell(here, save(engine, name, to, force=force))
