"""The subscriptions that a picture of one app is made from."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any, Self, TypeVar

from lain_tui.core.kube.errors import Forbidden, KubeError
from lain_tui.core.kube.resources import (
    CRONJOBS,
    DAEMONSETS,
    DEPLOYMENTS,
    EVENTS,
    HPAS,
    INGRESSES,
    JOBS,
    NODES,
    PODS,
    REPLICASETS,
    SECRETS,
    STATEFULSETS,
    Kind,
)
from lain_tui.core.kube.store import Store, Subscription
from lain_tui.core.model.cluster import Event, Node
from lain_tui.core.model.meta import KubeObject
from lain_tui.core.model.status import Gap
from lain_tui.core.status.view import Objects
from lain_tui.core.target import Target

T = TypeVar("T", bound=KubeObject)


class Watches:
    """Everything of one app, and what stands around it."""

    def __init__(self, store: Store, target: Target) -> None:
        namespace = target.namespace
        app = f"app.kubernetes.io/name={target.app}" if target.app else ""
        self._all: list[tuple[str, Subscription[Any]]] = []

        def watch(pane: str, kind: Kind[T], selector: str = app, fields: str = "") -> Subscription[T]:
            where = namespace if kind.namespaced else ""
            looker = store.subscribe(kind, namespace=where, selector=selector, fields=fields)
            self._all.append((pane, looker))
            return looker

        self.pods = watch("pods", PODS)
        self.deployments = watch("workloads", DEPLOYMENTS)
        self.stateful_sets = watch("workloads", STATEFULSETS)
        self.daemon_sets = watch("workloads", DAEMONSETS)
        self.replica_sets = watch("workloads", REPLICASETS)
        self.jobs = watch("jobs", JOBS)
        self.cron_jobs = watch("jobs", CRONJOBS)
        self.autoscalers = watch("autoscalers", HPAS)
        self.ingresses = watch("urls", INGRESSES)
        self.events = watch("events", EVENTS, "")
        self.nodes = watch("nodes", NODES, "")
        # Metadata alone: a release's records are many times larger than what tells that there is a new one.
        self.releases = watch("release", SECRETS, f"owner=helm,name={target.release or target.app}")
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for _, looker in self._all:
            await self._stack.enter_async_context(looker)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def synced(self) -> bool:
        """Pods and what makes them have been listed, or may not be."""
        needed = ("pods", "workloads", "jobs")
        return all(one.synced or _denied(one.error) for pane, one in self._all if pane in needed)

    @property
    def objects(self) -> Objects:
        return Objects(
            pods=self.pods.items.values(),
            deployments=self.deployments.items.values(),
            stateful_sets=self.stateful_sets.items.values(),
            daemon_sets=self.daemon_sets.items.values(),
            replica_sets=self.replica_sets.items.values(),
            jobs=self.jobs.items.values(),
            cron_jobs=self.cron_jobs.items.values(),
            autoscalers=self.autoscalers.items.values(),
            ingresses=self.ingresses.items.values(),
        )

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What may not be seen; a lost connection is no gap, `link` tells of it."""
        found: dict[tuple[str, str], Gap] = {}
        for pane, looker in self._all:
            if (error := looker.error) is not None and _denied(error):
                found[pane, error.what] = Gap(pane=pane, reason=error.what, hint=error.hint)
            for one in looker.unreadable.values():
                reason = f"one object cannot be read: {one}"
                found[pane, reason] = Gap(pane=pane, reason=reason)
        return tuple(found.values())

    def node(self, name: str) -> Node | None:
        return next((node for node in self.nodes.items.values() if node.metadata.name == name), None)

    def workload(self, uid: str) -> tuple[str, Any] | None:
        """The kind and object of a workload by its uid."""
        kinds: tuple[tuple[str, Subscription[Any]], ...] = (
            ("Deployment", self.deployments),
            ("StatefulSet", self.stateful_sets),
            ("DaemonSet", self.daemon_sets),
            ("Job", self.jobs),
            ("CronJob", self.cron_jobs),
        )
        return next(((kind, one.items[uid]) for kind, one in kinds if uid in one.items), None)


class EventIndex:
    """The events by the uid of what they are about, made anew when an event has come."""

    def __init__(self, events: Subscription[Event]) -> None:
        self._events = events
        self._version = -1
        self._by_uid: dict[str, list[Event]] = {}
        self._by_name: dict[tuple[str, str], list[Event]] = {}

    def of(self, *uids: str) -> tuple[Event, ...]:
        """The events of some objects, oldest first."""
        self._refresh()
        return _in_order(event for uid in uids for event in self._by_uid.get(uid, ()))

    def named(self, kind: str, name: str) -> tuple[Event, ...]:
        """The events of the object of a kind and name, oldest first."""
        self._refresh()
        return _in_order(self._by_name.get((kind, name), ()))

    def _refresh(self) -> None:
        if self._version == self._events.version:
            return
        self._version = self._events.version
        self._by_uid.clear()
        self._by_name.clear()
        for event in self._events.items.values():
            about = event.involved_object
            self._by_uid.setdefault(about.uid, []).append(event)
            self._by_name.setdefault((about.kind, about.name), []).append(event)


def _in_order(events: Any) -> tuple[Event, ...]:
    return tuple(sorted(events, key=lambda event: event.last_seen.timestamp() if event.last_seen else 0.0))


def _denied(error: KubeError | None) -> bool:
    """Only a person can change it; anything else is tried again by the store."""
    from lain_tui.core.kube.errors import ApiAbsent

    return isinstance(error, Forbidden | ApiAbsent)
