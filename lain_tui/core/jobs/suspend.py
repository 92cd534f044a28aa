"""Suspending a cronjob, and letting it go on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Self

from lain_tui.core.jobs.run import find_cron
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.ownership import disown
from lain_tui.core.kube.resources import CRONJOBS
from lain_tui.core.model.plan import Check, Outcome, Plan, Step
from lain_tui.core.operations.operation import begun, done, refuse, subject_of, typed_name
from lain_tui.core.target import Target


class Suspend:
    """Sets `spec.suspend` of a cronjob. Made by `prepare`."""

    def __init__(self, kube: KubeClient, target: Target, name: str, suspend: bool, plan: Plan) -> None:
        self._kube, self._target, self._name, self._suspend, self._plan = kube, target, name, suspend, plan

    @classmethod
    async def prepare(cls, kube: KubeClient, target: Target, proc: str, *, suspend: bool) -> Self:
        """Plan it. Raises LainError when the app has no such cronjob."""
        cron = await find_cron(kube, target, proc)
        name = str(cron["metadata"]["name"])
        verb = "suspend" if suspend else "resume"
        checks: tuple[Check, ...] = ()
        if bool(cron["spec"].get("suspend")) is suspend:
            state = "suspended already" if suspend else "not suspended"
            checks = (Check(what=f"{proc} is {state}", outcome=Outcome.FAILED),)
        note = (
            "No run begins until it is resumed; the next deploy resumes it, too. Runs under way go on."
            if suspend
            else "It runs again by its schedule; runs missed within startingDeadlineSeconds are caught up with."
        )
        plan = Plan(
            verb=verb,
            subject=f"{proc} of {subject_of(target)}",
            calls=(f"patch cronjob {name}: suspend {str(suspend).lower()}",),
            checks=checks,
            notes=(note,),
            typed=typed_name(target),
        )
        return cls(kube, target, name, suspend, plan)

    @property
    def plan(self) -> Plan:
        return self._plan

    async def run(self) -> AsyncIterator[Step]:
        """Do it. Raises Refused and KubeError."""
        refuse(self._target, self._plan)
        what = f"{self._plan.verb} {self._name}"
        yield begun(what)
        await self._kube.patch(
            CRONJOBS, self._name, {"spec": {"suspend": self._suspend}}, self._target.namespace
        )
        await disown(self._kube, CRONJOBS, self._name, self._target.namespace)
        yield done(what)
