"""What is wrong with a cron schedule, in the words of github.com/robfig/cron, the server's parser."""

from __future__ import annotations

import re
import zoneinfo

from ..controllers.cron import DAYS, MACROS, MONTHS, RANGES

_NAMES: tuple[dict[str, int], ...] = (
    *({}, {}, {}),
    {name: number for number, name in enumerate(MONTHS, 1)},
    {name: number for number, name in enumerate(DAYS)},
)


def complaint(schedule: str) -> str:
    """Why the server would refuse the schedule; "" when it takes it."""
    try:
        _parse(schedule)
    except ValueError as error:
        return str(error)
    return ""


def unknown_zone(zone: str) -> str:
    """Why the server would refuse the time zone; "" when it knows it."""
    try:
        zoneinfo.ZoneInfo(zone)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return f"unknown time zone {zone}"
    return ""


def _parse(schedule: str) -> None:
    if "TZ" in schedule:
        raise ValueError("cannot use TZ or CRON_TZ in schedule, use timeZone field instead")
    if schedule.startswith("@"):
        every = schedule.removeprefix("@every ")
        if every != schedule and not re.fullmatch(r"(\d+(\.\d+)?(ns|us|ms|s|m|h))+", every):
            raise ValueError(f'failed to parse duration {schedule}: time: invalid duration "{every}"')
        if every == schedule and schedule not in MACROS:
            raise ValueError(f"unrecognized descriptor: {schedule}")
        return
    fields = schedule.split()
    if len(fields) != len(RANGES):
        raise ValueError(f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]")
    for field, (low, high), names in zip(fields, RANGES, _NAMES, strict=True):
        for part in field.split(","):
            _range(part, low, high, names)


def _range(part: str, low: int, high: int, names: dict[str, int]) -> None:
    span, *steps = part.split("/")
    first, *lasts = span.split("-")
    if first in ("*", "?"):
        start, end = low, high
    else:
        start = end = _number(first, names)
        if len(lasts) == 1:
            end = _number(lasts[0], names)
        elif lasts:
            raise ValueError(f"too many hyphens: {part}")
    step = 1
    if len(steps) == 1:
        step = _number(steps[0], {})
        end = end if lasts else high
    elif steps:
        raise ValueError(f"too many slashes: {part}")
    if start < low:
        raise ValueError(f"beginning of range ({start}) below minimum ({low}): {part}")
    if end > high:
        raise ValueError(f"end of range ({end}) above maximum ({high}): {part}")
    if start > end:
        raise ValueError(f"beginning of range ({start}) beyond end of range ({end}): {part}")
    if step == 0:
        raise ValueError(f"step of range should be a positive number: {part}")


def _number(word: str, names: dict[str, int]) -> int:
    if word.lower() in names:
        return names[word.lower()]
    if not re.fullmatch(r"\d+", word, re.ASCII):
        raise ValueError(f'failed to parse int from {word}: strconv.Atoi: parsing "{word}": invalid syntax')
    return int(word)
