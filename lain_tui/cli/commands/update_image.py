"""`lain-tui update-image`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lain_tui.cli.operate import dry_run, yes
from lain_tui.cli.operating import change
from lain_tui.cli.output import output
from lain_tui.cli.session import Session, session

if TYPE_CHECKING:
    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.operations.update_image import UpdateImage
    from lain_tui.core.target import Target


@click.command(epilog="Example: lain-tui update-image worker daily --tag 1634699031-11766623c3f7")
@click.argument("procs", metavar="PROC...", nargs=-1, required=True)
@click.option("--tag", default="", metavar="TAG", help="By default that of this commit.")
@click.option("--deduce", is_flag=True, help="The newest in the registry.")
@yes
@dry_run
@output
def command(procs: tuple[str, ...], tag: str, deduce: bool, yes: bool, dry_run: bool, output: str) -> int:
    """Give single procs another image, past helm: deployments, stateful sets and cronjobs."""
    if tag and deduce:
        raise click.UsageError("--tag and --deduce are two images: choose one.")
    here = session()

    async def prepare(kube: KubeClient, target: Target) -> UpdateImage:
        from lain_tui.core.image.plan import image_tag
        from lain_tui.core.operations.candidate import chart_of
        from lain_tui.core.operations.update_image import UpdateImage

        wanted = await _newest(here) if deduce else tag or (await image_tag(chart_of(target).parent))[0]
        return await UpdateImage.prepare(kube, target, procs, wanted)

    return here.run(change(here, prepare, yes=yes, dry_run=dry_run, output=output))


async def _newest(here: Session) -> str:
    from lain_tui.cli.building import app_values
    from lain_tui.core.errors import LainError
    from lain_tui.core.image.names import LATEST
    from lain_tui.core.image.spec import app_name
    from lain_tui.core.registry.tags import list_tags

    values, folder = app_values(here)
    found = [tag.name for tag in await list_tags(values.effective(), app_name(values), folder, here.env)]
    if not (found := [name for name in found if name != LATEST]):
        raise LainError("the registry has no image of this app yet")
    return found[0]
