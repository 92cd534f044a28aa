"""The living picture of a cluster.

async with OverviewBoard(kube, store, target) as board:
    seen = board.version
    while True:
        draw(board.view())
        seen = await board.changed(seen)
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any, Self

from lain_tui.core.insight.urls import Urls
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import ApiAbsent, Forbidden, KubeError
from lain_tui.core.kube.metrics import Metrics
from lain_tui.core.kube.resources import (
    DEPLOYMENTS,
    EVENTS,
    INGRESSES,
    JOBS,
    NODES,
    PODS,
    REPLICASETS,
    SECRETS,
    SERVICES,
    Kind,
)
from lain_tui.core.kube.store import Store, Subscription
from lain_tui.core.model.overview import Overview
from lain_tui.core.model.status import Gap
from lain_tui.core.overview.nodes import node_problems, node_steps
from lain_tui.core.overview.others import (
    event_problems,
    ingress_steps,
    release_problems,
    singletons,
    url_problems,
)
from lain_tui.core.overview.pods import BadPods
from lain_tui.core.picture import LivingPicture
from lain_tui.core.target import Target

METRICS_BEAT = 30.0
URLS_BEAT = 60.0

_KINDS: tuple[tuple[Kind[Any], str, str], ...] = (
    (PODS, "", ""),
    (NODES, "", ""),
    (DEPLOYMENTS, "", ""),
    (REPLICASETS, "", ""),
    (JOBS, "", ""),
    (SERVICES, "", ""),
    (INGRESSES, "", ""),
    (EVENTS, "", "type=Warning"),
    (SECRETS, "owner=helm", ""),
)
"""Each kind with its selector and field selector."""
_NEEDED = ("Pod", "Node")
"""The kinds without an answer about which there is no picture."""


class OverviewBoard(LivingPicture[Overview]):
    """Joins the watches of all namespaces, the nodes' metrics and every URL."""

    FRAME = 0.2  # a cluster is not watched move by move

    def __init__(
        self,
        kube: KubeClient,
        store: Store,
        target: Target,
        *,
        metrics_beat: float = METRICS_BEAT,
        urls_beat: float = URLS_BEAT,
    ) -> None:
        """The beats are in seconds."""
        super().__init__(Overview(cluster=target.cluster, link=store.link))
        self._kube = kube
        self._store = store
        self._target = target
        self._metrics = Metrics(kube, pods=False, beat=metrics_beat)
        self._urls = Urls(target, beat=urls_beat)
        self._bad = BadPods()
        self._subscriptions: dict[str, Subscription[Any]] = {}
        self._stack = AsyncExitStack()
        self._server = ""
        self._complete = False

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            for kind, selector, fields in _KINDS:
                found = self._store.subscribe(kind, selector=selector, fields=fields)
                stack.callback(found.close)
                self._subscriptions[kind.name] = found
            await stack.enter_async_context(self._metrics)
            await stack.enter_async_context(self._urls)
            self._stack = stack.pop_all()
        self._start("overview", self._store, self._metrics, self._urls)
        self._spawn("overview version", self._ask_version())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop()
        await self._stack.aclose()

    @property
    def complete(self) -> bool:
        """There is a first answer about every kind, and the picture shows it."""
        return self._complete

    @property
    def checking(self) -> bool:
        """URLs that have not been asked yet."""
        return any(row.checked is None for row in self._urls.rows)

    def retry_now(self) -> None:
        """Ask everything anew."""
        self._store.retry_now()
        self._metrics.retry_now()
        self._urls.retry_now()

    # -- keeping up

    async def _ask_version(self) -> None:
        try:
            self._server = (await self._kube.server_version()).git_version
        except KubeError:
            return  # the link tells that the cluster is away
        self._news.set()

    def _changes_at(self) -> datetime | None:
        return self._bad.changes_at

    def _items(self, kind: Kind[Any]) -> list[Any]:
        return list(self._subscriptions[kind.name].items.values())

    async def _picture(self) -> None:
        self._urls.of(self._items(INGRESSES))
        # Asked beforehand: what is answered while the picture is made is in the next one.
        answered = all(self._answered(name) for name in self._subscriptions)
        view = await self._in_turns(self._steps(datetime.now(UTC)))
        news, self._complete = answered and not self._complete, answered
        self._show(view, news=news)

    def _steps(self, now: datetime) -> Generator[None, None, Overview]:
        """The picture, pausing every few pods; what is looked at is copied first, for the store goes on."""
        pods, ingresses, services = self._items(PODS), self._items(INGRESSES), self._items(SERVICES)
        rows = yield from node_steps(self._items(NODES), pods, self._metrics.node)
        bad, struck = yield from self._bad.steps(pods, self._items(REPLICASETS), self._items(JOBS), now)
        unused = yield from ingress_steps(ingresses, services, pods)
        yield
        namespaces = len({pod.metadata.namespace for pod in pods})
        yield
        return Overview(
            cluster=self._target.cluster,
            version=self._server,
            nodes=tuple(rows),
            problems=(
                *node_problems(rows),
                *bad,
                *release_problems(self._items(SECRETS), now),
                *url_problems(self._urls.rows, ingresses),
                *event_problems(self._items(EVENTS), now),
                *unused,
                *singletons(self._items(DEPLOYMENTS)),
            ),
            pods=len(pods),
            bad_pods=struck,
            namespaces=namespaces,
            gaps=tuple(self._gaps()),
            link=self._store.link,
            synced=all(self._answered(name) for name in _NEEDED),
        )

    def _answered(self, name: str) -> bool:
        found = self._subscriptions[name]
        return found.synced or isinstance(found.error, Forbidden | ApiAbsent)

    def _gaps(self) -> list[Gap]:
        errors = {name: found.error for name, found in self._subscriptions.items()}
        gaps = [
            Gap(pane=name, reason=error.what, hint=error.hint)
            for name, error in errors.items()
            if isinstance(error, Forbidden | ApiAbsent)
        ]
        nodes = self._metrics.nodes_error
        if isinstance(nodes, Forbidden | ApiAbsent):
            gaps.append(Gap(pane="usage of nodes", reason=nodes.what, hint=nodes.hint))
        return gaps
