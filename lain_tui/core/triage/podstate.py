"""A pod's STATUS, READY and RESTARTS, word for word as `kubectl get pods` has them.

The rules are those of `printPod` in kubernetes' pkg/printers/internalversion/printers.go (1.33): init containers
first, then the containers from the last to the first, then deletion.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from lain_tui.core.model.meta import condition
from lain_tui.core.model.pod import Container, ContainerStatus, Pod, StateTerminated

TERMINAL = frozenset({"Succeeded", "Failed"})


class PodState(msgspec.Struct, frozen=True, gc=False):
    """What kubectl shows of a pod, and which container decided it."""

    word: str
    ready: int
    containers: int
    restarts: int
    last_restart: datetime | None = None
    culprit: ContainerStatus | None = None
    """The container that `word` is about; None when it is about the whole pod."""
    initializing: bool = False


def pod_state(pod: Pod) -> PodState:
    """The state of a pod as kubectl words it."""
    spec, status = pod.spec, pod.status
    word = status.reason or status.phase
    scheduled = condition(status.conditions, "PodScheduled")
    if scheduled is not None and scheduled.reason == "SchedulingGated":
        word = "SchedulingGated"

    sidecars = {c.name for c in spec.init_containers or () if is_sidecar(c)}
    total = len(spec.containers or ()) + len(sidecars)
    ready = restarts = sidecar_restarts = 0
    last = sidecar_last = None
    culprit: ContainerStatus | None = None
    initializing = False

    for index, container in enumerate(status.init_container_statuses or ()):
        state = container.state
        restarts += container.restart_count
        last = _later(last, container)
        if container.name in sidecars:
            sidecar_restarts += container.restart_count
            sidecar_last = _later(sidecar_last, container)
        if state.terminated is not None and state.terminated.exit_code == 0:
            continue
        if container.name in sidecars and container.started:
            ready += container.ready
            continue
        if state.terminated is not None:
            word = f"Init:{_end_word(state.terminated)}"
        elif state.waiting is not None and state.waiting.reason not in ("", "PodInitializing"):
            word = f"Init:{state.waiting.reason}"
        else:
            word = f"Init:{index}/{len(spec.init_containers or ())}"
        initializing, culprit = True, container
        break

    if not initializing or _is_true(pod, "Initialized"):
        restarts, last = sidecar_restarts, sidecar_last
        running = False
        for container in reversed(status.container_statuses or ()):
            state = container.state
            restarts += container.restart_count
            last = _later(last, container)
            if state.waiting is not None and state.waiting.reason:
                word, culprit = state.waiting.reason, container
            elif state.terminated is not None:
                word, culprit = _end_word(state.terminated), container
            elif container.ready and state.running is not None:
                running = True
                ready += 1
        if word == "Completed" and running:
            word = "Running" if _is_true(pod, "Ready") else "NotReady"

    if pod.metadata.deletion_timestamp is not None:
        if status.reason == "NodeLost":
            word, culprit = "Unknown", None
        elif status.phase not in TERMINAL:
            word, culprit = "Terminating", None
    return PodState(word, ready, total, restarts, last, culprit, initializing)


def is_sidecar(container: Container) -> bool:
    """An init container that is restarted for as long as the pod lives (Kubernetes 1.29)."""
    return container.restart_policy == "Always"


def _end_word(end: StateTerminated) -> str:
    if end.reason:
        return end.reason
    return f"Signal:{end.signal}" if end.signal else f"ExitCode:{end.exit_code}"


def _later(last: datetime | None, container: ContainerStatus) -> datetime | None:
    end = container.last_state.terminated
    if end is None or end.finished_at is None:
        return last
    return end.finished_at if last is None else max(last, end.finished_at)


def _is_true(pod: Pod, type_: str) -> bool:
    found = condition(pod.status.conditions, type_)
    return found is not None and found.is_true
