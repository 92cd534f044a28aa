"""`lain-tui create-job`."""

from __future__ import annotations

import click

from lain_tui.cli import operate
from lain_tui.cli.outcome import tell
from lain_tui.cli.output import output
from lain_tui.cli.session import Session, session


@click.command(epilog="Example: lain-tui create-job daily")
@click.option(
    "--wait/--no-wait", default=True, show_default=True, help="Print its log, end with its exit code."
)
@operate.yes
@operate.dry_run
@output
@click.argument("proc", metavar="PROC")
def command(proc: str, wait: bool, yes: bool, dry_run: bool, output: str) -> int:
    """Run the cronjob PROC now, whatever its schedule says."""
    here = session()
    return here.run(_create(here, proc, wait=wait, yes=yes, dry_run=dry_run, output=output))


async def _create(here: Session, proc: str, *, wait: bool, yes: bool, dry_run: bool, output: str) -> int:
    from lain_tui.cli.commands.job import print_line
    from lain_tui.core.jobs.run import JobFailed, RunJob
    from lain_tui.core.kube.client import KubeClient

    target = here.app_target()
    async with KubeClient.open(target, on_request=here.on_request) as kube:
        show = print_line if output == "text" else None
        operation = await RunJob.of_cron(kube, target, proc, wait=wait, show=show)
        try:
            return await operate.perform(here, operation, yes=yes, dry_run=dry_run, output=output)
        except JobFailed as error:
            tell(str(error))
            return error.code
