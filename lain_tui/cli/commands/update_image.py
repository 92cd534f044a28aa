"""`lain-tui update-image`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lain_tui.cli.operate import dry_run, yes
from lain_tui.cli.operating import change
from lain_tui.cli.output import output
from lain_tui.cli.session import session

if TYPE_CHECKING:
    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.operations.update_image import UpdateImage
    from lain_tui.core.target import Target


@click.command(epilog="Example: lain-tui update-image worker daily --tag 1634699031-11766623c3f7")
@click.argument("procs", metavar="PROC...", nargs=-1, required=True)
@click.option("--tag", default="", metavar="TAG", help="By default that of this commit.")
@yes
@dry_run
@output
def command(procs: tuple[str, ...], tag: str, yes: bool, dry_run: bool, output: str) -> int:
    """Give single procs another image, past helm: deployments, stateful sets and cronjobs."""
    here = session()

    async def prepare(kube: KubeClient, target: Target) -> UpdateImage:
        from lain_tui.core.image.build import image_tag
        from lain_tui.core.operations.candidate import chart_of
        from lain_tui.core.operations.update_image import UpdateImage

        wanted = tag or (await image_tag(chart_of(target).parent))[0]
        return await UpdateImage.prepare(kube, target, procs, wanted)

    return here.run(change(here, prepare, yes=yes, dry_run=dry_run, output=output))
