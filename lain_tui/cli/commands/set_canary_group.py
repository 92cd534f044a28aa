"""`lain-tui set-canary-group`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lain_tui.cli.operate import dry_run, yes
from lain_tui.cli.operating import change
from lain_tui.cli.output import output
from lain_tui.cli.session import session

if TYPE_CHECKING:
    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.operations.canary import CanaryEnd, CanaryGroup
    from lain_tui.core.target import Target


@click.command(epilog="Example: lain-tui set-canary-group small")
@click.argument("group", required=False)
@click.option("--final", is_flag=True, help="Give everybody the canary's image, and remove it.")
@click.option("--abort", is_flag=True, help="Remove the canary.")
@yes
@dry_run
@output
def command(group: str | None, final: bool, abort: bool, yes: bool, dry_run: bool, output: str) -> int:
    """Let a GROUP of the values' canaryGroups through to the canary, or end it."""
    if bool(group) + final + abort != 1:
        raise click.UsageError("Name a group, or say --final or --abort.")
    here = session()

    async def prepare(kube: KubeClient, target: Target) -> CanaryGroup | CanaryEnd:
        from lain_tui.core.operations.canary import CanaryEnd, CanaryGroup

        if group:
            return await CanaryGroup.prepare(kube, target, group)
        return await CanaryEnd.prepare(kube, target, final=final)

    return here.run(change(here, prepare, yes=yes, dry_run=dry_run, output=output))
