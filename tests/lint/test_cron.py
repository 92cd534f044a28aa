"""Schedules are taken or refused as Kubernetes does."""

from __future__ import annotations

import pytest

from lain_tui.core.lint.cron import schedule_fault


@pytest.mark.parametrize(
    "schedule",
    ["0 17 * * *", "*/5 * * * *", "0 0 1,15 * mon-fri", "30 4 ? JAN SUN", "@daily", "@every 1h30m", "0 0 29 2 *",
     "5/15 * * * *", "0 9-17/2 * * 1-5", "  0 1 * * *  "],
)  # fmt: skip
def test_schedules_that_run(schedule: str) -> None:
    assert schedule_fault(schedule) == ""


@pytest.mark.parametrize(
    ("schedule", "says"),
    [
        ("", "0 fields"),
        ("* * * *", "4 fields"),
        ("0 0 * * * *", "6 fields"),
        ("60 * * * *", "minute '60': it must lie between 0 and 59"),
        ("* 24 * * *", "hour"),
        ("* * 0 * *", "day of month"),
        ("* * * 13 *", "month"),
        ("* * * * 7", "day of week"),
        ("* * * foo *", "foo is no number here"),
        ("*/0 * * * *", "step"),
        ("5-1 * * * *", "from 5 down to 1"),
        ("0 0 31 2,4 *", "never run"),
        ("@noon", "no schedule"),
        ("TZ=UTC 0 0 * * *", "timeZone"),
        ("0 0 -1 * *", "no number"),
    ],
)
def test_schedules_that_are_refused(schedule: str, says: str) -> None:
    assert says in schedule_fault(schedule)
