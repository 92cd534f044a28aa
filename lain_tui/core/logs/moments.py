"""Moments as people type them: `15m` ago, `10:32`, `2026-01-31 10:32:05`, RFC 3339."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from lain_tui.core.errors import LainError

_SPAN = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_UNITS = (86_400, 3600, 60, 1)
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,6})\d*)?)?")
HINT = "write 90s, 15m, 2h or 1d for that long ago, or a time: 10:32, 2026-01-31 10:32:05"


def parse_span(text: str) -> int | None:
    """`1h30m` as seconds; None when it is no duration."""
    match = _SPAN.fullmatch(text)
    if not text or match is None:
        return None
    return sum(int(amount or 0) * unit for amount, unit in zip(match.groups(), _UNITS, strict=True))


def parse_moment(text: str, now: datetime) -> datetime:
    """A moment, aware of its zone; times without one are of `now`'s.

    A time of day is the last one that has been: at 09:00, `10:32` was yesterday. Raises LainError.
    """
    text = text.strip()
    if (seconds := parse_span(text)) is not None:
        return now - timedelta(seconds=seconds)
    if clock := _CLOCK.fullmatch(text):
        hour, minute, second, fraction = clock.groups()
        try:
            moment = now.replace(
                hour=int(hour),
                minute=int(minute),
                second=int(second or 0),
                microsecond=int((fraction or "").ljust(6, "0")),
            )
        except ValueError:
            raise LainError("there is no such time of day", where=text, hint=HINT) from None
        return moment if moment <= now else moment - timedelta(days=1)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise LainError("not a time", where=text, hint=HINT) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)


def to_nanoseconds(moment: datetime) -> int:
    """Nanoseconds since 1970."""
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1000
