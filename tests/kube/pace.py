"""Waiting in tests: on a condition, with a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from lain_tui.core.kube.feed import Pace
from lain_tui.core.kube.store import Subscription

QUICK = Pace(slow=30.0, healthy=0.3)
"""The usual pace, but a short time makes a watch count as healthy."""


async def until(condition: Callable[[], bool], what: str = "", *, seconds: float = 10.0) -> None:
    """Wait for what only the server's side can tell."""
    try:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(f"never: {what or condition}") from None


async def changes(
    subscription: Subscription[Any], condition: Callable[[], bool], *, seconds: float = 10.0
) -> None:
    """Wait for a condition on a subscription by its own `changed()`: a missed wake-up shows as a time-out."""
    try:
        async with asyncio.timeout(seconds):
            while not condition():
                await subscription.changed()
    except TimeoutError:
        raise AssertionError(
            f"never; names={names(subscription.items.values())} {subscription.link}"
        ) from None


def names(items: Iterable[Any]) -> set[str]:
    return {item.metadata.name for item in items}
