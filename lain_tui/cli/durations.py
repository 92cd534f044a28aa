"""Durations on the command line: `90s`, `15m`, `1h30m`, `2d`."""

from __future__ import annotations

import re
from typing import Any

import click

_UNITS = (86_400.0, 3600.0, 60.0, 1.0)


class Duration(click.ParamType[float]):
    """Seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        match = re.fullmatch(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?", str(value))
        if not value or match is None:
            self.fail(f"{value!r} is no duration: write 90s, 15m, 2h or 1d", param, ctx)
        return sum(float(amount or 0) * unit for amount, unit in zip(match.groups(), _UNITS, strict=True))


DURATION = Duration()
