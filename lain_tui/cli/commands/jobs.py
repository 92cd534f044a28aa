"""`lain-tui jobs`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.output import age, output, print_document, print_table
from lain_tui.cli.session import Session, session

if TYPE_CHECKING:
    from lain_tui.core.model.jobs import Work


@click.command(epilog="Example: lain-tui jobs -o json | jq '.work[] | select(.suspended)'")
@output
def command(output: str) -> int:
    """List the app's cronjobs and jobs: when they ran and will run, how long they take, how they ended.

    The outcomes are those of the runs that are still kept, the newest first.
    """
    here = session()
    work = here.run(_list(here))
    if output != "text":
        from lain_tui.cli.documents.operating import JobsDocument

        print_document(JobsDocument(work=tuple(work)), output)
        return ExitCode.DONE
    if not work:
        here.say("No cronjobs and no jobs.")
        return ExitCode.DONE
    headers = ("NAME", "SCHEDULE", "LAST RUN", "TOOK", "OUTCOMES", "NEXT RUN")
    print_table(headers, (_row(each, datetime.now(UTC)) for each in work))
    return ExitCode.DONE


async def _list(here: Session) -> list[Work]:
    from lain_tui.core.jobs.list import list_work
    from lain_tui.core.kube.client import KubeClient

    target = here.app_target()
    async with KubeClient.open(target, on_request=here.on_request) as kube:
        return await list_work(kube, target)


def _row(work: Work, now: datetime) -> tuple[str, ...]:
    from lain_tui.core.model.text import since, spell

    last = work.last
    when = f"{age(last.started)} ago" if last is not None and last.started is not None else ""
    if not when and work.last_scheduled is not None:
        when = f"{age(work.last_scheduled)} ago"
    took = spell(last.seconds) if last is not None and last.seconds is not None else ""
    upcoming = f"in {since(now, work.next_run)}" if work.next_run is not None else ""
    return (
        work.name if work.kind == "CronJob" else work.resource,
        work.schedule,
        when,
        took,
        " ".join(run.state.value for run in work.runs[:5]),
        "suspended" if work.suspended else upcoming or (last.fault if last is not None else ""),
    )
