"""Long computations in short turns: generators that pause, so that keys have the loop in between."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

TURN = 0.002
"""Seconds of processor time for which a long computation holds everything else up; a key press, on its way from the
terminal to the screen, waits for about eight such turns."""
PAUSE = 0.001
"""Seconds between two turns. Not 0: the threads that read the keys and write the screen get the interpreter's lock
only while the loop really waits (a thread that was woken in vain begins its 5 ms before it may ask for it anew)."""
BATCH = 128
"""Pods that take about a millisecond to look at."""


def batches(items: Iterable[T]) -> Iterator[list[T]]:
    """The items in portions, between which a generator pauses. What goes on changing is to be copied first."""
    left = iter(items)
    while batch := list(islice(left, BATCH)):
        yield batch


def drain(steps: Generator[None, None, T]) -> T:
    """The answer of a generator, without its pauses."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            answer: T = done.value
            return answer


async def in_turns(
    steps: Generator[None, None, T], waited: Callable[[float], None] = lambda seconds: None
) -> T:
    """The answer of a generator that is interrupted at its pauses, so that others have their turn.

    `waited` is told the seconds of processor time that others took in each.
    """
    while True:
        end = time.thread_time() + TURN
        try:
            while (now := time.thread_time()) < end:
                next(steps)
        except StopIteration as done:
            answer: T = done.value
            return answer
        await asyncio.sleep(PAUSE)
        waited(time.thread_time() - now)
