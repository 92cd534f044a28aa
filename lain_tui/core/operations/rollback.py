"""Rolling a release back to a revision, with what that changes shown first."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Self

from lain_tui.core.diff.report import restarts_in_words
from lain_tui.core.errors import LainError
from lain_tui.core.helm.find import find_helm
from lain_tui.core.helm.history import History, objects_of
from lain_tui.core.helm.ready import note_ready
from lain_tui.core.helm.record import ReleaseRecord
from lain_tui.core.helm.runner import Helm
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.model.diff import ReleaseDiff
from lain_tui.core.model.plan import Check, Outcome, Plan, Step
from lain_tui.core.model.release import Revision
from lain_tui.core.operations.operation import begun, done, failed, refuse, subject_of, told, typed_name
from lain_tui.core.operations.release import (
    TIMEOUT,
    Known,
    guard,
    look_up,
    make_diff,
    procs_of,
    tell_team,
)
from lain_tui.core.operations.wait import rollout
from lain_tui.core.target import Target

_GOOD = ("deployed", "superseded")


class Rollback:
    """One rollback. Made by `prepare`."""

    def __init__(
        self, kube: KubeClient, target: Target, helm: Helm, known: Known, to: Revision, record: ReleaseRecord,
        diff: ReleaseDiff, *, named: bool, timeout: float,
    ) -> None:  # fmt: skip
        self._kube = kube
        self._target = target
        self._helm = helm
        self._known = known
        self._to = to
        self._record = record
        self._timeout = timeout
        self.diff = diff
        """What it would change."""
        self._plan = self._make_plan(named)

    @classmethod
    async def prepare(
        cls,
        kube: KubeClient,
        target: Target,
        revision: int = 0,
        *,
        helm: Helm | None = None,
        timeout: float = TIMEOUT,
    ) -> Self:
        """Plan to go back to a revision, by default (0) the good one before the newest; changes nothing.

        Raises LainError for a revision that is not kept, and when there is none to go back to.
        """
        release = target.release or target.app
        helm = helm or await find_helm()
        known = await look_up(kube, target, release)
        history = History(kube, target.namespace, release)
        newest = await history.find()
        to = await history.find(revision) if revision else _before(known, newest)
        record = await history.record(to)
        diff = await make_diff(kube, target, known.record, objects_of(record), change="rollback")
        return cls(kube, target, helm, known, to, record, diff, named=bool(revision), timeout=timeout)

    @property
    def plan(self) -> Plan:
        return self._plan

    def _make_plan(self, named: bool) -> Plan:
        newest, record = self._known.newest, self._known.record
        assert newest is not None, "find() has raised where there is none"
        checks = []
        came_from = record.info.description if record is not None else ""
        if came_from.startswith("Rollback to") and not named:
            checks.append(
                Check(
                    what="the newest revision is no rollback itself",
                    outcome=Outcome.FAILED,
                    detail=f"revision {newest.revision} is: {came_from}",
                    hint="Say which revision is meant: lain-tui rollback REVISION.",
                )
            )
        if self._to.revision == newest.revision:
            checks.append(
                Check(
                    what="it is another revision",
                    outcome=Outcome.WARNED,
                    detail=f"revision {newest.revision} is the newest: helm applies it once more",
                )
            )
        if refusals := self.diff.refusals:
            first = refusals[0]
            checks.append(
                Check(
                    what="the API server accepts every object",
                    outcome=Outcome.FAILED,
                    detail=f"{first.title}: {first.refusal}",
                )
            )
        secrets = f"Secrets {self._target.app}-env and {self._target.app}-secret are not part of this: they stay as they are."
        notes = [restarts_in_words(self.diff), secrets, *self.diff.notes]
        return Plan(
            verb="rollback",
            subject=f"{subject_of(self._target)} from revision {newest.revision} to {self._to.revision}",
            calls=(f"helm rollback {newest.release} {self._to.revision} ({self._helm.name})",),
            checks=tuple(checks),
            notes=tuple(notes),
            typed=typed_name(self._target),
        )

    async def run(self) -> AsyncIterator[Step]:
        """Roll back. Raises Refused, LainError when helm fails, NotReady when a pod cannot start."""
        refuse(self._target, self._plan)
        newest = self._known.newest
        assert newest is not None
        await guard(self._kube, self._target, newest.release, newest)
        what, began = "helm rollback", time.monotonic()
        try:
            yield begun(what, f"to revision {self._to.revision}")
            try:
                await self._helm.rollback(
                    on=self._target, release=newest.release, revision=self._to.revision, timeout=self._timeout
                )
            except LainError as failure:
                yield failed(what, failure.what)
                raise
            yield done(what, f"to revision {self._to.revision}")
            procs = procs_of(objects_of(self._record), self._target)
            ready: list[float] = []
            if procs:
                async for step in rollout(
                    self._kube,
                    self._target,
                    procs,
                    timeout=self._timeout,
                    on_ready=lambda: ready.append(time.monotonic()),
                ):
                    yield step
            if ready:
                # Helm has made the next one: the guard let nobody come between.
                number, took = newest.revision + 1, ready[0] - began
                await note_ready(self._kube, self._target.namespace, newest.release, number, took)
        except LainError as failure:
            await self._tell(failure.what)
            raise
        if reason := await self._tell():
            yield told("webhook", reason)

    async def _tell(self, error: str = "") -> str:
        record = self._known.record
        title = f"{'failed to roll back' if error else 'rolled back'} {self._target.app} to revision {self._to.revision}"
        return await tell_team(
            self._target,
            title,
            release=self._to.release,
            tag=self._record.image_tag,
            before=record.image_tag if record is not None else "",
            error=error,
        )


def _before(known: Known, newest: Revision) -> Revision:
    """The newest good revision before the newest one; raises LainError when there is none."""
    for one in known.revisions:
        if one.release == newest.release and one.revision < newest.revision and one.status in _GOOD:
            return one
    raise LainError(
        f"there is no earlier revision of {newest.release} to go back to",
        hint="It was deployed once only: lain-tui delete removes it.",
    )
