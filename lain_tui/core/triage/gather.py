"""Fetches what the rules need and no watch brings: the ends of logs, the names in Secrets, volume claims.

Values of Secrets pass through memory while their names are read, and are never kept.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import aclosing
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import Forbidden, KubeError, NotFound
from lain_tui.core.kube.logs import read_log
from lain_tui.core.kube.resources import CONFIG_MAPS, PVCS, SECRETS, Kind
from lain_tui.core.model.managed import ManagedFields, data_written
from lain_tui.core.model.meta import KubeStruct
from lain_tui.core.model.pod import ContainerStatus, Pod
from lain_tui.core.model.workload import PersistentVolumeClaim
from lain_tui.core.triage.case import Keys, Tail, TailLine, nanoseconds

T = TypeVar("T")

TAIL = 60
"""Lines asked of each log."""
PATIENCE = 5.0
"""Seconds for each question; what does not come in time is left out."""
FRESH = 20.0
"""Seconds after which the evidence on a pod that has not changed is asked for again: its log may have grown."""
_KEPT = 64
_AT_ONCE = 6
_MOST = 12
"""Secrets, ConfigMaps and claims looked at for one pod."""


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """What was fetched for one pod."""

    tails: tuple[Tail, ...] = ()
    secrets: dict[str, Keys] = {}
    config_maps: dict[str, Keys] = {}
    claims: dict[str, PersistentVolumeClaim] = {}


class _Held(msgspec.Struct):
    key: tuple[object, ...]
    at: float
    gathered: Gathered


class Gatherer:
    """Evidence by pod, kept while the pod does not change."""

    def __init__(self, kube: KubeClient) -> None:
        self._kube = kube
        self._held: dict[str, _Held] = {}
        self._slots = asyncio.Semaphore(_AT_ONCE)

    def known(self, pod: Pod) -> Gathered | None:
        """What was fetched for the pod as it is now."""
        held = self._held.get(pod.metadata.uid)
        return held.gathered if held is not None and held.key == _key(pod) else None

    def stale(self, pod: Pod) -> bool:
        """There is nothing, or nothing recent, on the pod as it is now."""
        held = self._held.get(pod.metadata.uid)
        return held is None or held.key != _key(pod) or time.monotonic() - held.at > FRESH

    async def fetch(self, pod: Pod) -> bool:
        """Fetch the evidence for a pod; True when it differs from what was known. Raises nothing but cancellation."""
        before = self.known(pod)
        gathered = await self._gather(pod)
        uid = pod.metadata.uid
        self._held.pop(uid, None)
        self._held[uid] = _Held(_key(pod), time.monotonic(), gathered)
        while len(self._held) > _KEPT:
            del self._held[next(iter(self._held))]
        return gathered != before

    async def _gather(self, pod: Pod) -> Gathered:
        secrets, config_maps, claims = _named(pod)
        tails, secret_keys, config_keys, found_claims = await asyncio.gather(
            self._all(_logs_wanted(pod), lambda want: self._tail(pod, *want)),
            self._all(secrets, lambda name: self._keys(SECRETS, pod, name)),
            self._all(config_maps, lambda name: self._keys(CONFIG_MAPS, pod, name)),
            self._all(claims, lambda name: self._kube.get(PVCS, name, pod.metadata.namespace)),
        )
        return Gathered(
            tails=tuple(tail for _, tail in tails),
            secrets=dict(secret_keys),
            config_maps=dict(config_keys),
            claims=dict(found_claims),
        )

    async def _all(self, wants: Iterable[T], ask: Callable[[T], Awaitable[Any]]) -> list[tuple[T, Any]]:
        """Ask for each at once; those that fail or take too long are left out."""

        async def one(want: T) -> Any:
            try:
                async with self._slots, asyncio.timeout(PATIENCE):
                    return await ask(want)
            except (KubeError, TimeoutError):
                return None

        wanted = list(wants)[:_MOST]
        answers = await asyncio.gather(*(one(want) for want in wanted))
        return [(want, answer) for want, answer in zip(wanted, answers, strict=True) if answer is not None]

    async def _tail(self, pod: Pod, container: str, previous: bool) -> Tail:
        meta = pod.metadata
        reading = read_log(self._kube, meta.namespace, meta.name, container, previous=previous, tail=TAIL)
        async with aclosing(reading):
            lines = [
                TailLine(line.text.decode("utf-8", "replace"), nanoseconds(line.time))
                async for line in reading
            ]
        return Tail(container=container, previous=previous, lines=tuple(lines))

    async def _keys(self, kind: Kind[Any], pod: Pod, name: str) -> Keys:
        try:
            body = await self._kube.get_raw(kind, name, pod.metadata.namespace)
        except NotFound:
            return Keys(exists=False, names=frozenset())
        except Forbidden:
            return Keys(names=None)
        return read_keys(body)


class _Meta(KubeStruct, frozen=True, kw_only=True):
    creation_timestamp: datetime | None = None
    managed_fields: tuple[ManagedFields, ...] = ()


class _Holder(KubeStruct, frozen=True, kw_only=True):
    """A Secret or ConfigMap, its values skipped while decoding."""

    metadata: _Meta = _Meta()
    data: dict[str, msgspec.Raw] | None = None
    binary_data: dict[str, msgspec.Raw] | None = None


def read_keys(body: bytes) -> Keys:
    """The names in a Secret or ConfigMap, and when its data was written last."""
    try:
        holder = msgspec.json.decode(body, type=_Holder)
    except msgspec.DecodeError:
        return Keys(names=None)
    meta = holder.metadata
    return Keys(
        names=frozenset((*(holder.data or ()), *(holder.binary_data or ()))),
        changed=data_written(meta.managed_fields, meta.creation_timestamp),
    )


def _key(pod: Pod) -> tuple[object, ...]:
    """Changes when a container starts, ends or is restarted: then there is a new log to read."""
    return tuple((one.name, one.restart_count, _phase(one)) for one in _statuses(pod))


def _phase(status: ContainerStatus) -> str:
    state = status.state
    if state.running is not None:
        return "running"
    return "terminated" if state.terminated is not None else "waiting"


def _statuses(pod: Pod) -> tuple[ContainerStatus, ...]:
    return (*(pod.status.init_container_statuses or ()), *(pod.status.container_statuses or ()))


def _logs_wanted(pod: Pod) -> list[tuple[str, bool]]:
    """Which logs could tell something: of containers that ended or do not work, as (container, previous)."""
    wanted = []
    for status in _statuses(pod):
        state, last = status.state, status.last_state.terminated
        if last is not None:
            wanted.append((status.name, True))
        ended_badly = state.terminated is not None and state.terminated.exit_code != 0
        unready = state.running is not None and not status.ready
        if ended_badly or (unready and last is None):
            wanted.append((status.name, False))
    return wanted


def _named(pod: Pod) -> tuple[list[str], list[str], list[str]]:
    """The Secrets, ConfigMaps and claims that a pod names, each once."""
    secrets: dict[str, None] = {}
    config_maps: dict[str, None] = {}
    for container in (*(pod.spec.containers or ()), *(pod.spec.init_containers or ())):
        for source in container.env_from or ():
            if source.secret_ref is not None:
                secrets[source.secret_ref.name] = None
            if source.config_map_ref is not None:
                config_maps[source.config_map_ref.name] = None
        for variable in container.env or ():
            origin = variable.value_from
            if origin is not None and origin.secret_key_ref is not None:
                secrets[origin.secret_key_ref.name] = None
            if origin is not None and origin.config_map_key_ref is not None:
                config_maps[origin.config_map_key_ref.name] = None
    for reference in pod.spec.image_pull_secrets or ():
        secrets[reference.name] = None
    claims = [
        volume.persistent_volume_claim.claim_name
        for volume in pod.spec.volumes or ()
        if volume.persistent_volume_claim is not None
    ]
    return list(secrets), list(config_maps), claims
