"""`lain-tui push`."""

from __future__ import annotations

import click

from lain_tui.cli.building import app_values, docker_host, refuse_read_only, registry_of, remote_docker
from lain_tui.cli.session import Session, session


@click.command(epilog="Example: lain-tui --cluster test push")
@remote_docker
def command(remote_docker: bool) -> None:
    """Push this commit's image, and the same as latest."""
    here = session()
    here.run(_push(here, remote_docker))


async def _push(here: Session, remote: bool) -> None:
    from lain_tui.cli.progress import tell
    from lain_tui.core.image.build import image_tag
    from lain_tui.core.image.engine import Engine
    from lain_tui.core.image.names import image_name
    from lain_tui.core.image.spec import app_name
    from lain_tui.core.image.transfer import push

    refuse_read_only(here, "push")
    values, folder = app_values(here)
    tag, _ = await image_tag(folder)
    image = image_name(registry_of(values), app_name(values), tag)
    async with Engine(docker_host(here, values, remote=remote)) as engine:
        await tell(here, push(engine, image, here.env))
