"""`lain-tui admin cleanup-registry`."""

from __future__ import annotations

import click

from lain_tui.cli import operate
from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.output import output as output_option
from lain_tui.cli.session import Session, session


@click.command(epilog="Example: lain-tui admin cleanup-registry --dry-run dummy")
@click.option(
    "--keep", type=click.IntRange(1), default=20, show_default=True, help="Newest images kept of each."
)
@click.option(
    "--without", multiple=True, metavar="CLUSTER", help="A cluster that need not answer; may be repeated."
)
@operate.yes
@operate.dry_run
@output_option
@click.argument("repositories", nargs=-1, metavar="[REPOSITORY]…")
def command(
    repositories: tuple[str, ...], keep: int, without: tuple[str, ...], yes: bool, dry_run: bool, output: str
) -> int:
    """Delete old images from the registry.

    Of all repositories, or those named. Kept are the newest of each repository, latest, prepare and other tags that lain did not make, and what any
    workload of any of your clusters that use this registry may start from. A cluster that does not answer forbids
    it.
    """
    here = session()
    return here.run(_cleanup(here, repositories, keep, without, yes=yes, dry_run=dry_run, output=output))


async def _cleanup(
    here: Session, repositories: tuple[str, ...], keep: int, without: tuple[str, ...],
    *, yes: bool, dry_run: bool, output: str,
) -> int:  # fmt: skip
    from lain_tui.core.config.names import known_names
    from lain_tui.core.errors import LainError
    from lain_tui.core.fleet.targets import fleet
    from lain_tui.core.operations.cleanup import RegistryCleanup, same_registry

    target = here.target()
    known = fleet(target, env=here.env, settings=here.settings)
    names = {one.cluster for one in known}
    if unknown := sorted(set(without) - names):
        raise LainError(
            f"there is no cluster {unknown[0]!r}", hint=known_names(unknown[0], names, noun="clusters")
        )
    clusters = same_registry(target, known)
    operation = await RegistryCleanup.prepare(
        target, clusters, keep=keep, repositories=repositories, without=without, environment=here.env
    )
    if not operation.images and operation.plan.refusal is None and not dry_run:
        here.say(f"Nothing to delete: {operation.plan.subject}.")
        operate.tell_nothing(output)
        return ExitCode.DONE
    return await operate.perform(here, operation, yes=yes, dry_run=dry_run, output=output)
