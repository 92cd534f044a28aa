"""What differs between two or three states of a release's objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import zip_longest

import msgspec


class Mark(StrEnum):
    """What a line of a diff is."""

    SAME = " "
    REMOVED = "-"
    ADDED = "+"
    FOLDED = "."
    """Stands for equal lines that are left out; its text says how many and where the next ones are."""


class DiffLine(msgspec.Struct, frozen=True):
    mark: Mark
    text: str


class ChangeKind(StrEnum):
    """What happens to an object."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"
    """Removed, and made anew under another name with much the same in it."""
    UNCHANGED = "unchanged"


class ObjectDiff(msgspec.Struct, frozen=True, kw_only=True):
    """One object in its three states: as the release has it, as it lives, as it would be."""

    kind: str
    name: str
    namespace: str = ""
    """Where it is not the release's own."""
    was: str = ""
    """The name that it had, of one that is renamed."""
    change: ChangeKind
    """From the release to what would be: what was meant."""
    hook: bool = False
    """Helm runs it beside the release (a test, a migration)."""
    lines: tuple[DiffLine, ...] = ()
    """Release → next."""
    live_lines: tuple[DiffLine, ...] = ()
    """Live → next; empty where the cluster was not asked or nothing differs."""
    drift: tuple[DiffLine, ...] = ()
    """Release → live: what somebody changed past helm."""
    live: bool | None = None
    """Whether the cluster has it; None when it was not asked."""
    restarts: str = ""
    """Which pods are replaced and why: `restarts 3 pods: image, env`; empty when none is."""
    refusal: str = ""
    """What the API server said against it when it was asked to take it without keeping it."""

    @property
    def title(self) -> str:
        return f"{self.kind} {self.called}"

    @property
    def called(self) -> str:
        """Its name with what tells it from others: the namespace of its own, the name that it had."""
        name = f"{self.was} → {self.name}" if self.was else self.name
        return f"{name} in {self.namespace}" if self.namespace else name


class ReleaseDiff(msgspec.Struct, frozen=True, kw_only=True):
    """All objects of a release that differ in any way, and what a reader should know besides."""

    objects: tuple[ObjectDiff, ...] = ()
    unchanged: int = 0
    """Objects that are the same in all states that were looked at."""
    notes: tuple[str, ...] = ()
    asked_live: bool = False
    """The cluster was asked for the live objects."""
    asked_server: str = ""
    """`accepts it` or why the API server was not asked; empty when nobody wanted to."""

    @property
    def changes(self) -> tuple[ObjectDiff, ...]:
        """The objects that the change itself touches."""
        return tuple(one for one in self.objects if one.change is not ChangeKind.UNCHANGED)

    @property
    def drifted(self) -> tuple[ObjectDiff, ...]:
        """The objects that live otherwise than the release has them."""
        return tuple(one for one in self.objects if one.drift)

    @property
    def returning(self) -> tuple[ObjectDiff, ...]:
        """The objects that the change does not touch but for what somebody changed past helm, which it takes back."""
        return tuple(one for one in self.objects if one.change is ChangeKind.UNCHANGED and one.live_lines)

    @property
    def restarts(self) -> tuple[ObjectDiff, ...]:
        return tuple(one for one in self.objects if one.restarts)

    @property
    def refusals(self) -> tuple[ObjectDiff, ...]:
        return tuple(one for one in self.objects if one.refusal)


def beside(lines: Sequence[DiffLine]) -> Iterator[tuple[DiffLine | None, DiffLine | None]]:
    """The same diff in two columns: what was, and what will be."""
    removed: list[DiffLine] = []
    added: list[DiffLine] = []
    for line in lines:
        if line.mark is Mark.REMOVED:
            removed.append(line)
        elif line.mark is Mark.ADDED:
            added.append(line)
        else:
            yield from zip_longest(removed, added)
            removed, added = [], []
            yield line, line
    yield from zip_longest(removed, added)
