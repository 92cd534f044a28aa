"""`lain-tui restart`."""

from __future__ import annotations

import click

from lain_tui.cli import operate
from lain_tui.cli.durations import DURATION
from lain_tui.cli.output import output
from lain_tui.cli.session import Session, session


@click.command(epilog="Example: lain-tui restart --graceful web worker")
@click.option(
    "--graceful", is_flag=True, help="One pod after the other, each time waiting until all are ready."
)
@click.option("--rollout", is_flag=True, help="New pods beside the old ones, as for a new version.")
@click.option(
    "--timeout", type=DURATION, default="5m", show_default=True, metavar="TIME", help="For each wait."
)
@click.option(
    "-l", "--selector", "selectors", metavar="LABELS", multiple=True, help="The pods with these; repeatable."
)
@operate.yes
@operate.dry_run
@output
@click.argument("names", nargs=-1, metavar="[PROC|POD]…")
def command(
    graceful: bool,
    rollout: bool,
    timeout: float,
    selectors: tuple[str, ...],
    yes: bool,
    dry_run: bool,
    output: str,
    names: tuple[str, ...],
) -> int:
    """Replace the pods of the app, or of the procs named, or the pods named.

    Without --graceful or --rollout every pod is deleted at once. In the end all must be ready again: a pod that
    cannot start, and the end of the time, are failures.
    """
    if graceful and rollout:
        raise click.UsageError("--graceful and --rollout are two ways: choose one.")
    if names and selectors:
        raise click.UsageError("Name procs and pods, or select them by --selector.")
    here = session()
    way = "graceful" if graceful or (here.auto_pilot and not rollout) else "rollout" if rollout else "at once"
    names = here.names_or_app(names)
    return here.run(_restart(here, names, selectors, way, timeout, yes=yes, dry_run=dry_run, output=output))


async def _restart(
    here: Session, names: tuple[str, ...], selectors: tuple[str, ...], way: str, timeout: float,
    *, yes: bool, dry_run: bool, output: str,
) -> int:  # fmt: skip
    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.operations.restart import Restart, Way
    from lain_tui.core.operations.selection import pods_selected

    target = here.app_target()
    async with KubeClient.open(target, on_request=here.on_request) as kube:
        # A pod is called RELEASE-PROC-HASH; no proc's name begins with the release's.
        pods = [name for name in names if name.startswith(f"{target.release}-")]
        procs = [name for name in names if name not in pods]
        if selectors:
            pods = await pods_selected(kube, target, selectors)
        operation = await Restart.prepare(kube, target, procs=procs, pods=pods, way=Way(way), timeout=timeout)
        return await operate.perform(here, operation, yes=yes, dry_run=dry_run, output=output)
