"""`lain-tui advice`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from lain_tui.cli.building import app_values
from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.output import output, print_document, print_table
from lain_tui.cli.session import Session, session

if TYPE_CHECKING:
    from lain_tui.core.model.advice import ProcAdvice, Report
    from lain_tui.core.values.layers import Values


@click.command(epilog="Example: lain-tui --cluster prod advice web --write")
@click.option("--write", is_flag=True, help="Write it into the values files, after showing what changes.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before writing.")
@output
@click.argument("procs", nargs=-1, metavar="[PROC]…")
def command(write: bool, yes: bool, output: str, procs: tuple[str, ...]) -> int:
    """Hold requests and limits to what is really used, and say what would be better.

    Usage comes from the Prometheus that the cluster's values name, over their prometheus_query_range [7d]; without one
    from the metrics API, which knows this minute only.
    """
    here = session()
    values, _ = app_values(here)
    found = here.run(_ask(here, values, procs))
    if output != "text":
        from lain_tui.cli.documents.configuring import AdviceDocument

        print_document(AdviceDocument(report=found), output)
    else:
        _tell(here, found)
    if write:
        return _write(here, values, found, yes=yes)
    return ExitCode.DONE


async def _ask(here: Session, values: Values, procs: tuple[str, ...]) -> Report:
    from lain_tui.core.insight.appetite import report
    from lain_tui.core.kube.client import KubeClient

    target = here.app_target()
    async with KubeClient.open(target, on_request=here.on_request) as kube:
        return await report(kube, target, values, procs)


def _tell(here: Session, found: Report) -> None:
    here.say(f"Measured by {found.source}.")
    if found.weak:
        here.say(found.weak)
    print_table(("PROC", "CPU P95", "MEMORY P95", "OOM KILLS", "THROTTLED"), map(_row, found.procs))
    for proc in found.procs:
        for each in proc.advice:
            click.echo(
                f"{each.proc}: {each.bound}.{each.resource} {each.present} -> {each.advised}: {each.rule}; {each.meaning}"
            )
    if not any(proc.advice for proc in found.procs):
        here.say("Nothing to change.")


def _row(proc: ProcAdvice) -> tuple[str, ...]:
    from lain_tui.core.model.quantity import format_bytes, format_millicores

    cpu, memory = proc.cpu, proc.memory
    return (
        proc.proc,
        format_millicores(cpu.top) if cpu.top is not None else f"- ({cpu.skipped})",
        format_bytes(memory.top) if memory.top is not None else f"- ({memory.skipped})",
        str(proc.oom_kills) if proc.oom_kills else "",
        f"{proc.throttled:.0%}" if proc.throttled is not None else "",
    )


def _write(here: Session, values: Values, found: Report, *, yes: bool) -> int:
    from lain_tui.core.errors import Refused
    from lain_tui.core.insight.write import plan_edit
    from lain_tui.core.values.edit import apply_edit

    if found.weak and not yes:
        raise Refused("one reading is too little to write down", hint="--yes writes it nevertheless.")
    advice = [each for proc in found.procs for each in proc.advice]
    for each in advice:
        # Planned one after the other: the one before may have moved the lines of the next.
        written = plan_edit(values, each)
        here.say(written.where)
        for line in written.edit.changed_lines:
            here.say(f"  {line}")
        asks = here.asks and sys.stdin.isatty()
        if not yes and asks and not click.confirm("Write it?", default=False, err=True):
            continue
        apply_edit(written.edit)
    return ExitCode.DONE
