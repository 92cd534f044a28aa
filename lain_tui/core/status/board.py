"""The living picture of one app: what the cluster says, joined, as often as it is worth while.

async with StatusBoard(kube, store, target) as board:
    seen = board.version
    while True:
        draw(board.view(), board.finding())
        seen = await board.changed(seen)
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any, Self

import msgspec

from lain_tui.core.insight.urls import BEAT as URLS_BEAT
from lain_tui.core.insight.urls import Urls
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.metrics import BEAT as METRICS_BEAT
from lain_tui.core.kube.metrics import Metrics
from lain_tui.core.kube.resources import Kind
from lain_tui.core.kube.store import Store
from lain_tui.core.model.description import Description
from lain_tui.core.model.finding import Finding
from lain_tui.core.model.meta import PartialObject
from lain_tui.core.model.status import ProcRow, StatusView
from lain_tui.core.picture import LivingPicture
from lain_tui.core.status.describe import describe
from lain_tui.core.status.document import as_yaml
from lain_tui.core.status.findings import Findings
from lain_tui.core.status.head import Head
from lain_tui.core.status.sources import Sources
from lain_tui.core.status.view import ProcBoard
from lain_tui.core.target import Target


class StatusBoard(LivingPicture[StatusView]):
    """Joins the watches, the metrics, the URLs and the release into pictures. Belongs to one event loop."""

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
        super().__init__(
            StatusView(app=target.app, cluster=target.cluster, namespace=target.namespace, link=store.link)
        )
        self._kube = kube
        self._store = store
        self._target = target
        self._sources = Sources(store, target)
        selector = self._sources.selector
        self._metrics = Metrics(kube, target.namespace, selector=selector, nodes=False, beat=metrics_beat)
        self._urls = Urls(target, beat=urls_beat)
        self._head = Head(kube, store, target)
        self._findings = Findings(kube, self._sources, self._metrics, target)
        self._procs = ProcBoard(target.release or target.app)
        self._made_from: object = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            stack.enter_context(self._sources)
            await stack.enter_async_context(self._metrics)
            await stack.enter_async_context(self._urls)
            await stack.enter_async_context(self._head)
            stack.push_async_callback(self._findings.close)
            self._stack = stack.pop_all()
        self._start("status", self._store, self._metrics, self._urls, self._head, self._findings)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop()
        await self._stack.aclose()

    # -- what is shown

    def worst(self) -> str:
        """The uid of the pod or proc that most needs a look; empty when all is well."""
        return self._findings.worst(self._view)

    def finding(self, uid: str = "") -> Finding | None:
        """Why a pod or a proc is unhealthy, by its uid; of the worst one when empty. None when nothing is wrong.

        Answers at once with what is known, and has the missing evidence fetched: when it is there, `version` grows.
        """
        return self._findings.of(uid or self.worst(), self._view)

    @property
    def fetching(self) -> bool:
        """Evidence for a finding that was asked about is still on its way."""
        return self._findings.fetching

    def retry_now(self) -> None:
        """Ask everything anew: the cluster, the metrics, the URLs, the evidence."""
        self._store.retry_now()
        self._metrics.retry_now()
        self._urls.retry_now()

    # -- single objects

    async def describe(self, kind: Kind[Any], name: str, namespace: str) -> Description:
        """All there is to say of one object, with its events. Raises KubeError."""
        body = await self._kube.get_raw(kind, name, namespace)
        uid = msgspec.json.decode(body, type=PartialObject).metadata.uid
        return describe(kind.name, body, self._sources.events_of(uid, name), datetime.now(UTC))

    async def yaml(self, kind: Kind[Any], name: str, namespace: str) -> str:
        """One object as YAML, managed fields hidden and a Secret's values masked. Raises KubeError."""
        body = await self._kube.get_raw(kind, name, namespace)
        return await asyncio.to_thread(as_yaml, body)

    # -- keeping up

    def _changes_at(self) -> datetime | None:
        return self._procs.changes_at

    async def _picture(self) -> None:
        """Make the picture anew where something it shows has changed, and tell if it differs."""
        now = datetime.now(UTC)
        sources = self._sources
        self._urls.of(sources.ingresses)
        procs = await self._make_procs(now)
        gaps = [*sources.gaps()]
        for pane, error in (("metrics", self._metrics.error), ("release", self._head.error)):
            if gap := sources.gap(pane, error):
                gaps.append(gap)
        view = StatusView(
            app=self._target.app,
            cluster=self._target.cluster,
            namespace=self._target.namespace,
            release=self._head.head,
            procs=procs,
            urls=self._urls.rows,
            gaps=tuple(gaps),
            link=self._store.link,
            synced=sources.settled,
        )
        self._show(view, news=self._findings.news(sources.events_version))

    async def _make_procs(self, now: datetime) -> tuple[ProcRow, ...]:
        key = (self._sources.workload_versions(), self._metrics.version, self._head.version)
        due = self._procs.changes_at
        minute = now.replace(second=0, microsecond=0)
        if self._made_from == (key, minute) and (due is None or now < due):
            return self._view.procs
        self._made_from = (key, minute)
        return await self._in_turns(
            self._procs.steps(self._sources.objects(), now, head=self._head.head, measure=self._metrics.pod)
        )
