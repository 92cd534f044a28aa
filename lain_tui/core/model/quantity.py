"""Kubernetes quantities as numbers.

Grammar: k8s.io/apimachinery/pkg/api/resource, `<number><suffix>` with decimal (n u m k M G T P E), binary
(Ki Mi Gi Ti Pi Ei) or exponent (e3) suffixes.
"""

from __future__ import annotations

import re
from functools import lru_cache

_SUFFIXES = {
    "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50, "Ei": 2.0**60,
}  # fmt: skip
_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)")


@lru_cache(maxsize=4096)
def parse_quantity(text: str) -> float:
    """Return the quantity in its base unit (cores, bytes, counts).

    Raises ValueError when `text` is not a quantity.
    """
    match = _QUANTITY.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"not a Kubernetes quantity: {text!r}")
    number, exponent, suffix = match.groups()
    if exponent is not None:
        return float(f"{number}e{exponent}")
    return float(number) * _SUFFIXES[suffix or ""]


def millicores(text: str) -> float:
    """CPU quantity in thousandths of a core."""
    return parse_quantity(text) * 1000


def format_bytes(value: float) -> str:
    """Bytes as Kubernetes users write them: `61Mi`, `1.5Gi`; below 1 Ki as a plain number."""
    for suffix, size in (("Ti", 2.0**40), ("Gi", 2.0**30), ("Mi", 2.0**20), ("Ki", 2.0**10)):
        if value >= size:
            scaled = value / size
            return (
                f"{scaled:.1f}{suffix}" if scaled < 10 and suffix in {"Gi", "Ti"} else f"{scaled:.0f}{suffix}"
            )
    return f"{value:.0f}"


def format_millicores(value: float) -> str:
    """CPU as `12m`, or as cores from 10 cores on: `12.5`."""
    return f"{value:.0f}m" if value < 10_000 else f"{value / 1000:.1f}"
