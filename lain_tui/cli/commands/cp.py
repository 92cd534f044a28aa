"""`lain-tui cp`."""

from __future__ import annotations

import click

from lain_tui.cli import operate
from lain_tui.cli.output import output as output_option
from lain_tui.cli.session import Session, session


@click.command(epilog="Example: lain-tui cp web:/lain/app/dump.json .")
@click.option(
    "-c", "--container", default="", metavar="NAME", help="The container; the proc's own by default."
)
@click.option(
    "-f", "--force", is_flag=True, help="Replace what is there; in a folder, files of the same name."
)
@click.option("-L", "--follow", is_flag=True, help="Copy what links lead to, in place of the links.")
@operate.yes
@operate.dry_run
@output_option
@click.argument("source", metavar="SOURCE")
@click.argument("destination", metavar="DESTINATION")
def command(
    source: str, destination: str, container: str, force: bool, follow: bool, yes: bool, dry_run: bool, output: str
) -> int:  # fmt: skip
    """Copy a file or folder into a pod, or out of one.

    One of the two is PROC:PATH, POD:PATH or :PATH, as for x; a file here with a colon in its name is ./a:b. It is
    written beside its place, compared by checksum, and only then given its name: never half a file.
    """
    from lain_tui.core.copy.address import parse_address

    there, here_to = parse_address(source), parse_address(destination)
    if (there is None) == (here_to is None):
        raise click.UsageError("One of the two is in a pod, such as web:/lain/app; the other one is here.")
    return session().run(
        _copy(session(), source, destination, container, force, follow, yes, dry_run, output)
    )


async def _copy(
    here: Session, source: str, destination: str, container: str,
    force: bool, follow: bool, yes: bool, dry_run: bool, output: str,
) -> int:  # fmt: skip
    from lain_tui.core.copy.download import Download
    from lain_tui.core.copy.prepare import prepare_copy
    from lain_tui.core.kube.client import KubeClient

    target = here.target()
    async with KubeClient.open(target, on_request=here.on_request) as kube:
        operation = await prepare_copy(
            kube, target, source, destination, container=container, force=force, follow=follow
        )
        # A download changes nothing in the cluster, and here only what --force was said for: nobody is asked.
        agreed = yes or isinstance(operation, Download)
        return await operate.perform(here, operation, yes=agreed, dry_run=dry_run, output=output)
