"""What pods and nodes use, asked on a slow beat (the metrics API knows no watch), with a short trend."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Self, TypeVar

import msgspec

from lain_tui.core.kube.backoff import SLOW
from lain_tui.core.kube.change import Change
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import ApiAbsent, Forbidden, KubeError
from lain_tui.core.kube.resources import NODE_METRICS, POD_METRICS, Kind
from lain_tui.core.model.cluster import NodeMetrics, PodMetrics
from lain_tui.core.model.quantity import millicores, parse_quantity
from lain_tui.core.turns import batches, in_turns

BEAT = 15.0
"""Seconds between questions; metrics-server measures each 15 s by default."""
KEEP = 40
"""Samples kept: ten minutes at the default beat."""

M = TypeVar("M", PodMetrics, NodeMetrics)


class Trend(msgspec.Struct, frozen=True, gc=False):
    """The last samples of one container or node, oldest first."""

    cpu: tuple[float, ...] = ()
    """Millicores."""
    memory: tuple[float, ...] = ()
    """Bytes."""


class Measured(msgspec.Struct, frozen=True, gc=False):
    """A pod's containers, or a node under the name ''."""

    parts: Mapping[str, Trend]
    timestamp: datetime | None = None
    """When the last sample was taken."""

    @property
    def cpu(self) -> float:
        """Millicores now, all containers together."""
        return sum(trend.cpu[-1] for trend in self.parts.values())

    @property
    def memory(self) -> float:
        """Bytes now, all containers together."""
        return sum(trend.memory[-1] for trend in self.parts.values())


class Metrics:
    """The usage of one namespace's pods (or all) and of the nodes, kept up while in `async with`."""

    def __init__(
        self,
        kube: KubeClient,
        namespace: str = "",
        *,
        selector: str = "",
        pods: bool = True,
        nodes: bool = True,
        beat: float = BEAT,
        slow: float = SLOW,
        keep: int = KEEP,
    ) -> None:
        """`beat` is in seconds, `slow` that after a refusal; `keep` bounds each trend."""
        self._kube = kube
        self._namespace = namespace
        self._selector = selector
        self._with_pods = pods
        self._with_nodes = nodes
        self._beat = beat
        self._slow = slow
        self._keep = keep
        self._pods: dict[tuple[str, str], Measured] = {}
        self._nodes: dict[tuple[str, str], Measured] = {}
        self._change = Change()
        self._wake = Change()
        self._tasks: list[asyncio.Task[None]] = []
        self.error: KubeError | None = None
        """Why pods are not measured: ApiAbsent when there is no metrics API, Forbidden …"""
        self.nodes_error: KubeError | None = None
        """The same for nodes, which many may not read."""

    async def __aenter__(self) -> Self:
        if self._with_pods:
            self._tasks.append(asyncio.create_task(self._poll(self._ask_pods), name="metrics of pods"))
        if self._with_nodes:
            self._tasks.append(asyncio.create_task(self._poll(self._ask_nodes), name="metrics of nodes"))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)

    @property
    def pods(self) -> Mapping[tuple[str, str], Measured]:
        """By (namespace, name)."""
        return MappingProxyType(self._pods)

    def pod(self, namespace: str, name: str) -> Measured | None:
        return self._pods.get((namespace, name))

    def node(self, name: str) -> Measured | None:
        return self._nodes.get(("", name))

    @property
    def version(self) -> int:
        """Grows with every beat that brought something, a failure included."""
        return self._change.count

    async def changed(self, seen: int) -> int:
        """Wait until `version` differs from `seen`, and return it."""
        return await self._change.since(seen)

    def retry_now(self) -> None:
        """Ask now and not at the next beat."""
        self._wake.tell()

    async def _poll(self, ask: Callable[[], Coroutine[Any, Any, KubeError | None]]) -> None:
        while True:
            woken = self._wake.count
            error = await ask()
            self._change.tell()
            denied = isinstance(error, ApiAbsent | Forbidden)
            try:
                async with asyncio.timeout(self._slow if denied else self._beat):
                    await self._wake.since(woken)
            except TimeoutError:
                pass

    async def _ask_pods(self) -> KubeError | None:
        self.error, self._pods = await self._ask(
            POD_METRICS, self._pods, lambda item: {part.name: part.usage for part in item.containers or ()}
        )
        return self.error

    async def _ask_nodes(self) -> KubeError | None:
        self.nodes_error, self._nodes = await self._ask(
            NODE_METRICS, self._nodes, lambda item: {"": item.usage}
        )
        return self.nodes_error

    async def _ask(
        self,
        kind: Kind[M],
        before: dict[tuple[str, str], Measured],
        usages: Callable[[M], Mapping[str, Mapping[str, str]]],
    ) -> tuple[KubeError | None, dict[tuple[str, str], Measured]]:
        """One question: the error if there was one, and the picture after it."""
        namespaced = kind.namespaced
        try:
            items = await self._kube.list(
                kind,
                self._namespace if namespaced else "",
                selector=self._selector if namespaced else "",
            )
        except KubeError as error:
            # What was measured stays while the cluster is away; where it may not be read it must not look alive.
            return error, {} if isinstance(error, ApiAbsent | Forbidden) else before
        return None, await in_turns(self._joined(items, before, usages))

    def _joined(
        self,
        items: Iterable[M],
        before: Mapping[tuple[str, str], Measured],
        usages: Callable[[M], Mapping[str, Mapping[str, str]]],
    ) -> Generator[None, None, dict[tuple[str, str], Measured]]:
        """The samples at the end of what was measured before; of who is no longer measured nothing stays."""
        fresh: dict[tuple[str, str], Measured] = {}
        for batch in batches(items):
            yield
            for item in batch:
                key = (item.metadata.namespace, item.metadata.name)
                old = before.get(key)
                if old is not None and item.timestamp is not None and old.timestamp == item.timestamp:
                    fresh[key] = old
                else:
                    parts = self._extended(old.parts if old else {}, usages(item))
                    fresh[key] = Measured(parts=parts, timestamp=item.timestamp)
        return fresh

    def _extended(
        self, old: Mapping[str, Trend], usages: Mapping[str, Mapping[str, str]]
    ) -> dict[str, Trend]:
        parts = {}
        for name, usage in usages.items():
            try:
                cpu, memory = millicores(usage["cpu"]), parse_quantity(usage["memory"])
            except (KeyError, ValueError):
                continue
            trend = old.get(name, Trend())
            parts[name] = Trend(
                cpu=(*trend.cpu, cpu)[-self._keep :], memory=(*trend.memory, memory)[-self._keep :]
            )
        return parts
