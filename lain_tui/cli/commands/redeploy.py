"""`lain-tui redeploy`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lain_tui.cli.operate import dry_run, yes
from lain_tui.cli.operating import change
from lain_tui.cli.output import output
from lain_tui.cli.session import session

if TYPE_CHECKING:
    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.operations.deploy import Deploy
    from lain_tui.core.target import Target


@click.command(epilog="Example: lain-tui redeploy --yes")
@yes
@dry_run
@output
def command(yes: bool, dry_run: bool, output: str) -> int:
    """Deploy the image that runs once more, with the chart and values as they are here."""
    here = session()

    async def prepare(kube: KubeClient, target: Target) -> Deploy:
        from lain_tui.core.helm.history import History
        from lain_tui.core.operations.candidate import Choice
        from lain_tui.core.operations.deploy import Deploy

        history = History(kube, target.namespace, target.release or target.app)
        record = await history.record(await history.find())
        choice = Choice(tag=record.image_tag, ignore_lint=here.ignore_lint, auto_pilot=here.auto_pilot)
        return await Deploy.prepare(kube, target, choice)

    return here.run(change(here, prepare, yes=yes, dry_run=dry_run, output=output))
