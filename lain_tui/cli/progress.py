"""A build, a push or a pull as lines on standard error; on a terminal the bytes on their way, too."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

from lain_tui.cli.moving import MovingLine
from lain_tui.cli.session import Session
from lain_tui.core.errors import LainError
from lain_tui.core.image.progress import BuildProgress, first_words
from lain_tui.core.model.build import (
    BuildEvent,
    BuildLine,
    BuildStep,
    ImageReady,
    LayerProgress,
    StepState,
    StepView,
)
from lain_tui.core.model.text import counted, plain, spell, spell_bytes, uncoloured

_BEAT = 0.2
"""Seconds between two looks of the line that moves."""
_BAR = 24
_PLACE = re.compile(r"\[[^\]]*\d+/\d+\]")
"""What a step of a Dockerfile is known by, such as `[build 2/4]`."""
_WHOLE = frozenset({"Saving", "Sending"})
"""What moves in one piece."""


async def tell(here: Session, events: AsyncIterator[BuildEvent]) -> str:
    """Print what happens; return the name of what was made. What it raises leaves out what has been printed."""
    teller = _Teller(here)
    moving = asyncio.create_task(teller.move()) if teller.line.moves else None
    try:
        async for event in events:
            teller.take(event)
    except LainError as error:
        raise first_words(error) from error
    finally:
        if moving is not None:
            moving.cancel()
        teller.line.clear()
    return teller.made


class _Teller:
    def __init__(self, here: Session) -> None:
        self._here = here
        self.line = MovingLine(here)
        self._progress = BuildProgress("", "")
        self.made = ""

    def take(self, event: BuildEvent) -> None:
        self._progress.take(event)
        if isinstance(event, LayerProgress):
            return
        if isinstance(event, BuildLine):
            self._say(f"    {uncoloured(event.text)}")
        elif isinstance(event, BuildStep):
            self._say(_step(event, self._progress))
        else:
            self.made = event.image
            self._say(_ready(event))

    def _say(self, line: str) -> None:
        self.line.clear()
        self._here.say(plain(line))

    async def move(self) -> None:
        """Keep a last line that moves, as long as something is under way: its bytes, or for how long it has been."""
        while True:
            await asyncio.sleep(_BEAT)
            running = [step for step in self._progress.view().steps if step.state is StepState.RUNNING]
            if running and running[-1].layers:
                self.line.show(_bar(running[-1]))
            elif running and (running[-1].seconds or 0) >= 1:
                self.line.show(f"    … {spell(int(running[-1].seconds or 0))}")


def _bar(step: StepView) -> str:
    """The layers together: how much of what is known to move has moved, and how fast."""
    total = sum(layer.total for layer in step.layers)
    current = sum(layer.total if "xist" in layer.action else layer.current for layer in step.layers)
    share = min(1.0, current / total) if total else 0.0
    filled = round(share * _BAR)
    rate = f", {spell_bytes(step.rate)}/s" if step.rate >= 1 else ""
    amount = f"{spell_bytes(current)} of {spell_bytes(total)}" if total else ""
    layers = f", {counted(len(step.layers), 'layer')}" if step.layers[0].action not in _WHOLE else ""
    return f"    [{'#' * filled}{'-' * (_BAR - filled)}] {amount}{rate}{layers}"


def _step(event: BuildStep, progress: BuildProgress) -> str:
    if event.state is StepState.RUNNING:
        return event.title
    step = next(step for step in progress.view().steps if step.id == event.id)
    took = (
        f" {step.seconds:.1f} s" if step.seconds is not None and event.state is not StepState.CACHED else ""
    )
    moved = f", {spell_bytes(step.moved)}" if step.moved else ""
    moved += f" at {spell_bytes(step.rate)}/s" if step.moved and step.rate >= 1 else ""
    place = _PLACE.match(event.title)  # the whole of it stands where the step began
    name = place[0] if place is not None else event.title
    return f"{name}: {event.state.value}{took}{moved}" + (f": {event.detail}" if event.detail else "")


def _ready(event: ImageReady) -> str:
    taken = f", {spell_bytes(event.size)}" if event.size else ""
    return f"{event.image} is ready ({event.seconds:.1f} s{taken})"
