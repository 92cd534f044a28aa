"""What a user has changed and not yet applied: edits by key over what was read, each step of them undoable."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.model.holder import Change, Conflict, Holder, Ref

Edits = Mapping[str, bytes | None]
"""New values by key; None removes."""


class Draft:
    """Edits over a base. What equals the base again is no edit."""

    def __init__(self, base: Holder, edits: Edits | None = None) -> None:
        self._base = base
        self._edits: dict[str, bytes | None] = {}
        self._past: list[dict[str, bytes | None]] = []
        self.conflicts: tuple[Conflict, ...] = ()
        """Keys that somebody else changed, too; to be resolved before anything is applied."""
        for key, value in (edits or {}).items():
            self._put(key, value)

    def __repr__(self) -> str:
        return f"Draft({self._base.ref.title}, edits={sorted(self._edits)})"

    @property
    def ref(self) -> Ref:
        return self._base.ref

    @property
    def base(self) -> Holder:
        """What was read last."""
        return self._base

    @property
    def edits(self) -> Edits:
        return dict(self._edits)

    @property
    def values(self) -> dict[str, bytes]:
        """What it will hold, in the order of its keys."""
        values = {**self._base.data, **self._edits}
        return {key: value for key, value in sorted(values.items()) if value is not None}

    def __bool__(self) -> bool:
        return bool(self._edits)

    @property
    def changes(self) -> dict[str, Change]:
        """What happens to each key that is touched."""
        changes = {}
        for key, value in sorted(self._edits.items()):
            if value is None:
                changes[key] = Change.REMOVED
            else:
                changes[key] = Change.CHANGED if key in self._base.data else Change.ADDED
        return changes

    @property
    def keys(self) -> list[str]:
        """Every key that is there or was, in order: those that are removed stay in sight until applied."""
        return sorted({*self._base.data, *self._edits})

    def get(self, key: str) -> bytes | None:
        """The value as drafted; None for what is not there, or not any more."""
        return self._edits[key] if key in self._edits else self._base.data.get(key)

    # -- editing

    def set(self, key: str, value: bytes, *, typing: bool = False) -> None:
        """Set a value; while `typing`, the steps at one key are undone as one."""
        if self.get(key) != value:
            if not (typing and key in self._edits and self._past and self._past_differs_only_in(key)):
                self._remember()
            self._put(key, value)

    def remove(self, key: str) -> None:
        self._must_have(key)
        self._remember()
        self._put(key, None)

    def rename(self, key: str, new: str) -> None:
        """Move a value to another key; raises LainError when that is taken."""
        self._must_have(key)
        self._must_be_free(new)
        self._remember()
        self._put(new, self.get(key))
        self._put(key, None)

    def duplicate(self, key: str, new: str) -> None:
        self._must_have(key)
        self._must_be_free(new)
        self._remember()
        self._put(new, self.get(key))

    def update(self, edits: Edits) -> None:
        """Several edits as one step."""
        wanted = {key: value for key, value in edits.items() if self.get(key) != value}
        if wanted:
            self._remember()
            for key, value in wanted.items():
                self._put(key, value)

    def replace(self, values: Mapping[str, bytes]) -> None:
        """Make it hold exactly these, as one step."""
        gone = {key: None for key in self.values if key not in values}
        self.update({**gone, **values})

    def revise(self, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> None:
        """Take in, as one step, how the whole was changed in an editor that showed it as it was `before`.

        What others did to other keys meanwhile stays. A key that they changed, too, and not to the same, is a conflict.
        """
        changes = {key: after.get(key) for key in {*before, *after} if before.get(key) != after.get(key)}
        moved = {key for key, ours in changes.items() if self.get(key) not in (before.get(key), ours)}
        self.update(changes)
        found = [
            Conflict(key=key, base=before.get(key), ours=changes[key], theirs=self._base.data.get(key))
            for key in moved
        ]
        both = {one.key: one for one in (*self.conflicts, *found)}
        self.conflicts = tuple(both[key] for key in sorted(both))

    def revert(self, key: str) -> None:
        """Take the edit of one key back."""
        if key in self._edits:
            self._remember()
            del self._edits[key]
            self._forget_settled()

    def undo(self) -> bool:
        """Take the last step back; False when there is none."""
        if not self._past:
            return False
        self._edits = {key: value for key, value in self._past.pop().items() if not self._same(key, value)}
        self._forget_settled()
        return True

    # -- others

    def rebase(self, theirs: Holder, sent: Edits | None = None) -> tuple[Conflict, ...]:
        """Take what the cluster holds now as the new base: a merge by key.

        A key that only they changed is theirs, one that only the draft changed stays drafted. What both changed, and
        not to the same, is a conflict: kept as drafted until it is resolved. `sent` are edits of this draft that were
        applied: to find them there is no change of somebody else's.
        """
        base, sent, found = self._base, sent or {}, []
        for key, ours in self._edits.items():
            before, after = base.data.get(key), theirs.data.get(key)
            if after not in (before, ours) and not (key in sent and after == sent[key]):
                found.append(Conflict(key=key, base=before, ours=ours, theirs=after))
        moved = {key for key in {*base.data, *theirs.data} if base.data.get(key) != theirs.data.get(key)}
        self._base = theirs
        self._edits = {key: value for key, value in self._edits.items() if not self._same(key, value)}
        # Undoing must not bring back an edit of what they have changed since: it would go over theirs unseen.
        self._past = [{key: value for key, value in past.items() if key not in moved} for past in self._past]
        both = {one.key: one for one in (*found, *self.conflicts)}
        self.conflicts = tuple(
            msgspec.structs.replace(both[key], theirs=theirs.data.get(key)) for key in sorted(both)
        )
        self._forget_settled()
        return self.conflicts

    def resolve(self, key: str, *, ours: bool) -> None:
        """Settle one conflict: keep the drafted value, or take theirs."""
        self.conflicts = tuple(one for one in self.conflicts if one.key != key)
        if not ours:
            self.revert(key)

    def copy(self) -> Draft:
        """The same edits, for an operation that must not change while the user goes on."""
        made = Draft(self._base, self._edits)
        made.conflicts = self.conflicts
        return made

    # -- within

    def _put(self, key: str, value: bytes | None) -> None:
        if self._same(key, value):
            self._edits.pop(key, None)
        else:
            self._edits[key] = value
        self._forget_settled()

    def _forget_settled(self) -> None:
        """A conflict is over when the draft has no edit of the key any more; else its side is the edit."""
        self.conflicts = tuple(
            msgspec.structs.replace(one, ours=self._edits[one.key])
            for one in self.conflicts
            if one.key in self._edits
        )

    def _same(self, key: str, value: bytes | None) -> bool:
        return self._base.data.get(key) == value

    def _remember(self) -> None:
        self._past.append(dict(self._edits))

    def _past_differs_only_in(self, key: str) -> bool:
        last = self._past[-1]
        return all(last.get(other) == value for other, value in self._edits.items() if other != key)

    def _must_have(self, key: str) -> None:
        if self.get(key) is None:
            raise LainError(f"{self.ref.title} has no key {key}")

    def _must_be_free(self, key: str) -> None:
        if self.get(key) is not None:
            raise LainError(f"{self.ref.title} has a key {key} already")
