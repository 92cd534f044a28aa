"""The watches behind an app's picture, and what of it they cannot bring."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import Any, TypeVar

from lain_tui.core.kube.errors import ApiAbsent, Forbidden, KubeError
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
    STATEFULSETS,
    Kind,
)
from lain_tui.core.kube.store import Store, Subscription
from lain_tui.core.model.cluster import Event, Node
from lain_tui.core.model.meta import KubeObject
from lain_tui.core.model.network import Ingress
from lain_tui.core.model.status import Gap
from lain_tui.core.status.view import Objects
from lain_tui.core.target import Target
from lain_tui.core.triage.case import event_time

APP_LABEL = "app.kubernetes.io/name"

T = TypeVar("T", bound=KubeObject)

# Which pane stays empty without a kind.
_PANES: dict[str, str] = {
    "Pod": "pods",
    "Event": "events",
    "Deployment": "workloads",
    "StatefulSet": "workloads",
    "DaemonSet": "workloads",
    "ReplicaSet": "workloads",
    "Job": "jobs",
    "CronJob": "jobs",
    "HorizontalPodAutoscaler": "autoscalers",
    "Ingress": "urls",
    "Node": "nodes",
}


class Sources(AbstractContextManager["Sources"]):
    """One subscription a kind; open while in `with`."""

    def __init__(self, store: Store, target: Target) -> None:
        self._store = store
        self._namespace = target.namespace
        self.selector = f"{APP_LABEL}={target.app}" if target.app else ""
        """The app's objects; empty for the whole namespace, before an app is picked."""
        self._stack = ExitStack()
        self._subscriptions: dict[str, Subscription[Any]] = {}
        self._by_object: dict[str, list[Event]] = {}
        self._by_object_version = -1

    def __enter__(self) -> Sources:
        for kind in (PODS, DEPLOYMENTS, STATEFULSETS, DAEMONSETS, REPLICASETS, JOBS, CRONJOBS, INGRESSES):
            self._subscribe(kind, self.selector)
        # Autoscalers are few and often made by hand, without labels; events have none.
        for other in (HPAS, EVENTS, NODES):
            self._subscribe(other, "")
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _subscribe(self, kind: Kind[Any], selector: str) -> None:
        subscription = self._store.subscribe(kind, namespace=self._namespace, selector=selector)
        self._stack.callback(subscription.close)
        self._subscriptions[kind.name] = subscription

    # -- objects

    def items(self, kind: Kind[T]) -> Mapping[str, T]:
        """The objects of a kind by uid; none before it is open."""
        subscription = self._subscriptions.get(kind.name)
        return {} if subscription is None else subscription.items

    def objects(self) -> Objects:
        """What the picture is made from, as it is now."""
        return Objects(
            pods=self.items(PODS).values(),
            deployments=self.items(DEPLOYMENTS).values(),
            stateful_sets=self.items(STATEFULSETS).values(),
            daemon_sets=self.items(DAEMONSETS).values(),
            replica_sets=self.items(REPLICASETS).values(),
            jobs=self.items(JOBS).values(),
            cron_jobs=self.items(CRONJOBS).values(),
            autoscalers=self.items(HPAS).values(),
        )

    @property
    def ingresses(self) -> Collection[Ingress]:
        return self.items(INGRESSES).values()

    def node(self, name: str) -> Node | None:
        """A node by name; None where nodes may not be read."""
        return next((node for node in self.items(NODES).values() if node.metadata.name == name), None)

    def workload_versions(self) -> tuple[int, ...]:
        """Changes when anything that the proc rows show does."""
        return tuple(
            subscription.version
            for name, subscription in self._subscriptions.items()
            if name not in ("Event", "Node", "Ingress")
        )

    # -- events

    @property
    def events_version(self) -> int:
        """Changes with the events and the nodes: what findings quote and rows do not show."""
        return self._subscriptions["Event"].version + self._subscriptions["Node"].version

    def events_of(self, uid: str, name: str = "") -> tuple[Event, ...]:
        """An object's events, oldest first; by name for those that do not tell a uid."""
        version = self._subscriptions["Event"].version
        if version != self._by_object_version:
            self._by_object_version = version
            self._by_object = {}
            for event in self.items(EVENTS).values():
                about = event.involved_object
                self._by_object.setdefault(about.uid or f"{about.kind}/{about.name}", []).append(event)
        found = [*self._by_object.get(uid, ())] if uid else []
        for kind in _PANES if name else ():
            found += self._by_object.get(f"{kind}/{name}", ())
        return tuple(sorted(found, key=event_time))

    # -- what is missing

    @property
    def settled(self) -> bool:
        """There is a first answer to everything that the rows are made from: objects, or that they are denied.

        An unreachable cluster has given no answer.
        """
        return all(
            subscription.synced or isinstance(subscription.error, Forbidden | ApiAbsent)
            for name, subscription in self._subscriptions.items()
            if name not in ("Event", "Node")
        )

    def gaps(self) -> list[Gap]:
        """A gap for each pane that is denied, each once."""
        found: dict[str, Gap] = {}
        for name, subscription in self._subscriptions.items():
            gap = self.gap(_PANES[name], subscription.error)
            if gap is not None:
                found.setdefault(gap.pane, gap)
        for name, subscription in self._subscriptions.items():
            if subscription.unreadable:
                count = len(subscription.unreadable)
                reason = f"{count} of kind {name} cannot be read: {next(iter(subscription.unreadable.values())).reason}"
                found.setdefault(_PANES[name], Gap(pane=_PANES[name], reason=reason))
        return list(found.values())

    @staticmethod
    def gap(pane: str, error: KubeError | None) -> Gap | None:
        """The gap that an error leaves; None for one that will pass, which the link tells of."""
        if not isinstance(error, Forbidden | ApiAbsent):
            return None
        return Gap(pane=pane, reason=error.what, hint=error.hint)
