"""The living picture of a cluster.

async with OverviewBoard(kube, store, target) as board:
    seen = board.version
    while True:
        draw(board.view())
        seen = await board.changed(seen)
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Self

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
)
from lain_tui.core.kube.store import Store
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
from lain_tui.core.overview.watches import Watches
from lain_tui.core.picture import LivingPicture
from lain_tui.core.target import Target

METRICS_BEAT = 30.0
URLS_BEAT = 60.0


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
        self._stack = AsyncExitStack()
        self._server = ""
        self._complete = False

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self._watches = Watches(self._store, self._target.namespace)
            stack.callback(self._watches.close)
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

    async def _picture(self) -> None:
        self._watches.narrow()
        self._urls.of(self._watches.items(INGRESSES))
        # Asked beforehand: what is answered while the picture is made is in the next one.
        answered = self._watches.answered
        view = await self._in_turns(self._steps(datetime.now(UTC)))
        news, self._complete = answered and not self._complete, answered
        self._show(view, news=news)

    def _steps(self, now: datetime) -> Generator[None, None, Overview]:
        """The picture, pausing every few pods; what is looked at is copied first, for the store goes on."""
        items, synced, blind = self._watches.items, self._watches.synced, self._watches.blind
        pods, ingresses, services = items(PODS), items(INGRESSES), items(SERVICES)
        rows = yield from node_steps(items(NODES), pods, self._metrics.node)
        bad, struck = yield from self._bad.steps(pods, items(REPLICASETS), items(JOBS), now)
        # One whose pods may not be seen is not known to have none.
        judged = [one for one in ingresses if self._watches.sees(one.metadata.namespace, PODS, SERVICES)]
        unused = yield from ingress_steps(judged, services, pods)
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
                *release_problems(items(SECRETS), now),
                *url_problems(self._urls.rows, ingresses),
                *event_problems(items(EVENTS), now),
                *unused,
                *singletons(items(DEPLOYMENTS)),
            ),
            pods=len(pods),
            bad_pods=struck,
            namespaces=namespaces,
            gaps=tuple(self._gaps()),
            namespace=self._watches.namespace,
            blind=blind.what if blind is not None else "",
            link=self._store.link,
            synced=synced,
        )

    def _gaps(self) -> Iterator[Gap]:
        yield from self._watches.gaps()
        nodes = self._metrics.nodes_error
        if isinstance(nodes, ApiAbsent) or (isinstance(nodes, Forbidden) and self._watches.items(NODES)):
            yield Gap(pane="usage of nodes", reason=nodes.what, hint=nodes.hint)
