"""Telling any number of lookers that a picture changed, without a queue for any of them."""

from __future__ import annotations

import asyncio


class Change:
    """A counter that can be waited on.

    Each looker remembers the count it saw last, so none misses a change and a slow one skips to the latest:
    nothing is kept for it.
    """

    def __init__(self) -> None:
        self.count = 0
        self._next = asyncio.Event()

    def tell(self) -> None:
        """Count one change and wake all who wait."""
        self.count += 1
        event, self._next = self._next, asyncio.Event()
        event.set()

    async def since(self, seen: int) -> int:
        """Wait until the count differs from `seen`, and return it."""
        while self.count == seen:
            await self._next.wait()
        return self.count
