"""Deploying: checked, compared with what runs, done by helm, and followed until every new pod is ready."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Self

from lain_tui.core.diff.report import restarts_in_words
from lain_tui.core.errors import LainError, Refused
from lain_tui.core.helm.find import find_helm
from lain_tui.core.helm.history import PENDING
from lain_tui.core.helm.ready import note_ready
from lain_tui.core.helm.runner import Helm
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.model.diff import ReleaseDiff
from lain_tui.core.model.plan import Check, Outcome, Plan, Step
from lain_tui.core.model.text import listed
from lain_tui.core.operations.candidate import Candidate, Choice, make_candidate
from lain_tui.core.operations.checks import OnCheck, run_checks
from lain_tui.core.operations.groundwork import Groundwork
from lain_tui.core.operations.operation import begun, done, failed, refuse, subject_of, told, typed_name
from lain_tui.core.operations.release import (
    TIMEOUT,
    Known,
    guard,
    job_logs,
    look_up,
    make_diff,
    procs_of,
    tell_team,
)
from lain_tui.core.operations.wait import rollout
from lain_tui.core.project.git import commits_between, short_tag
from lain_tui.core.target import Target

_JOB_DEADLINE = 3600
"""Seconds that the chart gives a Job where the values do not say."""


class Deploy:
    """One deploy. Made by `prepare`."""

    def __init__(
        self,
        kube: KubeClient,
        target: Target,
        choice: Choice,
        helm: Helm,
        candidate: Candidate,
        known: Known,
        checks: Sequence[Check],
        diff: ReleaseDiff,
    ) -> None:
        self._kube = kube
        self._target = target
        self.choice = choice
        self._helm = helm
        self._known = known
        self.candidate = candidate
        self.diff = diff
        """What it would change."""
        self._groundwork = Groundwork(candidate, again=choice.canary and known.newest is not None)
        self._plan = self._make_plan(checks)

    @classmethod
    async def prepare(
        cls,
        kube: KubeClient,
        target: Target,
        choice: Choice | None = None,
        *,
        helm: Helm | None = None,
        on_check: OnCheck = lambda check: None,
    ) -> Self:
        """Render, check and compare; changes nothing.

        `helm` does the change, by default the one on PATH, else the library; each check is told to `on_check` as
        soon as it is known. Raises LainError when there is nothing to deploy from, or no helm.
        """
        choice = choice or Choice()
        helm = helm or await find_helm()
        fast = await find_helm(fast=True)
        candidate = await make_candidate(target, choice, fast)
        known = await look_up(kube, target, candidate.release)
        checks, diff = await asyncio.gather(
            run_checks(
                kube,
                target,
                choice,
                candidate,
                known.record,
                known.revisions,
                helm=fast,
                on_check=on_check,
            ),
            make_diff(
                kube,
                target,
                known.base,
                candidate.objects,
                crds=candidate.crds,
                renews_crds=helm.renews_crds,
                first=known.unfinished,
            ),
        )
        server = _server_check(diff)
        on_check(server)
        return cls(kube, target, choice, helm, candidate, known, [*checks, server], diff)

    @property
    def plan(self) -> Plan:
        return self._plan

    def _make_plan(self, checks: Sequence[Check]) -> Plan:
        candidate = self.candidate
        calls = self._groundwork.calls
        if stuck := self._stuck():
            calls.insert(0, f"helm rollback {candidate.release} {stuck}" if stuck > 0 else "")
        calls.append(
            f"helm upgrade --install {candidate.release} chart/ with imageTag={candidate.tag} ({self._helm.name})"
        )
        if candidate.effective.get("tests"):
            calls.append(f"helm test {candidate.release}")
        notes = [restarts_in_words(self.diff), *self.diff.notes]
        return Plan(
            verb="deploy",
            subject=f"{short_tag(candidate.tag)} as {candidate.release} of {subject_of(self._target)}"
            if self.choice.canary
            else f"{short_tag(candidate.tag)} to {subject_of(self._target)}",
            calls=tuple(filter(None, calls)),
            checks=tuple(checks),
            notes=tuple(notes),
            typed=typed_name(self._target),
        )

    @property
    def before(self) -> int:
        """The revision to go back to: the newest good one when it was planned; 0 for a first deploy."""
        return self._known.good

    @property
    def running_tag(self) -> str:
        """The image tag of that revision."""
        return self._known.record.image_tag if self._known.record is not None else ""

    def _stuck(self) -> int:
        """The revision to roll back to first, when the release is stuck and that was asked for; else 0."""
        newest = self._known.newest
        if newest is None or newest.status not in PENDING or not self.choice.auto_pilot:
            return 0
        return self._known.good

    @property
    def timeout(self) -> float:
        """Seconds for hooks and rollout: no less than the Jobs may take."""
        deadlines = [
            float(job.get("activeDeadlineSeconds") or _JOB_DEADLINE)
            for job in (self.candidate.effective.get("jobs") or {}).values()
            if isinstance(job, dict)
        ]
        return max([TIMEOUT, *deadlines])

    # Doing it

    async def still_holds(self) -> None:
        """Raises Refused when the release has changed since the diff was made, and KubeError."""
        await guard(self._kube, self._target, self.candidate.release, self._known.newest)

    async def run(self) -> AsyncIterator[Step]:
        """Deploy. Raises Refused, LainError when helm fails, and NotReady when a pod cannot start."""
        refuse(self._target, self._plan)
        await self.still_holds()
        try:
            async for step in self._run():
                yield step
        except LainError as error:
            if not isinstance(error, Refused):
                await self._tell(error=str(error.what))
            raise
        if reason := await self._tell():
            yield told("webhook", reason)

    async def _run(self) -> AsyncIterator[Step]:
        kube, target, candidate = self._kube, self._target, self.candidate
        release = candidate.release
        if stuck := self._stuck():
            what = f"helm rollback {release} {stuck}"
            yield begun(what, "the release was stuck")
            await self._helm.rollback(on=target, release=release, revision=stuck, timeout=self.timeout)
            yield done(what)
        async for step in self._groundwork.run(kube, target):
            yield step
        what, began = "helm upgrade", time.monotonic()
        yield begun(what, self._helm.name)
        words: list[str] = []
        try:
            await self._helm.upgrade(
                candidate.chart,
                candidate.given,
                on=target,
                release=release,
                timeout=self.timeout,
                on_word=words.append,
            )
        except LainError as error:
            yield failed(what, error.what)
            async for step in job_logs(kube, target, candidate.objects):
                yield step
            raise await self._truth(error) from None
        revision = await self._revision()
        for word in words:
            if word not in candidate.said:
                yield told(what, f"helm warns: {word}")
        yield done(what, f"revision {revision}" if revision else "")
        procs = procs_of(candidate.objects, target)
        ready: list[float] = []
        if procs:
            async for step in rollout(
                kube, target, procs, timeout=self.timeout, on_ready=lambda: ready.append(time.monotonic())
            ):
                yield step
        if revision and ready:
            await note_ready(kube, target.namespace, release, revision, ready[0] - began)
        if candidate.effective.get("tests") and not self.choice.canary:
            async for step in self._test():
                yield step

    async def _test(self) -> AsyncIterator[Step]:
        what = "helm test"
        yield begun(what)
        try:
            logs = await self._helm.test(
                on=self._target, release=self.candidate.release, timeout=self.timeout
            )
        except LainError as error:
            yield failed(what, error.what)
            raise
        for line in logs.splitlines():
            if line.strip():
                yield told(what, line.rstrip())
        yield done(what, "passed")

    async def _revision(self) -> int:
        """The one that helm has made; 0 when it cannot be seen."""
        try:
            known = await look_up(self._kube, self._target, self.candidate.release)
        except LainError:
            return 0
        return known.newest.revision if known.newest is not None else 0

    async def _truth(self, error: LainError) -> LainError:
        """Helm's error with the state that the release is in by now, and what can be done."""
        try:
            known = await look_up(self._kube, self._target, self.candidate.release)
        except LainError:
            hint = "The cluster cannot be asked how far it came: lain-tui history tells when it is back."
            return LainError(error.what, where=error.where, hint=hint)
        newest, before = known.newest, self._known.newest
        if newest is None or (before is not None and newest.revision == before.revision):
            return LainError(error.what, where=error.where, hint=error.hint or "Nothing was deployed.")
        hint = f"Revision {newest.revision} is recorded as {newest.status}."
        if good := self._known.good:
            hint += f" lain-tui rollback {good} brings revision {good} back."
        return LainError(error.what, where=error.where, hint=hint)

    async def _tell(self, error: str = "") -> str:
        before = self._known.record.image_tag if self._known.record is not None else ""
        title = f"{'failed to deploy' if error else 'deployed'} {self._target.app}"
        cherry: list[str] = []
        if before and before != self.candidate.tag:
            try:
                commits = await commits_between(self.candidate.chart.parent, before, self.candidate.tag)
                cherry = [commit.subject for commit in commits[:10]]
            except LainError:
                pass
        return await tell_team(
            self._target,
            title,
            release=self.candidate.release,
            tag=self.candidate.tag,
            before=before,
            error=error,
            cherry=cherry,
            values=self.candidate.effective,
        )


def _server_check(diff: ReleaseDiff) -> Check:
    """What the API server said to the whole, as a check."""
    what = "the API server accepts every object"
    refused = diff.refusals
    if refused:
        first = refused[0]
        more = f" (and {listed([one.title for one in refused[1:]])})" if len(refused) > 1 else ""
        return Check(what=what, outcome=Outcome.FAILED, detail=f"{first.title}: {first.refusal}{more}")
    if diff.asked_server.startswith("accepts"):
        return Check(what=what, outcome=Outcome.PASSED)
    if diff.asked_server == "refuses it":
        return Check(what=what, outcome=Outcome.FAILED, detail=next(iter(diff.notes[-1:]), ""))
    return Check(
        what=what, outcome=Outcome.WARNED, detail=diff.asked_server or "there is nothing to ask about"
    )
