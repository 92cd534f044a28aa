"""What the Status screen says when there is nothing to show, nothing wrong, or something to be careful about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lain_tui.core.model.status import SERVING, PodRow, ProcRow, Severity, StatusView
from lain_tui.widgets.canvas import Line
from lain_tui.widgets.notices import sentence
from lain_tui.widgets.pod_rows import Arrangement, Row


def empty_table(view: StatusView, how: Arrangement, keys: Mapping[str, str], width: int) -> list[Line]:
    """Why the table has no rows, and what to do about it; `keys` are those of the screen's verbs."""
    said: list[tuple[str, str]] = []
    if not view.synced and view.link.reason:
        said = [
            (f"No connection to {view.cluster}.", "strong"),
            (view.link.reason, ""),
            (f"Trying again by itself; {keys.get('retry', 'ctrl+r')} tries now.", "quiet"),
        ]
    elif not view.synced and not view.gaps:
        said = [(f"Connecting to {view.cluster} …", "quiet")]
    elif how.filter or how.faults_only:
        what = f"Nothing matches {how.filter.text}." if how.filter else "Nothing needs you."
        said = [(what, ""), (f"{keys.get('back', 'esc')} shows everything.", "quiet")]
    elif view.synced:
        where = f"namespace {view.namespace} of {view.cluster}"
        said = [(f"Nothing of {view.app} in {where}." if view.app else f"Nothing in {where}.", "")]
        said.append((f"Looked for the label app.kubernetes.io/name={view.app}.", "quiet"))
    return [[], *(line for text, tone in said for line in sentence(text, tone, width))]


def calm(row: Row | None) -> str:
    """What the Why pane says of a row that it has no finding for."""
    if row is None:
        return ""
    if row.pod is not None:
        return f"nothing wrong with {row.pod.name}" if row.pod.severity <= Severity.DONE else row.pod.state
    return (
        f"{row.proc.name}: {row.proc.summary}" if row.proc.summary else f"nothing wrong with {row.proc.name}"
    )


def lone_pods(pods: Sequence[PodRow], procs: Sequence[ProcRow]) -> str:
    """A warning when nothing will bring a deleted pod back."""
    lone = {pod.uid for proc in procs if proc.kind == "Pod" for pod in proc.pods}
    named = [pod.name for pod in pods if pod.uid in lone]
    return f"No controller owns {', '.join(named)}: nothing brings it back." if named else ""


def to_restart(pods: Sequence[PodRow], procs: Sequence[ProcRow]) -> tuple[list[str], list[str]]:
    """The procs to restart, or else the pods: when several are chosen, and all of some procs, it is those procs.

    Left out are pods that are going, and those that no rollout makes anew.
    """
    chosen = {pod.uid for pod in pods}
    serving = [
        (row, {pod.uid for pod in row.pods if pod.state != "Terminating"})
        for row in procs
        if row.kind in SERVING
    ]
    touched = [(row, uids) for row, uids in serving if chosen & uids]
    if len(pods) > 1 and all(uids <= chosen for _, uids in touched):
        return [row.name for row, _ in touched], []
    left = {uid for _, uids in touched for uid in uids}
    return [], [pod.name for pod in pods if pod.uid in left]


def not_restarted(row: Row | None, pods: Sequence[PodRow], procs: Sequence[ProcRow]) -> str:
    """Why there is nothing to restart; empty when there is."""
    if row is None or row.proc.kind in SERVING or any(to_restart(pods, procs)):
        return ""
    if row.proc.kind == "Pod":
        return f"nothing brings {row.proc.name} back: no controller owns it"
    return f"{row.proc.name} is a {row.proc.kind}: it is not restarted, but run again"


KEY_REMEDIES = frozenset({"env.add", "env.edit", "secret.edit"})
"""Verbs of remedies that the Env & secrets screen is for; one key leads to all of them."""
_WHERE = {**dict.fromkeys(KEY_REMEDIES, "add-key"), "nodes": "cluster", "rollback": "history"}
"""The verb that leads to where a remedy is done, when that is another screen."""


def remedy_keys(keys: Mapping[str, str]) -> dict[str, str]:
    """The keys by the verbs of remedies: a screen's own, and those that lead to another one."""
    return {**keys, **{verb: keys[place] for verb, place in _WHERE.items() if place in keys}}
