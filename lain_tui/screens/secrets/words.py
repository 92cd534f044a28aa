"""What the Env & secrets screen says about the key under the cursor, and about its drafts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from lain_tui.core.model.holder import Conflict, Reader, Usage, Way
from lain_tui.core.model.text import counted, listed, since
from lain_tui.core.secrets.audit import CHANGED_AT, CHANGED_BY
from lain_tui.core.secrets.desk import Desk
from lain_tui.core.secrets.draft import Draft
from lain_tui.core.secrets.values import certificates, digest, hex_lines, is_binary, size_words, summary
from lain_tui.screens.secrets.rows import MASK, Entry
from lain_tui.widgets.canvas import Line, Span, clip
from lain_tui.widgets.wrap import wrap


def head(draft: Draft, entry: Entry) -> Line:
    """The key, and what the draft does to it."""
    change = draft.changes.get(entry.key)
    title = entry.key or entry.ref.title
    line: list[Span] = [(title, "strong")]
    if any(conflict.key == entry.key for conflict in draft.conflicts):
        line.append(("  conflict", "broken"))
    elif change is not None:
        line.append((f"  {change.value}", "accent"))
    return line


def masked(value: bytes, keys: Mapping[str, str], *, may_edit: bool) -> list[Line]:
    """What is said in the place of a value that is not to be seen."""
    words = summary(value)
    lines: list[Line] = [
        [(MASK if value else "empty", "quiet"), (f"   {words}" if words and value else "", "quiet")]
    ]
    lines += _certificate_lines(value)
    hints: list[Span] = [(keys.get("reveal", "x"), "key"), (" reveal   ", "quiet")]
    hints += [(keys.get("copy", "c"), "key"), (" copy", "quiet")]
    if may_edit:
        hints += [("   ", ""), (keys.get("edit", "enter"), "key"), (" edit", "quiet")]
    return [*lines, [], hints]


def binary(value: bytes, keys: Mapping[str, str], *, revealed: bool) -> list[Line]:
    """What can be told of bytes that are no text."""
    lines: list[Line] = [
        [("binary, ", ""), (size_words(len(value)), "")],
        [("SHA-256 ", "quiet"), (digest(value), "")],
        [],
    ]
    if revealed:
        return [*lines, *([(line, "")] for line in hex_lines(value))]
    return [
        *lines,
        [(keys.get("reveal", "x"), "key"), (" hex   ", "quiet"), (keys.get("replace", "f"), "key"),
         (" replace from a file   ", "quiet"), (keys.get("save", "s"), "key"), (" save to a file", "quiet")],
    ]  # fmt: skip


def _certificate_lines(value: bytes) -> list[Line]:
    now = datetime.now().astimezone()
    lines: list[Line] = []
    for one in certificates(value):
        left = (one.ends - now).days
        tone = "broken" if left < 0 else "risk" if left < 21 else "quiet"
        when = f"expired {-left} d ago" if left < 0 else f"expires in {left} d, {one.ends:%Y-%m-%d}"
        lines.append([(f"certificate {one.subject}  ", ""), (when, tone)])
    return lines


def conflict_lines(conflict: Conflict, keys: Mapping[str, str], width: int, *, revealed: bool) -> list[Line]:
    """Both sides of a conflict beside each other."""
    column = max(12, (width - 4) // 2)
    sides = [_side(value, revealed=revealed) for value in (conflict.ours, conflict.theirs)]
    height = max(len(side) for side in sides)
    lines: list[Line] = [[("mine".ljust(column), "strong"), ("  ", ""), ("theirs", "strong")]]
    for at in range(min(height, 200)):
        left, right = (clip(side[at], column) if at < len(side) else "" for side in sides)
        lines.append([(left.ljust(column), "accent"), ("  ", ""), (right, "")])
    lines += [
        [],
        [(keys.get("ours", "O"), "key"), (" keep mine   ", "quiet"), (keys.get("theirs", "T"), "key"),
         (" take theirs   ", "quiet"), (keys.get("reveal", "x"), "key"), (" reveal", "quiet")],
    ]  # fmt: skip
    return lines


def _side(value: bytes | None, *, revealed: bool) -> list[str]:
    if value is None:
        return ["(removed)"]
    if not revealed or is_binary(value):
        return [MASK if value else "(empty)", summary(value)]
    return value.decode("utf-8", "replace").split("\n")


def facts(draft: Draft, entry: Entry, usage: Usage, width: int) -> list[Line]:
    """Who reads the key, what hides it, which pods still run the values before."""
    lines: list[Line] = []

    def say(label: str, words: str, tone: str = "") -> None:
        first, *rest = wrap(words, max(10, width - 11)) or [""]
        lines.append([(label.ljust(10), "quiet"), (first, tone)])
        lines.extend([(" " * 10, ""), (part, tone)] for part in rest)

    if usage.unknown:
        say("read by", f"not known: {usage.unknown}", "risk")
    else:
        readers = usage.of(entry.key) if entry.key else usage.readers
        say("read by", _readers(readers) or "nothing of the app", "" if readers else "quiet")
    for shadow in usage.shadows:
        if shadow.key == entry.key:
            say("hidden", f"{shadow.proc} does not see it: {shadow.by} sets it", "risk")
    for absent in usage.absent:
        if absent.key == entry.key or not entry.key:
            say(
                "missing",
                f"{absent.proc} wants {absent.key} ({absent.way.value})",
                "quiet" if absent.optional else "risk",
            )
    if entry.asked_by:
        say("asked for", f"by {entry.asked_by}'s crash log", "risk")
    if usage.outdated:
        pods = counted(len(usage.outdated), "pod")
        say("outdated", f"{pods} started before the last change, and run the values before", "risk")
    return lines if entry.key else [*_object_facts(draft), *lines]


def _object_facts(draft: Draft) -> list[Line]:
    base = draft.base
    now = datetime.now().astimezone()
    if not base.exists:
        return [[("applying a key creates it", "quiet")]]
    lines: list[Line] = [
        [("size".ljust(10), "quiet"), (f"{size_words(sum(map(len, base.data.values())))} of 1 MiB", "")]
    ]
    who, when = base.annotations.get(CHANGED_BY, ""), base.annotations.get(CHANGED_AT, "")
    if who:
        lines.append([("changed".ljust(10), "quiet"), (f"by {who}, {_ago(when, now)}", "")])
    elif base.changed is not None:
        lines.append([("changed".ljust(10), "quiet"), (f"{since(base.changed, now)} ago", "")])
    if base.owner:
        lines.append(
            [("written".ljust(10), "quiet"), (f"by {base.owner}, which may undo your changes", "risk")]
        )
    if base.immutable:
        lines.append([("immutable".ljust(10), "quiet"), ("it cannot be changed", "risk")])
    return lines


def _ago(stamp: str, now: datetime) -> str:
    try:
        return f"{since(datetime.fromisoformat(stamp), now)} ago"
    except (ValueError, TypeError):
        return stamp


def _readers(readers: Sequence[Reader]) -> str:
    """`web, worker (envFrom), daily (subPath /app/x)`."""
    by_way: dict[str, list[str]] = {}
    for reader in readers:
        way = reader.way.value
        if reader.way in (Way.SUB_PATH, Way.FILE):
            way = f"{way} {reader.name}" if reader.name else way
        elif reader.way is Way.ENV and reader.name:
            way = f"env {reader.name}"
        by_way.setdefault(way, []).append(reader.proc)
    return ", ".join(f"{listed(list(dict.fromkeys(procs)), most=6)} ({way})" for way, procs in by_way.items())


def draft_words(desk: Desk) -> Line:
    """The line under the list: what the drafts hold, and how safe they are."""
    counts: dict[str, int] = {}
    for draft in desk.drafts:
        for key, change in draft.changes.items():
            conflict = any(one.key == key for one in draft.conflicts)
            word = "in conflict" if conflict else change.value
            counts[word] = counts.get(word, 0) + 1
    if not counts:
        return []
    words = ", ".join(f"{count} {word}" for word, count in counts.items())
    line: list[Span] = [(" draft: ", "quiet"), (words, "broken" if "in conflict" in counts else "accent")]
    if not desk.safe:
        line.append(("  only in this app's memory", "risk"))
    return line


def absent(entry: Entry, keys: Mapping[str, str]) -> list[Line]:
    """What is said of a key that is not there: asked for, or removed by the draft."""
    if entry.asked_by:
        return [[("not there. ", "risk"), (keys.get("edit", "enter"), "key"), (" adds it", "quiet")]]
    return [
        [("removed, once applied. ", "quiet"), (keys.get("undo", "u"), "key"), (" brings it back", "quiet")]
    ]
