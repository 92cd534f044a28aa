"""One pod on its node: volumes, containers in their order, and its end."""

from __future__ import annotations

from collections.abc import Iterator

from ..clock import parse
from ..storage import Obj
from . import environment
from .container import Container, end, stop, tick
from .node import Node

MOUNT_RETRY = (0.5, 1, 2, 4, 8, 16, 32, 64, 122)
"""Seconds between tries to mount a volume."""


class Agent:
    """What a kubelet knows of one pod."""

    def __init__(self, pod: Obj, node: Node, now: float) -> None:
        self.uid = pod["metadata"]["uid"]
        self.node = node
        self.init = [Container(spec, "initContainers") for spec in pod["spec"].get("initContainers") or []]
        self.main = [Container(spec, "containers") for spec in pod["spec"]["containers"]]
        self.extra: list[Container] = []
        self.ip = ""
        self.sandbox = False
        self.begun = now
        self.stopping = False
        self.gone_at: float | None = None
        self._mount_tries = 0
        self._mount_due = now + 0.4

    def containers(self) -> Iterator[Container]:
        yield from self.init
        yield from self.main
        yield from self.extra

    def find(self, name: str) -> Container | None:
        return next((c for c in self.containers() if c.name == name), None)

    @staticmethod
    def passed(container: Container) -> bool:
        """Tell whether an init container no longer holds up those after it."""
        if container.sidecar:
            return container.stage == "running" and container.has_started
        return container.succeeded

    def tick(self, pod: Obj, now: float) -> float | None:
        """Bring the pod as far as it gets by now; give the time to look again."""
        self._take_spec(pod)
        if pod["metadata"].get("deletionTimestamp"):
            return self._end(pod, now)
        if not self.sandbox:
            again = self._mount(pod, now)
            if again is not None:
                return again
        times: list[float | None] = []
        for container in self.init:
            times.append(tick(container, pod, self.node, now))
            if not self.passed(container):
                return _soonest(times)
        times += [tick(container, pod, self.node, now) for container in (*self.main, *self.extra)]
        return _soonest(times)

    def _take_spec(self, pod: Obj) -> None:
        """Follow what may change in a running pod: images, and ephemeral containers."""
        specs = {spec["name"]: spec for spec in pod["spec"]["containers"]}
        for container in self.main:
            changed = specs.get(container.name, container.spec)
            if changed.get("image") != container.spec.get("image"):
                if container.stage == "running":
                    stop(container, 30.0, 0.0)
                    container.stopping_at = 0.0
                container.due = 0.0
                if container.stage == "waiting":
                    container.reason, container.message = "ContainerCreating", ""
                container.image_back_off = 0.0
            container.spec = changed
        for spec in pod["spec"].get("ephemeralContainers") or []:
            if not any(c.name == spec["name"] for c in self.extra):
                self.extra.append(Container(spec, "ephemeralContainers"))

    def _mount(self, pod: Obj, now: float) -> float | None:
        """Set volumes and network up; give the time to try again while that does not work."""
        if now < self._mount_due:
            return self._mount_due
        missing = environment.missing_volume(self.node.storage, pod)
        if missing is not None:
            volume, why = missing
            text = f'MountVolume.SetUp failed for volume "{volume}" : {why}'
            self.node.record(pod, "FailedMount", text, warning=True)
            self._mount_due = now + MOUNT_RETRY[min(self._mount_tries, len(MOUNT_RETRY) - 1)]
            self._mount_tries += 1
            return self._mount_due
        self.sandbox = True
        self.ip = self.node.host_ip if pod["spec"].get("hostNetwork") else self.node.address()
        return None

    def _end(self, pod: Obj, now: float) -> float | None:
        """Stop everything; `gone_at` tells when it has stopped."""
        meta = pod["metadata"]
        deadline = parse(meta["deletionTimestamp"])
        if not self.stopping:
            self.stopping = True
            for container in self.containers():
                if container.stage == "running":
                    text = f"Stopping container {container.name}"
                    self.node.record(pod, "Killing", text, container)
                    stop(container, max(0.0, deadline - now), now)
        times: list[float | None] = []
        for container in self.containers():
            if container.stage == "running":
                if container.stopping_at is not None and container.stopping_at > deadline:
                    container.stopping_at, container.killed_code = max(now, deadline), 137
                _finish(container, now)
                if container.stage == "running":
                    times.append(container.stopping_at)
        if not times:
            if self.gone_at is None:
                self.gone_at = now + 0.3
            return max(self.gone_at, now)
        return _soonest(times)


def _finish(container: Container, now: float) -> None:
    if container.stopping_at is not None and now >= container.stopping_at:
        end(container, container.killed_code, "", container.stopping_at)


def _soonest(times: list[float | None]) -> float | None:
    return min((t for t in times if t is not None), default=None)
