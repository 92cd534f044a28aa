"""When a CronJob runs next."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lain_tui.core.status.cron import next_run, parse_schedule

WEDNESDAY = datetime(2026, 3, 4, 12, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "then"),
    [
        ("* * * * *", "2026-03-04 12:31"),
        ("0 17 * * *", "2026-03-04 17:00"),
        ("30 12 * * *", "2026-03-05 12:30"),
        ("*/20 * * * *", "2026-03-04 12:40"),
        ("5-50/15 9-17 * * *", "2026-03-04 12:35"),
        ("7/20 * * * *", "2026-03-04 12:47"),
        ("0 0 1,15 * *", "2026-03-15 00:00"),
        ("0 8 * * mon-fri", "2026-03-05 08:00"),
        ("0 8 * * 0", "2026-03-08 08:00"),
        ("0 8 13 * fri", "2026-03-06 08:00"),  # a restricted day of month and of week: either is enough
        ("0 8 */2 * fri", "2026-03-05 08:00"),
        ("0 0 29 feb *", "2028-02-29 00:00"),
        ("@hourly", "2026-03-04 13:00"),
        ("@weekly", "2026-03-08 00:00"),
        ("@yearly", "2027-01-01 00:00"),
    ],
)
def test_the_next_moment_a_schedule_names(schedule: str, then: str) -> None:
    assert next_run(schedule, WEDNESDAY) == datetime.fromisoformat(f"{then}+00:00")


@pytest.mark.parametrize(
    "schedule", ["", "* * * *", "61 * * * *", "* 24 * * *", "a * * * *", "5-1 * * * *", "*/0 * * * *"]
)
def test_what_is_no_schedule_has_no_next_run(schedule: str) -> None:
    assert next_run(schedule, WEDNESDAY) is None


def test_a_date_that_never_comes_ends_the_search() -> None:
    assert next_run("0 0 30 2 *", WEDNESDAY) is None


def test_the_field_that_is_wrong_is_named() -> None:
    with pytest.raises(ValueError, match="day of month '32' is not understood"):
        parse_schedule("0 0 32 * *")


class TestZones:
    def test_a_zone_says_whose_clock_counts(self) -> None:
        assert next_run("0 8 * * *", WEDNESDAY, "Asia/Shanghai") == datetime(2026, 3, 5, 0, 0, tzinfo=UTC)

    def test_a_time_that_the_clock_skips_is_left_out(self) -> None:
        before = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)  # Berlin goes from 2:00 to 3:00 on the 29th
        assert next_run("30 2 * * *", before, "Europe/Berlin") == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)

    def test_a_time_that_comes_twice_counts_twice(self) -> None:
        first = next_run("30 2 * * *", datetime(2026, 10, 24, 23, 0, tzinfo=UTC), "Europe/Berlin")
        assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
        assert next_run("30 2 * * *", first, "Europe/Berlin") == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)

    def test_an_unknown_zone_is_not_guessed(self) -> None:
        assert next_run("0 8 * * *", WEDNESDAY, "Mars/Olympus") is None
