"""The cluster around the app: nodes, events, namespaces, and what the metrics API measures."""

from __future__ import annotations

from datetime import datetime

import msgspec

from lain_tui.core.model.meta import Condition, KubeObject, KubeStruct, ObjectReference


class Taint(KubeStruct, frozen=True, kw_only=True):
    key: str
    effect: str = ""
    value: str = ""


class NodeSpec(KubeStruct, frozen=True, kw_only=True):
    unschedulable: bool = False
    taints: tuple[Taint, ...] | None = None


class NodeInfo(KubeStruct, frozen=True, kw_only=True):
    kubelet_version: str = ""


class NodeStatus(KubeStruct, frozen=True, kw_only=True):
    capacity: dict[str, str] | None = None
    allocatable: dict[str, str] | None = None
    conditions: tuple[Condition, ...] | None = None
    node_info: NodeInfo = NodeInfo()


class Node(KubeObject, frozen=True, kw_only=True):
    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()


class Namespace(KubeObject, frozen=True, kw_only=True):
    """A namespace; its name is all that is needed."""


class EventSource(KubeStruct, frozen=True, kw_only=True):
    component: str = ""
    host: str = ""


class EventSeries(KubeStruct, frozen=True, kw_only=True):
    count: int = 0
    last_observed_time: datetime | None = None


class Event(KubeObject, frozen=True, kw_only=True):
    """A core/v1 Event; both the old (count, lastTimestamp) and the new (series) way of repeating are read."""

    involved_object: ObjectReference = ObjectReference()
    type: str = "Normal"
    reason: str = ""
    message: str = ""
    count: int | None = None
    first_timestamp: datetime | None = None
    last_timestamp: datetime | None = None
    event_time: datetime | None = None
    series: EventSeries | None = None
    source: EventSource = EventSource()
    reporting_component: str = ""

    @property
    def times(self) -> int:
        """How often it happened, at least 1."""
        return max(self.count or 0, self.series.count if self.series else 0, 1)

    @property
    def last_seen(self) -> datetime | None:
        series_time = self.series.last_observed_time if self.series else None
        return series_time or self.last_timestamp or self.event_time or self.metadata.creation_timestamp

    @property
    def is_warning(self) -> bool:
        return self.type == "Warning"


class ContainerMetrics(KubeStruct, frozen=True, kw_only=True):
    name: str
    usage: dict[str, str] = msgspec.field(default_factory=dict)


class PodMetrics(KubeObject, frozen=True, kw_only=True):
    timestamp: datetime | None = None
    containers: tuple[ContainerMetrics, ...] | None = None


class NodeMetrics(KubeObject, frozen=True, kw_only=True):
    timestamp: datetime | None = None
    usage: dict[str, str] = msgspec.field(default_factory=dict)
