"""`lain-tui resume`."""

from __future__ import annotations

import click

from lain_tui.cli import operate
from lain_tui.cli.output import output
from lain_tui.cli.session import session
from lain_tui.cli.suspending import set_suspended


@click.command(epilog="Example: lain-tui resume daily")
@operate.yes
@operate.dry_run
@output
@click.argument("proc", metavar="PROC")
def command(proc: str, yes: bool, dry_run: bool, output: str) -> int:
    """Let a suspended cronjob run by its schedule again."""
    here = session()
    return here.run(set_suspended(here, proc, False, yes=yes, dry_run=dry_run, output=output))
