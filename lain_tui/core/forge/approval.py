"""Waiting until somebody agreed to a merge request."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from enum import StrEnum

import msgspec

from lain_tui.core.forge.forge import Forge
from lain_tui.core.model.review import ReviewState
from lain_tui.core.model.text import counted, listed


class Verdict(StrEnum):
    APPROVED = "approved"
    MERGED = "merged"
    CLOSED = "closed"
    TIMED_OUT = "timed out"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How the waiting ended."""

    verdict: Verdict
    by: tuple[str, ...] = ()
    """User names of those who agreed."""
    waiting_for: str = ""
    """What was missing when time ran out."""


async def wait_for_approval(
    forge: Forge,
    project: str,
    number: int,
    *,
    least: int = 1,
    timeout: float = 3600.0,
    interval: float = 15.0,
    say: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Ask every `interval` seconds until `least` people other than the author agreed, and GitLab's own rules are met.

    A draft is waited for: what was agreed to may still change. `say` is told what is waited for whenever that changes.
    Raises LainError when the forge cannot be asked.
    """
    end, told = time.monotonic() + timeout, ""
    while True:
        review, approval = await asyncio.gather(
            forge.review(project, number), forge.approval(project, number)
        )
        by = tuple(person.username for person in approval.by if person.id != review.author.id)
        if review.state is ReviewState.MERGED:
            return Outcome(verdict=Verdict.MERGED, by=by)
        if review.state is ReviewState.CLOSED:
            return Outcome(verdict=Verdict.CLOSED, by=by)
        missing = _missing(draft=review.draft, by=by, lacking=max(least - len(by), approval.left))
        if not missing:
            return Outcome(verdict=Verdict.APPROVED, by=by)
        if missing != told:
            say(f"waiting: {missing}")
            told = missing
        left = end - time.monotonic()
        if left <= 0:
            return Outcome(verdict=Verdict.TIMED_OUT, by=by, waiting_for=missing)
        await asyncio.sleep(min(interval, left))


def _missing(*, draft: bool, by: tuple[str, ...], lacking: int) -> str:
    reasons = []
    if lacking > 0:
        agreed = f" ({listed(by)} agreed)" if by else ""
        reasons.append(f"{counted(lacking, 'approval')} missing{agreed}")
    if draft:
        reasons.append("it is a draft")
    return ", ".join(reasons)
