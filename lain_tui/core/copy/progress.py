"""How far a copy is, told now and then."""

from __future__ import annotations

import time

from lain_tui.core.model.plan import Step
from lain_tui.core.model.text import spell_bytes
from lain_tui.core.operations.operation import moving

BEAT = 0.5
"""Seconds between two words about it."""


class Progress:
    """Counts bytes; `step` is None until there is something new to say."""

    def __init__(self, what: str, total: int) -> None:
        """`total` in bytes; 0 when nobody knows."""
        self._what = what
        self._total = total
        self.count = 0
        self._begun = self._told = time.monotonic()

    def add(self, count: int) -> None:
        self.count += count

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._begun

    def step(self) -> Step | None:
        now = time.monotonic()
        if now - self._told < BEAT:
            return None
        self._told = now
        of = (
            f" of {spell_bytes(self._total)}, {min(1.0, self.count / self._total):.0%}" if self._total else ""
        )
        return moving(self._what, f"{spell_bytes(self.count)}{of}, {spell_bytes(self.rate)}/s")

    @property
    def rate(self) -> float:
        """Bytes a second since it began."""
        return self.count / max(self.seconds, 0.001)
