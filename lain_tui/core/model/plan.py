"""A change before it is made, and while it is: what will be called, what was checked, which step it is at."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class Outcome(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    WARNED = "warned"
    """Worth a look, and no reason to stop."""
    FAILED = "failed"
    """The change is refused."""
    SKIPPED = "skipped"
    """It could not be checked, or does not apply; the detail says why."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at before a change."""

    what: str
    """What was checked, as a noun or a clause: `dummy-env exists`."""
    outcome: Outcome
    detail: str = ""
    hint: str = ""
    """What to do about it."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a change will do. Nothing has been done yet."""

    verb: str
    """`restart`, `deploy` …"""
    subject: str
    """What it is about and where: `dummy on prod, namespace default`."""
    calls: tuple[str, ...] = ()
    """What will be called, in order: `evict pod dummy-web-x2kqp`."""
    checks: tuple[Check, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences worth reading first: what it does not carry, what cannot be undone."""
    typed: str = ""
    """A name that has to be typed to go on, as on a protected cluster; empty where a yes is enough."""

    @property
    def refusal(self) -> Check | None:
        """The first check that forbids the change."""
        return next((check for check in self.checks if check.outcome is Outcome.FAILED), None)


class StepState(StrEnum):
    BEGUN = "begun"
    TOLD = "told"
    """Something happened on the way: a remark about the step."""
    MOVING = "moving"
    """How far the step is: it takes the place of the one before it."""
    DONE = "done"
    FAILED = "failed"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One report of a running change. Reports with the same `what` are about the same step."""

    what: str
    """`web`, `evict dummy-web-x2kqp`, `helm upgrade` …"""
    state: StepState
    detail: str = ""
    at: datetime | None = None
