"""A diff as text, for commands."""

from __future__ import annotations

from collections.abc import Iterator

from lain_tui.core.model.diff import ChangeKind, DiffLine, Mark, ReleaseDiff
from lain_tui.core.model.text import counted, listed

MARKS = {
    ChangeKind.ADDED: "+",
    ChangeKind.REMOVED: "-",
    ChangeKind.CHANGED: "~",
    ChangeKind.RENAMED: ">",
    ChangeKind.UNCHANGED: " ",
}


def text_of(diff: ReleaseDiff, *, against_live: bool = False, summed_up: bool = True) -> Iterator[str]:
    """Line by line; `against_live` shows what would change in the cluster, drift included.

    Not `summed_up` where the plan of the change follows, which says the same.
    """
    for one in diff.objects:
        lines = one.live_lines if against_live and diff.asked_live else one.lines
        if one.change is ChangeKind.UNCHANGED and not (against_live and lines):
            continue
        mark, words = MARKS[one.change], one.change.value
        if one.change is ChangeKind.UNCHANGED:
            mark, words = MARKS[ChangeKind.CHANGED], "set back" if one.live else "made again"
        words += ", hook" if one.hook else ""
        yield f"{mark} {one.title} ({words})" + (f"  {one.restarts}" if one.restarts else "")
        yield from map(_line, lines)
        if one.refusal:
            yield f"! the cluster refuses it: {one.refusal}"
    for one in diff.drifted:
        yield f"! {one.title} was changed past helm" + ("" if one.live else ": it is gone")
        if one.live and not against_live:
            yield from map(_line, one.drift)
    if summed_up:
        yield from summary(diff)
    else:
        yield changes_in_words(diff)


def summary(diff: ReleaseDiff) -> Iterator[str]:
    """In sentences: what changes, which pods restart, what does not travel with it."""
    changes = diff.changes
    yield changes_in_words(diff)
    if changes or diff.restarts:
        yield restarts_in_words(diff)
    yield from diff.notes
    if diff.refusals:
        yield f"The cluster refuses {listed([one.title for one in diff.refusals])}."
    elif diff.asked_server:
        yield f"The cluster {diff.asked_server}."


def changes_in_words(diff: ReleaseDiff) -> str:
    """As `2 objects change, 1 is added; 1 object is set back` (what somebody changed past helm), in a sentence."""
    counts = {kind: sum(one.change is kind for one in diff.objects) for kind in ChangeKind}
    parts = []
    if number := counts[ChangeKind.CHANGED]:
        parts.append(f"{counted(number, 'object')} {'change' if number > 1 else 'changes'}")
    for kind in (ChangeKind.RENAMED, ChangeKind.ADDED, ChangeKind.REMOVED):
        if number := counts[kind]:
            noun = "" if parts else f" {'object' if number == 1 else 'objects'}"
            parts.append(f"{number}{noun} {'is' if number == 1 else 'are'} {kind.value}")
    words = ", ".join(parts) or "Nothing changes"
    if number := len(diff.returning):
        words += f"; {counted(number, 'object')} {'is' if number == 1 else 'are'} set back"
    return f"{words}."


def restarts_in_words(diff: ReleaseDiff) -> str:
    """`dummy-web restarts 3 pods: image.`; says it too when no pod is replaced."""
    told = [f"{one.name} {one.restarts}" for one in diff.restarts]
    return f"{'; '.join(told)}." if told else "No pod restarts: nothing that a pod is made from changes."


def _line(line: DiffLine) -> str:
    if line.mark is Mark.FOLDED:
        return f"  @ {line.text}"
    return f"  {line.mark.value} {line.text}"
