"""Changes under way: they belong to the app, so that leaving a screen ends none of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from lain_tui.core.errors import LainError
from lain_tui.core.model.plan import Step, StepState

if TYPE_CHECKING:
    from lain_tui.core.operations.journal import Journal, Page
    from lain_tui.core.operations.operation import Operation


class Running:
    """One change from its first step to its end."""

    def __init__(self, operation: Operation, page: Page | None = None) -> None:
        self.operation = operation
        self.page = page
        """Where it is written down, for the case that nobody sees its end."""
        self.plan = operation.plan
        self.steps: list[Step] = []
        self.error: Exception | None = None
        """Why it failed; a LainError is for the user, anything else a bug of ours."""
        self.cancelled = False
        self.task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    @property
    def title(self) -> str:
        return f"{self.plan.verb} {self.plan.subject}"

    @property
    def over(self) -> bool:
        return self.task is not None and self.task.done()

    @property
    def succeeded(self) -> bool:
        return self.over and self.error is None and not self.cancelled

    def done(self) -> list[str]:
        """The steps that were done, each once."""
        return list(dict.fromkeys(step.what for step in self.steps if step.state is StepState.DONE))

    async def changed(self) -> None:
        """Wait for the next step, or the end."""
        await self._news.wait()
        self._news = asyncio.Event()

    def add(self, step: Step) -> None:
        """Note a step; a word about how far one is takes the place of the one before it."""
        if self.steps and self.steps[-1].state is StepState.MOVING and self.steps[-1].what == step.what:
            self.steps.pop()
        self.steps.append(step)
        self.tell()

    def tell(self) -> None:
        self._news.set()

    def cancel(self) -> None:
        """Stop it at its next await; what is done stays done."""
        if self.task is not None and not self.task.done():
            self.cancelled = True
            self.task.cancel()


class Operations:
    """Every change that this run of the app has begun."""

    def __init__(self, on_end: Callable[[Running], None], journal: Journal | None = None) -> None:
        """`on_end` is called when one is over; in the `journal` those are found that were cut off."""
        self._on_end = on_end
        self._journal = journal
        self.all: list[Running] = []

    @property
    def under_way(self) -> list[Running]:
        return [one for one in self.all if not one.over]

    def start(self, operation: Operation) -> Running:
        """Begin a change that the user has agreed to."""
        running = Running(operation, self._journal.begin(operation.plan) if self._journal else None)
        self.all.append(running)
        running.task = asyncio.create_task(self._run(running), name=f"operation {running.plan.verb}")
        running.task.add_done_callback(lambda _: self._ended(running))
        return running

    async def close(self, why: str) -> None:
        """Stop what is under way, and wait until it has; `why` is what the next start says of it, as a clause."""
        for one in self.under_way:
            if one.page is not None:
                one.page.leave(why)
                one.page = None
        tasks = [one.task for one in self.under_way if one.task is not None]
        for one in self.under_way:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, running: Running) -> None:
        try:
            async for step in running.operation.run():
                running.add(step)
                if running.page is not None and step.state is not StepState.MOVING:
                    running.page.step(step)
        except LainError as error:
            running.error = error
        except Exception as error:
            running.error = error

    def _ended(self, running: Running) -> None:
        running.tell()
        if running.page is not None:
            running.page.ended()
        self._on_end(running)
