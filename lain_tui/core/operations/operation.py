"""What every change is: planned, then run; shown by a screen and printed by a command alike."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Protocol

from lain_tui.core.errors import Refused
from lain_tui.core.model.plan import Plan, Step, StepState
from lain_tui.core.target import Target


class Operation(Protocol):
    """A change on the Target that it was made with, whatever others do to kubeconfigs meanwhile."""

    @property
    def plan(self) -> Plan:
        """What it will do; the same until it has run."""

    def run(self) -> AsyncIterator[Step]:
        """Do it, telling each step.

        Raises LainError when it fails. It may be cancelled at any await: what is done by then is what was told as
        DONE, and nothing else is left half-way.
        """


def refuse(target: Target, plan: Plan) -> None:
    """Raise Refused when the change may not be made here."""
    if target.read_only:
        raise Refused(
            f"read-only: {plan.verb} is off", hint="Leave --read-only away (or read_only in the settings)."
        )
    check = plan.refusal
    if check is not None:
        raise Refused(f"{check.what}: {check.detail}" if check.detail else check.what, hint=check.hint)


def typed_name(target: Target) -> str:
    """What has to be typed before a change on this target; empty on a cluster that is not protected."""
    return (target.app or target.namespace) if target.protected else ""


def subject_of(target: Target) -> str:
    """`dummy on prod, namespace default`."""
    app = f"{target.app} on " if target.app else ""
    return f"{app}{target.cluster}, namespace {target.namespace}"


def begun(what: str, detail: str = "") -> Step:
    return Step(what=what, state=StepState.BEGUN, detail=detail, at=datetime.now(UTC))


def told(what: str, detail: str) -> Step:
    return Step(what=what, state=StepState.TOLD, detail=detail, at=datetime.now(UTC))


def moving(what: str, detail: str) -> Step:
    return Step(what=what, state=StepState.MOVING, detail=detail, at=datetime.now(UTC))


def done(what: str, detail: str = "") -> Step:
    return Step(what=what, state=StepState.DONE, detail=detail, at=datetime.now(UTC))


def failed(what: str, detail: str = "") -> Step:
    return Step(what=what, state=StepState.FAILED, detail=detail, at=datetime.now(UTC))
