"""The rules in order: the first that knows the answer gives it."""

from __future__ import annotations

from collections.abc import Callable

from lain_tui.core.model.finding import Finding
from lain_tui.core.model.status import Severity
from lain_tui.core.model.text import since
from lain_tui.core.triage.case import (
    PodCase,
    best_tail,
    called,
    event_evidence,
    finding,
    log_evidence,
    status_evidence,
    trouble,
)
from lain_tui.core.triage.crashes import crash, out_of_memory
from lain_tui.core.triage.exits import end_words
from lain_tui.core.triage.hints import with_hints
from lain_tui.core.triage.images import image_pull
from lain_tui.core.triage.lifecycle import evicted, node_trouble, terminating
from lain_tui.core.triage.probes import failing_probe
from lain_tui.core.triage.scheduling import unschedulable
from lain_tui.core.triage.settings import config_error
from lain_tui.core.triage.starts import start_error
from lain_tui.core.triage.volumes import mount_failed

Rule = Callable[[PodCase], Finding | None]

RULES: tuple[Rule, ...] = (
    evicted,
    terminating,
    unschedulable,
    image_pull,
    config_error,
    start_error,
    mount_failed,
    out_of_memory,
    node_trouble,
    crash,
    failing_probe,
)
"""From the most certain to the least: a rule that quotes a cause goes before one that only sees its effects."""


def diagnose(case: PodCase) -> Finding:
    """Why a pod is as it is; when no rule knows, the best evidence there is, under the code `unknown`."""
    for rule in RULES:
        found = rule(case)
        if found is not None:
            return with_hints(case, found)
    return with_hints(case, unknown(case))


def unknown(case: PodCase) -> Finding:
    """No rule knows: what the pod says of itself, its warnings, or else its log."""
    state = case.state
    found = trouble(case)
    begun = since(case.pod.metadata.creation_timestamp, case.now)
    if state.word in ("Pending", "ContainerCreating") or (state.initializing and state.word[5:6].isdigit()):
        title = f"{case.proc} is still starting, for {begun}"
        severity = Severity.PROGRESS
    elif state.word == "Running" and state.ready == state.containers:
        title = f"{case.proc} runs, with {state.restarts} restarts" if state.restarts else f"{case.proc} runs"
        severity = Severity.RISK if state.restarts else Severity.OK
    else:
        title = f"{called(case, found)} is in state {state.word}"
        severity = Severity.BROKEN
    sentences = [case.pod.status.message]
    end = found.status.state.terminated or found.status.last_state.terminated if found is not None else None
    if end is not None:
        sentences.append(f"Its last end: {end_words(end)}, {since(end.finished_at, case.now)} ago.")
    warnings = [event for event in case.events if event.is_warning]
    evidence = event_evidence(warnings or case.events, most=6)
    if found is not None and not warnings:
        evidence += log_evidence(best_tail(case, found.name))
    return finding(
        case,
        "unknown",
        title,
        severity=severity,
        explanation=sentences,
        container=found.name if found is not None else "",
        evidence=evidence or [status_evidence(state.word, "state")],
    )
