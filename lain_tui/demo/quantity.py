"""Quantities such as ``500m``, ``1Gi`` and ``2e3``: their value, and the form a server stores them in."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_FORM = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]))?")
MESSAGE = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"


@cache
def value(text: str) -> Decimal:
    """Give the number a quantity stands for. ValueError, in the server's words, when it is none."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(MESSAGE)
    number, exponent, suffix = match.groups()
    if exponent:
        return Decimal(number + exponent)
    if suffix in _BINARY:
        return Decimal(number) * (Decimal(1024) ** _BINARY[suffix])
    return Decimal(number).scaleb(_DECIMAL[suffix or ""])


@cache
def canonical(text: str) -> str:
    """Give the form a server stores: ``1000m`` is ``1``, ``0.5`` is ``500m``, ``1024Mi`` is ``1Gi``."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(MESSAGE)
    number = value(text)
    if number == 0:
        return "0"
    if match[3] in _BINARY and number == number.to_integral_value() and abs(number) >= 1024:
        whole = int(number)
        power = max(p for p in range(7) if whole % (1024**p) == 0)
        suffix = next((s for s, p in _BINARY.items() if p == power), "")
        return f"{whole // 1024**power}{suffix}"
    for suffix, power in reversed(_DECIMAL.items()):
        scaled = number.scaleb(-power)
        if scaled == scaled.to_integral_value():
            return f"{int(scaled)}{suffix}"
    return f"{int(number.scaleb(9).to_integral_value(rounding='ROUND_UP'))}n"


def millis(text: str | None) -> int:
    """Give a CPU quantity in thousandths; 0 for none."""
    return int(value(str(text)) * 1000) if text else 0


def whole(text: str | None) -> int:
    """Give a memory or count quantity in units; 0 for none."""
    return int(value(str(text))) if text else 0
