"""`lain-tui wait`."""

from __future__ import annotations

import click

from lain_tui.cli.durations import DURATION
from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.operate import tell_step
from lain_tui.cli.output import output, print_document
from lain_tui.cli.session import Session, session


@click.command(epilog="Example: lain-tui wait web --timeout 10m && ./smoke-test")
@click.option("--timeout", type=DURATION, default="5m", show_default=True, metavar="TIME")
@output
@click.option(
    "-l", "--selector", "selectors", metavar="LABELS", multiple=True, help="The procs whose pods have all."
)
@click.option("--tries", type=click.IntRange(1), hidden=True)
@click.argument("procs", nargs=-1, metavar="[PROC]…")
def command(
    timeout: float, output: str, selectors: tuple[str, ...], tries: int | None, procs: tuple[str, ...]
) -> int:
    """Wait until the app, or the procs named, are rolled out and ready.

    Exit code 3 when they are not: at once when a pod cannot start, else when the time is over.
    """
    if procs and selectors:
        raise click.UsageError("Name procs, or select them by --selector.")
    here = session()
    procs = here.names_or_app(procs)
    # lain's tries are three seconds apart.
    timeout = timeout if tries is None else 3.0 * tries
    return here.run(_wait(here, procs, ",".join(selectors), timeout, output))


async def _wait(here: Session, procs: tuple[str, ...], selector: str, timeout: float, output: str) -> int:
    from lain_tui.cli.outcome import tell
    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.operations.selection import procs_selected
    from lain_tui.core.operations.wait import NotReady, rollout

    target = here.app_target()
    error: NotReady | None = None
    async with KubeClient.open(target, on_request=here.on_request) as kube:
        if selector:
            procs = tuple(await procs_selected(kube, target, selector))
        try:
            async for step in rollout(kube, target, procs, timeout=timeout):
                tell_step(here, step)
        except NotReady as failure:
            error = failure
            tell(str(failure))
    if output != "text":
        from lain_tui.cli.documents.operating import WaitDocument

        document = WaitDocument(ready=True)
        if error is not None:
            pod = error.pod or None
            document = WaitDocument(ready=False, reason=error.what, proc=error.proc or None, pod=pod)
        print_document(document, output)
    return ExitCode.NOT_READY if error is not None else ExitCode.DONE
