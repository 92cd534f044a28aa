"""Applying drafts: one request for each object, merged with what others did meanwhile, told, and made to take effect."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import Conflict as Moved
from lain_tui.core.kube.errors import Unreachable
from lain_tui.core.model.holder import Change, Conflict, Holder, Ref, Usage
from lain_tui.core.model.plan import Check, Outcome, Plan, Step
from lain_tui.core.model.status import SERVING
from lain_tui.core.model.text import listed
from lain_tui.core.notify.webhook import notify, webhook_of
from lain_tui.core.operations.operation import begun, done, refuse, subject_of, told, typed_name
from lain_tui.core.operations.restart import Restart
from lain_tui.core.operations.wait import STEADY, hold_on, looking
from lain_tui.core.secrets.audit import in_words, leave_event, notice_of, stamps
from lain_tui.core.secrets.checks import check
from lain_tui.core.secrets.draft import Draft
from lain_tui.core.secrets.holders import read_holder, write
from lain_tui.core.target import Target

_ATTEMPTS = 12
"""How often a draft is merged with what others wrote in between, before it is given up as hopeless."""
_MARKS = {Change.ADDED: "+", Change.CHANGED: "~", Change.REMOVED: "-"}


class Conflicted(LainError):
    """Somebody changed the same keys: nothing was applied, and the draft holds both sides."""

    def __init__(self, theirs: Holder, conflicts: Sequence[Conflict]) -> None:
        keys = listed([conflict.key for conflict in conflicts], most=6)
        super().__init__(
            f"somebody else changed {keys} meanwhile: nothing of yours was applied",
            where=theirs.ref.title,
            hint="Look at both, and choose.",
        )
        self.theirs = theirs
        self.conflicts = tuple(conflicts)


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """One object that was changed."""

    before: Holder
    now: Holder
    sent: Mapping[str, bytes | None]
    """The edits that were made."""

    def __repr__(self) -> str:
        return f"Applied({self.now!r})"

    def undone(self, now: Holder) -> Draft:
        """A draft over what is there now that puts what was changed back as it was."""
        return Draft(now, {key: self.before.data.get(key) for key in self.sent})


class Apply:
    """Drafts on their way into the cluster, as they were when it was made."""

    def __init__(
        self,
        kube: KubeClient,
        target: Target,
        drafts: Sequence[Draft],
        *,
        usages: Mapping[Ref, Usage] | None = None,
        restart: bool = False,
        steady: float = STEADY,
    ) -> None:
        """`restart` replaces the pods of the procs that read what changed, one by one; `usages` say which they are."""
        self._kube = kube
        self._target = target
        self._drafts = [draft.copy() for draft in drafts if draft]
        self._usages = usages or {}
        self._procs = readers_of(self._drafts, self._usages) if restart else []
        self._steady = steady
        self.applied: dict[Ref, Applied] = {}
        """What has been changed so far."""
        self._plan = self._make_plan()

    @property
    def plan(self) -> Plan:
        return self._plan

    @property
    def drafts(self) -> Sequence[Draft]:
        """Copies of what is applied; each is merged with what is found on the way."""
        return self._drafts

    @property
    def procs(self) -> Sequence[str]:
        """The procs that are restarted afterwards."""
        return self._procs

    def _make_plan(self) -> Plan:
        calls: list[str] = []
        checks: list[Check] = []
        notes: list[str] = []
        for draft in self._drafts:
            usage = self._usages.get(draft.ref)
            verb = "patch" if draft.base.exists else "create"
            calls.append(f"{verb} {draft.ref.title} at version {draft.base.version or 'none'}")
            calls += [f"  {_MARKS[change]} {key}" for key, change in draft.changes.items()]
            checks += check(draft, usage, app=self._target.app)
            notes += [will_see(draft, usage)] if usage is not None else []
        if not self._drafts:
            checks.append(
                Check(what="there is something to apply", outcome=Outcome.FAILED, detail="nothing changed")
            )
        if self._procs:
            calls.append(f"restart {listed(self._procs, most=8)}, one pod after the other")
        return Plan(
            verb="apply",
            subject=f"{listed([draft.ref.title for draft in self._drafts]) or 'nothing'} of {subject_of(self._target)}",
            calls=tuple(calls),
            checks=tuple(checks),
            notes=tuple(notes),
            typed=typed_name(self._target),
        )

    async def run(self) -> AsyncIterator[Step]:
        """Apply. Raises Refused; Conflicted, with nothing applied of that draft; KubeError; NotReady of the restart."""
        refuse(self._target, self._plan)
        for draft in self._drafts:
            async for step in self._apply(draft):
                yield step
        if self._procs:
            # Its own plan names the pods; the yes was given to this one.
            restart = await Restart.prepare(self._kube, self._target, procs=self._procs, steady=self._steady)
            async for step in restart.run():
                yield step
            async with looking(self._kube, self._target) as board:
                async for step in hold_on(board, self._procs, seconds=self._steady):
                    yield step

    async def _apply(self, draft: Draft) -> AsyncIterator[Step]:
        what = f"apply {draft.ref.name}"
        yield begun(what)
        for _ in range(_ATTEMPTS):
            changes, before = draft.changes, draft.base
            try:
                now = await self._write(draft)
            except Moved:
                theirs = await read_holder(self._kube, draft.ref)
                if conflicts := draft.rebase(theirs):
                    raise Conflicted(theirs, conflicts) from None
                if not draft:
                    yield done(what, "it is so already: somebody else made the same change")
                    return
                yield told(what, "merged with what somebody else changed meanwhile")
                continue
            break
        else:
            raise LainError(
                f"it changes faster than it can be merged ({_ATTEMPTS} times over): nothing of yours was applied",
                where=draft.ref.title,
            )
        self.applied[draft.ref] = Applied(before=before, now=now, sent=draft.edits)
        yield done(what, in_words(changes))
        yield await self._tell(now, changes)

    async def _write(self, draft: Draft) -> Holder:
        """Send it; when the answer is lost, look whether it got there."""
        try:
            return await write(self._kube, draft, stamps())
        except Unreachable as error:
            try:
                there = await read_holder(self._kube, draft.ref)
            except LainError:
                raise LainError(
                    "no answer came, and it cannot be seen whether the change got there: the draft is kept",
                    where=draft.ref.title,
                    hint=error.what,
                ) from None
            if there.version != draft.base.version and there.data == draft.values:
                return there
            raise LainError(
                f"the change did not get there ({error.what}): the draft is kept", where=draft.ref.title
            ) from None

    async def _tell(self, now: Holder, changes: Mapping[str, Change]) -> Step:
        what = f"tell of {now.ref.name}"
        target, said = self._target, []
        if webhook_of(target):
            fault = await notify(target, notice_of(target, now, changes))
            said.append(f"webhook: {fault}" if fault else "webhook told")
        fault = await leave_event(self._kube, now, changes)
        said.append(f"no event: {fault}" if fault else "event left")
        return done(what, ", ".join(said))


def readers_of(drafts: Sequence[Draft], usages: Mapping[Ref, Usage]) -> list[str]:
    """The serving procs that read what the drafts change, and would not see it without new pods."""
    procs: dict[str, None] = {}
    for draft in drafts:
        usage = usages.get(draft.ref)
        if usage is None:
            continue
        for key in draft.changes:
            hidden = {shadow.proc for shadow in usage.shadows if shadow.key == key}
            for reader in usage.of(key):
                if reader.kind in SERVING and reader.needs_restart and reader.proc not in hidden:
                    procs[reader.proc] = None
    return sorted(procs)


def will_see(draft: Draft, usage: Usage) -> str:
    """Who will see the change, and when."""
    if usage.unknown:
        return f"It is not known who reads {draft.ref.name}: {usage.unknown}."
    after = readers_of([draft], {draft.ref: usage})
    keys = draft.changes
    soon = sorted({one.proc for key in keys for one in usage.of(key) if not one.needs_restart} - set(after))
    later = sorted({one.proc for key in keys for one in usage.of(key) if one.kind == "CronJob"})
    parts = []
    if after:
        parts.append(f"{listed(after, most=8)} will see it after a restart")
    if soon:
        parts.append(f"{listed(soon, most=8)} within two minutes, as a file")
    if later:
        parts.append(f"{listed(later, most=8)} at the next run")
    return f"{'; '.join(parts)}." if parts else f"Nothing of the app reads {listed(list(keys), most=6)}."
