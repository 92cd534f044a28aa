"""One container: pulled, created, running, ended, started again."""

from __future__ import annotations

from dataclasses import dataclass, field

from .. import duration, images, programs
from ..clock import stamp
from ..containerlog import ContainerLog
from ..disk import Disk
from ..names import fake_digest
from ..programs import Context, Run
from ..quantity import whole
from ..storage import Obj
from . import environment, probes
from .environment import ConfigError
from .node import Node

SYNC = 12.0
"""Seconds after which a kubelet looks at a waiting container again."""
FIRST_BACK_OFF = 10.0
LONGEST_BACK_OFF = 300.0
HEALTHY_AFTER = 600.0
"""Seconds a container must have run for its back-off to be forgotten."""


@dataclass
class Container:
    """What a kubelet knows of one container of one pod."""

    spec: Obj
    group: str
    """"containers", "initContainers" or "ephemeralContainers"."""
    stage: str = "waiting"
    """waiting, pulling, running or terminated."""
    reason: str = "ContainerCreating"
    message: str = ""
    due: float = 0.0
    id: str = ""
    started_at: float = 0.0
    finished: Obj | None = None
    """The terminated state, once it has ended."""
    last: Obj | None = None
    """The terminated state of the run before."""
    restarts: int = 0
    back_off: float = 0.0
    image_back_off: float = 0.0
    image_error: str = ""
    pulled_at: float = 0.0
    stopping_at: float | None = None
    killed_code: int = 0
    has_started: bool = False
    ready: bool = False
    failures: dict[str, int] = field(default_factory=dict)
    probe_due: float = 0.0
    env: dict[str, str] = field(default_factory=dict)
    run: Run | None = None
    log: ContainerLog | None = None
    previous_log: ContainerLog | None = None
    disk: Disk | None = None
    """What was written since it started; None until somebody looks."""

    @property
    def name(self) -> str:
        return str(self.spec["name"])

    @property
    def sidecar(self) -> bool:
        return self.group == "initContainers" and self.spec.get("restartPolicy") == "Always"

    @property
    def path(self) -> str:
        return f"spec.{self.group}{{{self.name}}}"

    @property
    def succeeded(self) -> bool:
        return self.stage == "terminated" and self.finished is not None and self.finished["exitCode"] == 0


def restarts_again(container: Container, pod: Obj) -> bool:
    """Tell whether an ended container is to be started again."""
    policy = pod["spec"].get("restartPolicy", "Always")
    if container.group == "ephemeralContainers":
        return False
    if container.group == "initContainers" and not container.sidecar:
        return not container.succeeded and policy != "Never"
    if container.sidecar or policy == "Always":
        return True
    return policy == "OnFailure" and not container.succeeded


def tick(container: Container, pod: Obj, node: Node, now: float) -> float | None:
    """Bring one container as far as it gets by now; give the time to look again."""
    for _ in range(8):
        if now < container.due and container.stage != "running":
            return container.due
        before = (container.stage, container.due)
        again = _STAGES[container.stage](container, pod, node, now)
        if (container.stage, container.due) == before:
            return again
    return now + 1.0


def _waiting(container: Container, pod: Obj, node: Node, now: float) -> float | None:
    policy = container.spec.get("imagePullPolicy", "IfNotPresent")
    image = container.spec["image"]
    if container.reason == "ErrImagePull":
        return _image_back_off(container, pod, node, now)
    if policy == "Always" or (policy == "IfNotPresent" and not node.has(image)):
        if container.pulled_at and container.reason in ("CreateContainerConfigError",):
            return _create(container, pod, node, now)
        node.record(pod, "Pulling", f'Pulling image "{image}"', container)
        container.stage = "pulling"
        attempt = images.pull(image)
        cached = 0.35 if node.has(image) else attempt.seconds
        container.due = now + (1.0 if attempt.error else cached)
        return container.due
    if policy == "Never" and not node.has(image):
        container.reason = "ErrImageNeverPull"
        container.message = f'Container image "{image}" is not present with pull policy of Never'
        node.record(pod, container.reason, container.message, container, warning=True)
        container.due = now + SYNC
        return container.due
    if not container.pulled_at or container.reason == "CrashLoopBackOff":
        present = f'Container image "{image}" already present on machine and can be accessed by the pod'
        node.record(pod, "Pulled", present, container)
        container.pulled_at = now
    return _create(container, pod, node, now)


def _image_back_off(container: Container, pod: Obj, node: Node, now: float) -> float | None:
    image = container.spec["image"]
    container.reason = "ImagePullBackOff"
    container.message = f'Back-off pulling image "{image}": ErrImagePull: {container.image_error}'
    node.record(pod, "BackOff", f'Back-off pulling image "{image}"', container)
    node.record(pod, "Failed", "Error: ImagePullBackOff", container, warning=True)
    container.due = now + max(container.image_back_off - SYNC, 1.0)
    return container.due


def _pulling(container: Container, pod: Obj, node: Node, now: float) -> float | None:
    image = container.spec["image"]
    attempt = images.pull(image)
    container.stage = "waiting"
    if attempt.error:
        container.image_error = attempt.error
        container.reason, container.message = "ErrImagePull", attempt.error
        container.image_back_off = min(max(container.image_back_off * 2, FIRST_BACK_OFF), LONGEST_BACK_OFF)
        node.record(
            pod, "Failed", f'Failed to pull image "{image}": {attempt.error}', container, warning=True
        )
        node.record(pod, "Failed", "Error: ErrImagePull", container, warning=True)
        container.due = now + SYNC
        return container.due
    took = f"{0.35 if node.has(image) else attempt.seconds:.3f}s"
    message = f'Successfully pulled image "{image}" in {took} ({took} including waiting). Image size: {attempt.size} bytes.'
    node.record(pod, "Pulled", message, container)
    node.keep(image)
    container.pulled_at = now
    return _create(container, pod, node, now)


def _create(container: Container, pod: Obj, node: Node, now: float) -> float | None:
    try:
        env = environment.variables(node.storage, pod, container.spec)
    except ConfigError as error:
        container.stage, container.reason, container.message = (
            "waiting",
            "CreateContainerConfigError",
            str(error),
        )
        node.record(pod, "Failed", f"Error: {error}", container, warning=True)
        container.due = now + SYNC
        return container.due
    if container.restarts or container.last:
        container.back_off = min(max(container.back_off * 2, FIRST_BACK_OFF), LONGEST_BACK_OFF)
    node.record(pod, "Created", "Container created", container)
    _start(container, pod, node, now, env)
    node.record(pod, "Started", "Container started", container)
    return now


def _start(container: Container, pod: Obj, node: Node, now: float, env: dict[str, str]) -> None:
    uid = pod["metadata"]["uid"]
    container.id = f"containerd://{fake_digest(f'{uid}/{container.name}/{container.restarts}/{now}')}"
    spec = container.spec
    context = Context(
        image=spec["image"],
        argv=(*(spec.get("command") or ()), *(spec.get("args") or ())),
        env=env,
        files=environment.files(node.storage, pod, spec),
        pod=pod["metadata"]["name"],
        container=container.name,
        seed=f"{pod['metadata']['name']}/{container.name}/{container.restarts}",
        memory_limit=whole(((spec.get("resources") or {}).get("limits") or {}).get("memory")),
        tty=bool(spec.get("tty") and spec.get("stdin")),
    )
    container.env, container.disk = env, None
    container.run = programs.start(context)
    container.log = ContainerLog(container.run, now)
    container.stage, container.reason, container.message = "running", "", ""
    container.started_at, container.due = now, now
    container.finished, container.stopping_at = None, None
    container.failures, container.probe_due = {}, 0.0
    container.has_started = "startupProbe" not in spec
    container.ready = container.has_started and "readinessProbe" not in spec


def _running(container: Container, pod: Obj, node: Node, now: float) -> float | None:
    assert container.run is not None
    if container.stopping_at is not None and now >= container.stopping_at:
        end(container, container.killed_code, "", container.stopping_at)
        return now
    ends = None if container.run.exit_after is None else container.started_at + container.run.exit_after
    if ends is not None and now >= ends:
        end(container, container.run.exit_code, container.run.exit_reason, ends)
        container.due = now + 0.6
        return container.due
    next_probe = probes.look(container, pod, node, now) if container.stopping_at is None else None
    return min((t for t in (container.stopping_at, ends, next_probe) if t is not None), default=None)


def end(container: Container, code: int, reason: str, when: float) -> None:
    """Note that a container's process is gone."""
    assert container.log is not None
    container.log.end(when)
    container.log.advance(when)
    container.finished = {
        "exitCode": code,
        "reason": reason or ("Completed" if code == 0 else "Error"),
        "startedAt": stamp(container.started_at),
        "finishedAt": stamp(when),
        "containerID": container.id,
    }
    if when - container.started_at > HEALTHY_AFTER:
        container.back_off = 0.0
    container.stage, container.ready, container.has_started = "terminated", False, False
    container.due = when


def stop(container: Container, grace: float, now: float) -> None:
    """Send SIGTERM; what does not obey in time is killed."""
    if container.stage != "running" or container.stopping_at is not None:
        return
    assert container.run is not None
    obeys = container.run.stop_after <= grace
    container.killed_code = container.run.stop_code if obeys else 137
    container.stopping_at = now + (container.run.stop_after if obeys else grace)


def _terminated(container: Container, pod: Obj, node: Node, now: float) -> float | None:
    if not restarts_again(container, pod):
        return None
    assert container.finished is not None and container.log is not None
    finished_at = container.log.ended or now
    if container.last is None or container.last != container.finished:
        container.last = container.finished
    wait_until = finished_at + container.back_off
    if now < wait_until:
        again_in = f"{duration.go(container.back_off)} restarting failed container={container.name}"
        meta = pod["metadata"]
        where = f"{meta['name']}_{meta['namespace']}({meta['uid']})"
        container.reason, container.message = "CrashLoopBackOff", f"back-off {again_in} pod={where}"
        text = f"Back-off restarting failed container {container.name} in pod {where}"
        node.record(pod, "BackOff", text, container, warning=True)
        container.due = min(wait_until, now + SYNC)
        return container.due
    container.previous_log = container.log
    container.restarts += 1
    container.stage, container.due = "waiting", now
    return now


_STAGES = {"waiting": _waiting, "pulling": _pulling, "running": _running, "terminated": _terminated}
