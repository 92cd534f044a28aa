"""`lain-tui wait-mr-approval`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lain_tui.cli.durations import DURATION
from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.output import output, print_document
from lain_tui.cli.review import cluster_settings, number, project
from lain_tui.cli.session import Session, session
from lain_tui.core.model.text import listed, plain, spell

if TYPE_CHECKING:
    from lain_tui.core.forge.approval import Outcome


@click.command(epilog="Example: lain-tui wait-mr-approval $CI_PROJECT_PATH $CI_MERGE_REQUEST_IID")
@project
@number
@click.option(
    "--least", type=click.IntRange(1), default=1, show_default=True, help="So many people must agree."
)
@click.option("--timeout", type=DURATION, default="1h", show_default=True, help="Give up after this: 3.")
@click.option("--interval", type=DURATION, default="15s", show_default=True, help="Ask again after this.")
@output
def command(project: str, number: int, least: int, timeout: float, interval: float, output: str) -> int:
    """Wait until somebody other than the author approved a merge request, and GitLab's own rules are met.

    0 when it is approved or merged; 3 when it was closed, or when time is up.
    """
    from lain_tui.core.forge.approval import Verdict

    here = session()
    ended = here.run(_wait(here, project, number, least, timeout, interval))
    if output != "text":
        from lain_tui.cli.documents.operating import ApprovalDocument

        waiting_for = ended.waiting_for or None
        print_document(ApprovalDocument(verdict=ended.verdict, by=ended.by, waiting_for=waiting_for), output)
    else:
        by = f" by {listed(ended.by)}" if ended.by else ""
        click.echo(plain(f"{project}!{number}: {ended.verdict.value}{by}"))
        if ended.verdict is Verdict.TIMED_OUT:
            here.say(plain(f"After {spell(timeout)}: {ended.waiting_for}."))
    good = ended.verdict in (Verdict.APPROVED, Verdict.MERGED)
    return ExitCode.DONE if good else ExitCode.NOT_READY


async def _wait(
    here: Session, project: str, number: int, least: int, timeout: float, interval: float
) -> Outcome:
    from lain_tui.core.forge.approval import wait_for_approval
    from lain_tui.core.forge.forge import open_forge

    async with open_forge(cluster_settings(here), here.env, here.on_request) as forge:
        return await wait_for_approval(
            forge, project, number, least=least, timeout=timeout, interval=interval, say=here.say
        )
