"""Times and durations as the screens word them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Where a widget gets the time from; a snapshot gives it a frozen one."""


def wall_clock() -> datetime:
    return datetime.now(UTC)


def age(since: datetime | None, now: datetime) -> str:
    """How long ago, in one unit and few cells: `45s`, `12m`, `3h`, `2d`; empty when unknown.

    A node's clock may run ahead of ours: what has not happened yet is `0s` old.
    """
    if since is None:
        return ""
    return _short(max(0.0, (now - since).total_seconds()))


def _short(seconds: float) -> str:
    for unit, size, limit in (("s", 1, 120), ("m", 60, 7200), ("h", 3600, 172_800)):
        if seconds < limit:
            return f"{int(seconds // size)}{unit}"
    days = int(seconds // 86_400)
    return f"{days}d" if days < 1000 else f"{days // 365}y"


def clock_time(moment: datetime, now: datetime) -> str:
    """The local time of day; with the date when it was not within the last day."""
    local = moment.astimezone()
    recent = abs((now - moment).total_seconds()) < 86_400
    return f"{local:%H:%M:%S}" if recent else f"{local:%m-%d %H:%M}"
