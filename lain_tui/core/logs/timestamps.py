"""The timestamps that `kubectl logs --timestamps` puts before each line, as integers.

RFC 3339 with up to nine digits of a second, in UTC or with an offset. A datetime keeps six digits, which would
make lines of one microsecond equal and a resume inexact: hence nanoseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

SECOND = 1_000_000_000
"""Nanoseconds in a second."""
_POINT, _ZULU = b".Z"
_UNITS = [10 ** (9 - digits) for digits in range(10)]


@lru_cache(maxsize=4096)
def _epoch_seconds(second: bytes) -> int:
    """`2024-01-31T10:20:30` as seconds since 1970; a stream repeats few of them, so they are remembered."""
    return int(datetime.fromisoformat(second.decode()).replace(tzinfo=UTC).timestamp())


@lru_cache(maxsize=64)
def _offset(zone: bytes) -> int:
    if zone in {b"Z", b"z"}:
        return 0
    sign = {b"+": 1, b"-": -1}[zone[:1]]
    return sign * (int(zone[1:3]) * 3600 + int(zone[4:6]) * 60)


def split_timestamp(line: bytes) -> tuple[int, bytes]:
    """Return (nanoseconds since 1970, the rest of the line).

    The time is 0, and the line comes back whole, when it does not begin with a timestamp.
    """
    stamp, _, rest = line.partition(b" ")
    try:
        seconds = _epoch_seconds(stamp[:19])
        tail = stamp[19:]
        if tail[:1] == b".":
            digits = tail[1:].rstrip(b"Zz") if tail[-1:] in b"Zz" else tail[1:-6]
            zone = b"Z" if tail[-1:] in b"Zz" else tail[-6:]
            fraction = int(digits.ljust(9, b"0")[:9])
        else:
            zone, fraction = tail, 0
        return (seconds - _offset(zone)) * SECOND + fraction, rest
    except (ValueError, KeyError, UnicodeDecodeError):
        return 0, line


def split_timestamps(lines: Sequence[bytes]) -> tuple[list[int], list[bytes]]:
    """`split_timestamp` for many lines at once: the times, and what stands behind them."""
    times: list[int] = []
    texts: list[bytes] = []
    second, base = b"", 0
    for line in lines:
        end = line.find(b" ")
        if 20 < end <= 30 and line[19] == _POINT and line[end - 1] == _ZULU:
            # As the kubelet writes it: in UTC, with a fraction of a second.
            if line[:19] != second:
                second, base = line[:19], 0
            try:
                base = base or _epoch_seconds(second) * SECOND
                times.append(base + int(line[20 : end - 1]) * _UNITS[end - 21])
            except ValueError:
                times.append(0)
                texts.append(line)
            else:
                texts.append(line[end + 1 :])
        else:
            time, text = split_timestamp(line)
            times.append(time)
            texts.append(text)
    return times, texts


@lru_cache(maxsize=4096)
def spelled(second: int) -> str:
    """A second since 1970 as RFC 3339 in UTC, without what comes behind the seconds."""
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%S}"


@lru_cache(maxsize=4096)
def time_of_day(second: int) -> str:
    """A second since 1970 as this machine's clock on the wall showed it."""
    return f"{datetime.fromtimestamp(second):%H:%M:%S}"


def format_rfc3339(time: int) -> str:
    """Nanoseconds as RFC 3339 in UTC with nine digits: what `sinceTime` is asked with, and what is saved."""
    seconds, fraction = divmod(time, SECOND)
    return f"{spelled(seconds)}.{fraction:09d}Z"
