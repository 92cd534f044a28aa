"""How long to wait before asking again."""

from __future__ import annotations

import random

BASE = 0.4
CAP = 10.0
SLOW = 60.0
"""Seconds between tries where only a person can change the outcome: a missing permission, API or login."""
HEALTHY = 10.0
"""Seconds a connection must have held for its earlier failures to be forgotten."""


class Backoff:
    """Exponential back-off with full jitter, so that many watches do not return in step.

    The first wait after a healthy time is short: most cut connections are one-off. Rule: "Exponential Backoff And
    Jitter", AWS Architecture Blog (full jitter).
    """

    def __init__(self, *, base: float = BASE, cap: float = CAP) -> None:
        self._base = base
        self._cap = cap
        self._failures = 0

    def reset(self) -> None:
        self._failures = 0

    def next(self, at_least: float = 0.0) -> float:
        """Seconds to wait now; never less than `at_least` (what the server asked for)."""
        ceiling = min(self._cap, self._base * 2.0 ** min(self._failures, 16))
        self._failures += 1
        # 50 ms at the least: a server that accepts and drops at once must not be asked in a loop.
        return max(at_least, random.uniform(0.05, ceiling))
