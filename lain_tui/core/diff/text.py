"""Two texts, line by line: what differs, with the equal lines around it folded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from lain_tui.core.model.diff import DiffLine, Mark
from lain_tui.core.model.text import counted

CONTEXT = 3
"""Equal lines kept on each side of a difference."""

Written = Sequence[tuple[str, str]]
"""Lines, each with the path of what it belongs to: `spec.template.spec.containers[web]`."""


def diff_lines(old: Written, new: Written, *, context: int = CONTEXT) -> tuple[DiffLine, ...]:
    """What differs; empty when nothing does."""
    if old == new:
        return ()
    return tuple(_folded(list(_marked(old, new)), context))


def _marked(old: Written, new: Written) -> Iterator[tuple[Mark, str, str]]:
    """Every line with its mark. Equal heads and tails are trimmed first: most changes are small."""
    head = 0
    least = min(len(old), len(new))
    while head < least and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < least - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    for text, path in old[:head]:
        yield Mark.SAME, text, path
    before, after = old[head : len(old) - tail], new[head : len(new) - tail]
    # With its own idea of junk the matcher takes lines that repeat (and in manifests they do) for noise.
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, i, j, k, l in matcher.get_opcodes():  # noqa: E741 - difflib's own names
        if tag == "equal":
            for text, path in before[i:j]:
                yield Mark.SAME, text, path
            continue
        for text, path in before[i:j]:
            yield Mark.REMOVED, text, path
        for text, path in after[k:l]:
            yield Mark.ADDED, text, path
    for text, path in old[len(old) - tail :]:
        yield Mark.SAME, text, path


def _folded(lines: list[tuple[Mark, str, str]], context: int) -> Iterator[DiffLine]:
    wanted = [False] * len(lines)
    for place, (mark, _, _) in enumerate(lines):
        if mark is not Mark.SAME:
            for near in range(max(0, place - context), min(len(lines), place + context + 1)):
                wanted[near] = True
    skipped = 0
    for place, (mark, text, path) in enumerate(lines):
        if not wanted[place]:
            skipped += 1
            continue
        if skipped:
            where = f"  {path}" if path else ""
            yield DiffLine(Mark.FOLDED, f"{counted(skipped, 'line')}{where}")
            skipped = 0
        yield DiffLine(mark, text)
