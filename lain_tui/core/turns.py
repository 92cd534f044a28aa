"""Long computations in short turns: generators that pause, so that keys have the loop in between."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

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
