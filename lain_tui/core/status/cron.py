"""When a CronJob runs next.

The grammar is that of `spec.schedule`: five fields as github.com/robfig/cron/v3's standard parser reads them, or one
of its descriptors. Days of month and of week are alternatives when both are restricted, as in crontab(5).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6,
    "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_DAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_DESCRIPTORS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_YEARS = 5
"""A schedule that does not come true within so many years (30 February) never does."""


class Schedule(msgspec.Struct, frozen=True):
    """A schedule, each field as the values it allows."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """0 is Sunday."""
    either_day: bool
    """Both kinds of day are restricted: one of them is enough."""

    def allows_day(self, day: datetime) -> bool:
        by_month = day.day in self.days
        by_week = day.isoweekday() % 7 in self.weekdays
        return by_month or by_week if self.either_day else by_month and by_week


@lru_cache(maxsize=512)
def parse_schedule(text: str) -> Schedule:
    """Read a schedule. Raises ValueError that names the field which cannot be read."""
    fields = _DESCRIPTORS.get(text.strip(), text).split()
    if len(fields) != 5:
        raise ValueError(f"a schedule has five fields, not {len(fields)}: {text!r}")
    minutes, _ = _field("minute", fields[0], 0, 59)
    hours, _ = _field("hour", fields[1], 0, 23)
    days, any_day = _field("day of month", fields[2], 1, 31)
    months, _ = _field("month", fields[3], 1, 12, _MONTHS)
    weekdays, any_weekday = _field("day of week", fields[4], 0, 6, _DAYS)
    return Schedule(minutes, hours, days, months, weekdays, not any_day and not any_weekday)


def _field(
    name: str, text: str, low: int, high: int, names: dict[str, int] | None = None
) -> tuple[frozenset[int], bool]:
    """The values a field allows, and whether it is unrestricted."""
    values: set[int] = set()
    unrestricted = False
    for part in text.split(","):
        span, slash, step_text = part.partition("/")
        try:
            step = int(step_text) if slash else 1
            if span in ("*", "?"):
                first, last = low, high
                unrestricted = unrestricted or step == 1
            else:
                start, dash, end = span.partition("-")
                first = _number(start, names)
                last = _number(end, names) if dash else (high if slash else first)
            if step < 1 or not low <= first <= last <= high:
                raise ValueError(part)
        except ValueError:
            raise ValueError(f"{name} {text!r} is not understood ({low} to {high})") from None
        values.update(range(first, last + 1, step))
    return frozenset(values), unrestricted


def _number(text: str, names: dict[str, int] | None) -> int:
    if names and text.lower() in names:
        return names[text.lower()]
    if not text.isdecimal():
        raise ValueError(text)
    return int(text)


def next_run(schedule: str, after: datetime, zone: str = "") -> datetime | None:
    """The first moment after `after` that the schedule names, in UTC.

    `zone` is `spec.timeZone`; without one the cluster's controller decides by its own clock, nearly always UTC. None
    when the schedule or the zone is not understood, or never comes true. As the controller has it, a time that the
    clock skips in spring is left out, and one that comes twice in autumn counts twice.
    """
    try:
        plan = parse_schedule(schedule)
        local = ZoneInfo(zone) if zone else UTC
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return None
    return _first(plan, after, local)


def _first(plan: Schedule, after: datetime, zone: tzinfo) -> datetime | None:
    start = after.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)
    day = start.replace(hour=0, minute=0)
    end = day + timedelta(days=366 * _YEARS)
    while day < end:
        if day.month not in plan.months:
            day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
            continue
        if plan.allows_day(day):
            for hour in sorted(plan.hours):
                if day.date() == start.date() and hour < start.hour:
                    continue
                for moment in _moments(day.replace(hour=hour), sorted(plan.minutes), zone):
                    if moment > after:
                        return moment
        day += timedelta(days=1)
    return None


def _moments(hour: datetime, minutes: list[int], zone: tzinfo) -> Iterator[datetime]:
    """The given minutes of one hour on the wall, in order: once, twice, or never where the clock is changed."""
    for fold in (0, 1):
        for minute in minutes:
            wall = hour.replace(minute=minute, fold=fold)
            moment = wall.replace(tzinfo=zone).astimezone(UTC)
            back = moment.astimezone(zone)
            if back.fold == fold and back.replace(tzinfo=None) == wall:
                yield moment
