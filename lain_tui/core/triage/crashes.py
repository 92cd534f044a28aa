"""Containers that end when they should not: crashes, and memory limits."""

from __future__ import annotations

import re
from datetime import timedelta

from lain_tui.core.model.finding import Evidence, Finding, Remedy
from lain_tui.core.model.pod import StateTerminated
from lain_tui.core.model.quantity import format_bytes, parse_quantity
from lain_tui.core.model.text import counted, plain, since, spell
from lain_tui.core.triage.case import (
    PodCase,
    Tail,
    Trouble,
    best_tail,
    called,
    event_evidence,
    events_of,
    finding,
    latest_event,
    log_evidence,
    log_remedy,
    status_evidence,
    trouble,
)
from lain_tui.core.triage.clues import Clue, ClueKind, find_clue
from lain_tui.core.triage.exits import end_words
from lain_tui.core.triage.settings import env_sources, missing_everywhere

RECENT = timedelta(hours=1)
"""A container that came back no longer ago than this still needs an explanation."""


def last_end(found: Trouble) -> StateTerminated | None:
    """How the container ended last."""
    state = found.status
    return state.state.terminated or state.last_state.terminated


def out_of_memory(case: PodCase) -> Finding | None:
    """The kernel killed a container at its memory limit."""
    found = trouble(case)
    end = last_end(found) if found is not None else None
    if found is None or end is None or end.reason != "OOMKilled" or not _matters(case, found):
        return None
    limit = (found.spec.resources.limits or {}).get("memory", "")
    name = called(case, found)
    title = f"{name} needs more memory than its limit" + (f" of {limit}" if limit else "")
    lived = _lifetime(end)
    sentences = [
        f"{end_words(end)}{f' after {lived}' if lived else ''}, {_how_often(case, found)}.",
        _memory_now(case, limit),
        "" if limit else "It has no limit of its own: the node ran out of memory.",
    ]
    tail = best_tail(case, found.name)
    return finding(
        case,
        "oom-killed",
        title,
        explanation=sentences,
        container=found.name,
        evidence=[
            *event_evidence(events_of(case, "OOMKilling", "BackOff", "Killing")),
            status_evidence(end_words(end), "last end", end.finished_at),
            *log_evidence(tail, most=6),
        ],
        remedies=[
            Remedy(text=f"raise resources.limits.memory of {plain(case.proc)}", verb="deploy"),
            log_remedy(case, found.name, previous=tail is None or tail.previous),
        ],
    )


def _memory_now(case: PodCase, limit: str) -> str:
    if case.memory is None or not limit:
        return ""
    try:
        share = case.memory / parse_quantity(limit)
    except (ValueError, ZeroDivisionError):
        return ""
    return f"It uses {format_bytes(case.memory)} now, {share:.0%} of its limit."


def _matters(case: PodCase, found: Trouble) -> bool:
    """The last end still explains the state: the container is down, unready, or came back a moment ago."""
    if found.status.state.running is None or not found.status.ready:
        return True
    end = last_end(found)
    if end is None or end.finished_at is None:
        return False
    return case.now - end.finished_at < RECENT


_CRASHED = frozenset({"CrashLoopBackOff", "Error", "Completed", "ContainerStatusUnknown"})


def crash(case: PodCase) -> Finding | None:
    """A container ends on its own, again and again."""
    found = trouble(case)
    if found is None:
        return None
    end = last_end(found)
    waiting = found.status.state.waiting
    down = waiting is not None and waiting.reason == "CrashLoopBackOff"
    ended = found.status.state.terminated is not None
    back = found.status.state.running is not None and found.status.last_state.terminated is not None
    if not (down or ended or back) or (end is None and not down):
        return None
    if end is not None and end.reason not in _CRASHED and end.reason:
        return None
    if back and (found.status.ready and not _matters(case, found)):
        return None
    if _probe_killed(case, end):
        return None
    tail = best_tail(case, found.name)
    clue = find_clue([line.text for line in tail.lines]) if tail else None
    code, title = _title(case, found, end, clue)
    return finding(
        case,
        code,
        title,
        explanation=[_what_happened(case, found, end, clue), *_consequence(case, found, clue)],
        container=found.name,
        evidence=_evidence(case, end, tail, clue),
        remedies=[
            *_remedies(case, found, clue),
            log_remedy(case, found.name, previous=not tail or tail.previous),
        ],
    )


def _probe_killed(case: PodCase, end: StateTerminated | None) -> bool:
    """The kubelet ended it because a probe failed: the probe is the finding then."""
    killing = latest_event(case, "Killing")
    if killing is None or not re.search(r"failed (?:liveness|startup) probe", killing.message):
        return False
    return end is None or end.exit_code in (0, 137, 143)


def _title(case: PodCase, found: Trouble, end: StateTerminated | None, clue: Clue | None) -> tuple[str, str]:
    name = called(case, found)
    if end is not None and end.exit_code == 0 and not found.init:
        return "ends-at-once", f"{name} ends by itself{_after(end)} and is started again"
    code = "init-failed" if found.init else "crash-loop"
    if clue is not None and clue.kind is ClueKind.PERMISSION:
        return "permission-denied", f"{name} may not use {clue.name or 'a file'}"
    if end is not None and end.exit_code == 127:
        return "command-not-found", f"{name} starts a command that its image does not have"
    if end is not None and end.exit_code == 126:
        return "command-not-executable", f"{name} starts a command that may not be executed"
    verb = "fails" if found.init or case.pod.spec.restart_policy == "Never" else "crashes"
    return code, f"{name} {verb}{_after(end)}"


def _after(end: StateTerminated | None) -> str:
    lived = _lifetime(end)
    if not lived:
        return ""
    return " at start" if lived == "0 s" else f" {lived} after start"


def _lifetime(end: StateTerminated | None) -> str:
    """How long the last instance lived; the API keeps whole seconds."""
    if end is None or end.started_at is None or end.finished_at is None:
        return ""
    return spell(max(0.0, (end.finished_at - end.started_at).total_seconds()))


def _how_often(case: PodCase, found: Trouble) -> str:
    end = last_end(found)
    times = found.status.restart_count + (found.status.state.terminated is not None)
    if times <= 1 and end is not None and end.finished_at is not None:
        return f"{since(end.finished_at, case.now)} ago"
    began = since(case.pod.metadata.creation_timestamp, case.now)
    count = counted(max(times, 1), "time")
    return f"{count} in {began}" if began else count


def _what_happened(case: PodCase, found: Trouble, end: StateTerminated | None, clue: Clue | None) -> str:
    first = end_words(end) if end is not None else "it has ended"
    sentence = f"{first}, {_how_often(case, found)}."
    if clue is not None:
        return f"{sentence}  {clue.line}"
    if end is not None and end.message.strip():
        # What the container wrote to its terminationMessagePath.
        return f"{sentence}  {end.message.strip().splitlines()[-1]}"
    return sentence


def _consequence(case: PodCase, found: Trouble, clue: Clue | None) -> list[str]:
    """What the clue means for the app's set-up."""
    if clue is None:
        if case.gathered and not any(tail.container == found.name and tail.lines for tail in case.tails):
            return ["It wrote nothing to its log."]
        return []
    match clue.kind:
        case ClueKind.MISSING_ENV:
            return [missing_everywhere(case, found.spec, clue.name)]
        case ClueKind.PERMISSION:
            return ["The image runs as user 1001: the file must belong to it, or be readable by all."]
        case ClueKind.MISSING_MODULE:
            return [f"{clue.name} is not in the image: build it again with the dependency."]
        case ClueKind.NO_HOST:
            return [f"The name {clue.name or 'it asked for'} is not known to the cluster's DNS."]
        case ClueKind.UNREACHABLE:
            return [f"Nobody answers at {clue.name or 'the address it calls'}."]
        case ClueKind.BAD_LOGIN:
            return ["The service it calls refuses its user or password."]
        case ClueKind.MISSING_FILE:
            return [f"{clue.name} is neither in the image nor mounted."]
        case ClueKind.PORT_IN_USE:
            return ["Two programs of the pod want the same port."]
        case ClueKind.MEMORY:
            return ["The program could not get the memory that it asked for."]
        case ClueKind.DISK:
            return ["A disk that it writes to is full."]
        case _:
            return []


def _remedies(case: PodCase, found: Trouble, clue: Clue | None) -> list[Remedy]:
    if clue is None or clue.kind is not ClueKind.MISSING_ENV:
        return []
    sources = env_sources(case, found.spec)
    own = f"{case.app}-env"
    secret = own if own in sources.secrets else next(iter(sources.secrets), "")
    if not secret or clue.name in sources.known:
        return []
    return [
        Remedy(text=f"add it to {secret}", verb="env.add", arguments={"secret": secret, "key": clue.name})
    ]


def _evidence(
    case: PodCase, end: StateTerminated | None, tail: Tail | None, clue: Clue | None
) -> list[Evidence]:
    evidence = event_evidence(events_of(case, "BackOff", "Failed", "Unhealthy", "Killing"), most=3)
    if tail is not None:
        upto = None
        if clue is not None and clue.index < len(tail.lines) - 12:
            upto = clue.index + 2
        evidence += log_evidence(tail, upto=upto)
    elif end is not None:
        evidence.append(status_evidence(end_words(end), "last end", end.finished_at))
    if not evidence:
        evidence = event_evidence(case.events)
    return evidence
