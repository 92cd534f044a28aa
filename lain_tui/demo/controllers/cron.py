"""Cron schedules: five fields, lists, ranges, steps, names, and @daily and its like. UTC."""

from __future__ import annotations

import time
from functools import cache

MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
YEAR = 366 * 24 * 60


@cache
def _fields(schedule: str) -> tuple[tuple[frozenset[int], ...], bool, bool]:
    """Parse a schedule into sets of allowed numbers, and whether day of month and of week are restricted."""
    parts = MACROS.get(schedule, schedule).lower().split()
    if len(parts) != 5:
        raise ValueError(f"expected exactly 5 fields, found {len(parts)}: [{schedule}]")
    sets = tuple(
        _field(part, low, high, i) for i, (part, (low, high)) in enumerate(zip(parts, RANGES, strict=True))
    )
    return sets, not parts[2].startswith("*"), not parts[4].startswith("*")


def _field(text: str, low: int, high: int, place: int) -> frozenset[int]:
    names = {3: {n: i + 1 for i, n in enumerate(MONTHS)}, 4: {n: i for i, n in enumerate(DAYS)}}.get(
        place, {}
    )

    def number(word: str) -> int:
        return names[word] if word in names else int(word)

    allowed: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        if span in ("*", "?"):
            first, last = low, high
        elif "-" in span:
            first, last = (number(word) for word in span.split("-", 1))
        else:
            first = number(span)
            last = high if step else first
        allowed.update(range(first, last + 1, int(step or 1)))
    if place == 4 and 7 in allowed:
        allowed.add(0)
    return frozenset(allowed)


def next_run(schedule: str, after: float) -> float | None:
    """Give the first due time after ``after``; None when there is none within a year. ValueError for a broken schedule."""
    (minutes, hours, days, months, weekdays), by_day, by_weekday = _fields(schedule)
    minute = int(after // 60) + 1
    for _ in range(YEAR):
        t = time.gmtime(minute * 60)
        weekday = (t.tm_wday + 1) % 7
        day_fits = t.tm_mday in days if by_day else True
        weekday_fits = weekday in weekdays if by_weekday else True
        fits = (day_fits or weekday_fits) if by_day and by_weekday else (day_fits and weekday_fits)
        if t.tm_mon not in months or not fits:
            minute += 1440 - minute % 1440
        elif t.tm_hour not in hours:
            minute += 60 - minute % 60
        elif t.tm_min not in minutes:
            minute += 1
        else:
            return minute * 60.0
        if minute * 60 > after + YEAR * 60:
            return None
    return None
