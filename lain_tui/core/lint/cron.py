"""Cron schedules as Kubernetes reads them.

Grammar: github.com/robfig/cron `ParseStandard`, five fields or a macro, which the CronJob controller uses.
"""

from __future__ import annotations

import re

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of week", 0, 6, _DAYS),
)
_MACROS = {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}
_LONGEST_MONTH = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
_EVERY = re.compile(r"@every (\d+(\.\d+)?(ns|us|ms|s|m|h))+")


def schedule_fault(schedule: str) -> str:
    """What is wrong with a schedule, as a clause, or "" when Kubernetes takes it."""
    text = schedule.strip()
    if text.startswith(("TZ=", "CRON_TZ=")):
        return "the time zone belongs in the key timeZone"
    if text.startswith("@"):
        if text in _MACROS or _EVERY.fullmatch(text):
            return ""
        return f"{text} is no schedule ({', '.join(sorted(_MACROS))})"
    fields = text.split()
    if len(fields) != len(_FIELDS):
        return f"it has {len(fields)} fields, five are needed: minute, hour, day of month, month, day of week"
    sets = []
    for field, (name, low, high, names) in zip(fields, _FIELDS, strict=True):
        values: set[int] = set()
        for part in field.split(","):
            found = _values(part, low, high, names)
            if isinstance(found, str):
                return f"{name} {part!r}: {found}"
            values |= found
        sets.append(values)
    if not any(day <= _LONGEST_MONTH.get(month, 31) for day in sets[2] for month in sets[3]):
        return "there is no such day in that month, so it would never run"
    return ""


def _values(part: str, low: int, high: int, names: tuple[str, ...]) -> set[int] | str:
    span, slash, step_text = part.partition("/")
    if slash and (not step_text.isdigit() or int(step_text) == 0):
        return "the step after / must be a number above 0"
    step = int(step_text) if slash else 1
    first_text, dash, last_text = span.partition("-")
    if first_text in {"*", "?"} and not dash:
        return set(range(low, high + 1, step))
    first, last = _number(first_text, low, names), _number(last_text, low, names)
    if first is None or (dash and last is None):
        return f"{(last_text if first is not None else first_text) or 'nothing'} is no number here"
    end = last if dash and last is not None else (high if slash else first)
    if not low <= first <= high or not low <= end <= high:
        return f"it must lie between {low} and {high}"
    if first > end:
        return f"it runs from {first} down to {end}"
    return set(range(first, end + 1, step))


def _number(text: str, low: int, names: tuple[str, ...]) -> int | None:
    if text.isdigit() and text.isascii():
        return int(text)
    return names.index(text.lower()) + low if text.lower() in names else None
