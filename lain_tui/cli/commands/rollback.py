"""`lain-tui rollback`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lain_tui.cli.operate import dry_run, yes
from lain_tui.cli.operating import change
from lain_tui.cli.output import output
from lain_tui.cli.session import session

if TYPE_CHECKING:
    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.operations.rollback import Rollback
    from lain_tui.core.target import Target


@click.command(epilog="Example: lain-tui --cluster prod rollback 15 --yes")
@click.argument("revision", type=click.IntRange(1), required=False)
@yes
@dry_run
@output
def command(revision: int | None, yes: bool, dry_run: bool, output: str) -> int:
    """Go back to REVISION, by default the good one before the newest; env and secrets stay as they are."""
    here = session()

    async def prepare(kube: KubeClient, target: Target) -> Rollback:
        from lain_tui.core.operations.rollback import Rollback

        return await Rollback.prepare(kube, target, revision or 0)

    return here.run(change(here, prepare, yes=yes, dry_run=dry_run, output=output))
