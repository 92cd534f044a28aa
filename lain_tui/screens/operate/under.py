"""What a line of the Operate screen is about."""

from __future__ import annotations

from collections.abc import Sequence

from lain_tui.core.model.forwards import ForwardRow
from lain_tui.core.model.jobs import Run, Work
from lain_tui.widgets.work_lines import forward_key, run_key, work_key

Under = Work | Run | ForwardRow


def find(key: str, works: Sequence[Work], ports: Sequence[ForwardRow]) -> Under | None:
    """The port, cronjob, job or run of that line."""
    for row in ports:
        if forward_key(row) == key:
            return row
    for each in works:
        if work_key(each) == key:
            return each
        for run in each.runs:
            if run_key(run) == key:
                return run
    return None


def cron_of(under: Under | None, works: Sequence[Work]) -> Work | None:
    """The cronjob itself, or the one whose run it is."""
    for each in works:
        if each.kind == "CronJob" and (each is under or under in each.runs):
            return each
    return None


def run_of(under: Under | None) -> Run | None:
    """The run itself, or the last one."""
    return under.last if isinstance(under, Work) else under if isinstance(under, Run) else None
