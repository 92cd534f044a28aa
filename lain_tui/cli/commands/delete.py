"""`lain-tui delete`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lain_tui.cli.operate import dry_run, yes
from lain_tui.cli.operating import change
from lain_tui.cli.output import output
from lain_tui.cli.session import session

if TYPE_CHECKING:
    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.operations.delete import Delete
    from lain_tui.core.target import Target


@click.command(epilog="Example: lain-tui --cluster test delete --purge --dry-run")
@click.option("--purge", is_flag=True, help="The app's env and secret, too.")
@click.argument("name", metavar="[APP]", required=False)
@yes
@dry_run
@output
def command(name: str | None, purge: bool, yes: bool, dry_run: bool, output: str) -> int:
    """Remove the app from the cluster, its canary with it; everything that goes is listed first."""
    here = session()
    if name:
        here.given["app"] = name

    async def prepare(kube: KubeClient, target: Target) -> Delete:
        from lain_tui.core.operations.delete import Delete

        return await Delete.prepare(kube, target, purge=purge)

    return here.run(change(here, prepare, yes=yes, dry_run=dry_run, output=output))
