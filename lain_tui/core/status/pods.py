"""One row a pod, made anew only when something about the pod changed."""

from __future__ import annotations

from datetime import datetime

import msgspec

from lain_tui.core.model.meta import condition
from lain_tui.core.model.pod import ContainerStatus, Pod
from lain_tui.core.model.status import PodRow
from lain_tui.core.model.text import plain, shortened
from lain_tui.core.status.severity import LEFT_OVER, judge
from lain_tui.core.status.usage import PodSamples, pod_usage
from lain_tui.core.triage.exits import end_words, exit_words
from lain_tui.core.triage.podstate import PodState, pod_state
from lain_tui.core.triage.pulls import image_tag, pull_fault

_PULLING = frozenset({"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull",
                      "RegistryUnavailable", "ImageInspectError"})  # fmt: skip


class _Entry(msgspec.Struct, gc=False):
    """A row with all it was made from, but for the passing of time."""

    pod: Pod
    measured: PodSamples | None
    proc: str
    drift: str
    outdated: bool
    row: PodRow
    until: datetime | None
    seen: int


class PodRows:
    """The rows of pods, kept by uid: a change of one pod costs one row.

    Objects in the store keep their identity while they do not change, and so do metrics samples.
    """

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._round = 0

    def begin(self) -> None:
        """Start a picture."""
        self._round += 1

    def row(
        self,
        pod: Pod,
        proc: str,
        drift: str,
        measured: PodSamples | None,
        now: datetime,
        *,
        outdated: bool = False,
    ) -> PodRow:
        """The row of one pod."""
        entry = self._entries.get(pod.metadata.uid)
        if (
            entry is not None
            and entry.pod is pod
            and entry.measured is measured
            and entry.proc == proc
            and entry.drift == drift
            and entry.outdated == outdated
            and (entry.until is None or now < entry.until)
        ):
            entry.seen = self._round
            return entry.row
        row, until = pod_row(pod, proc=proc, drift=drift, outdated=outdated, measured=measured, now=now)
        self._entries[pod.metadata.uid] = _Entry(
            pod, measured, proc, drift, outdated, row, until, self._round
        )
        return row

    def end(self) -> datetime | None:
        """Forget the pods that the picture did not ask for; return when the first row changes by itself."""
        current = self._round
        self._entries = {uid: entry for uid, entry in self._entries.items() if entry.seen == current}
        return min((entry.until for entry in self._entries.values() if entry.until is not None), default=None)


def pod_row(
    pod: Pod,
    *,
    proc: str,
    drift: str = "",
    outdated: bool = False,
    measured: PodSamples | None = None,
    now: datetime,
) -> tuple[PodRow, datetime | None]:
    """Make a pod's row; also tell until when its severity holds."""
    meta, spec = pod.metadata, pod.spec
    state = pod_state(pod)
    cpu, memory = pod_usage(pod, measured)
    severity, until = judge(pod, state, memory, now)
    containers = spec.containers or ()
    row = PodRow(
        uid=meta.uid,
        name=plain(meta.name),
        namespace=meta.namespace,
        proc=proc,
        ready=state.ready,
        containers=state.containers,
        state=plain(state.word),
        detail=state_detail(pod, state),
        severity=severity,
        restarts=state.restarts,
        last_restart=state.last_restart,
        created=meta.creation_timestamp,
        node=spec.node_name,
        cpu=cpu,
        memory=memory,
        image_tag=image_tag(containers[0].image) if containers else "",
        drift=drift,
        outdated=outdated,
        labels=meta.labels or {},
        probed=bool(containers) and all(one.readiness_probe is not None for one in containers),
        container_names=tuple(container.name for container in containers),
    )
    return row, until


def state_detail(pod: Pod, state: PodState) -> str:
    """What the state means, in a few words; empty when its word says it all."""
    word = state.word.removeprefix("Init:")
    if word == "Pending" and (scheduled := condition(pod.status.conditions, "PodScheduled")):
        return "no node takes it" if scheduled.reason == "Unschedulable" else ""
    if pod.status.reason in LEFT_OVER:
        return shortened(plain(pod.status.message), 80)
    if word in _PULLING and state.culprit is not None:
        waiting = state.culprit.state.waiting
        return pull_fault(word, waiting.message if waiting else "").value
    if state.culprit is not None and word != "Completed":
        return _end_detail(state.culprit)
    if word == "Running" and state.ready < state.containers:
        return "not ready"
    return ""


def _end_detail(container: ContainerStatus) -> str:
    end = container.state.terminated or container.last_state.terminated
    if end is None:
        return ""
    if end.reason == "ContainerStatusUnknown":
        return exit_words(end.exit_code)
    return end_words(end)
