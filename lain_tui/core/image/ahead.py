"""Work that is begun before it is known whether it will be of use."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from lain_tui.core.model.build import BuildEvent


class Ahead:
    """A build that goes on by itself; what it tells is kept until somebody wants to hear it."""

    def __init__(self, events: AsyncIterator[BuildEvent]) -> None:
        self._told: asyncio.Queue[BuildEvent | None] = asyncio.Queue()
        self._task = asyncio.create_task(self._listen(events))

    async def _listen(self, events: AsyncIterator[BuildEvent]) -> None:
        try:
            async for event in events:
                self._told.put_nowait(event)
        finally:
            self._told.put_nowait(None)

    async def events(self) -> AsyncIterator[BuildEvent]:
        """All that it tells, from the first on; raises what it failed with."""
        while (event := await self._told.get()) is not None:
            yield event
        await self._task

    async def stop(self) -> None:
        """End it, if it still goes on; whatever became of it is of no interest."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
