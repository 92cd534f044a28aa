"""The live picture of an app's jobs."""

from __future__ import annotations

from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from lain_tui.core.jobs.list import work_of
from lain_tui.core.kube.resources import CRONJOBS, JOBS, PODS
from lain_tui.core.kube.store import Store, Subscription
from lain_tui.core.model.jobs import Work
from lain_tui.core.model.pod import Pod
from lain_tui.core.model.status import Link
from lain_tui.core.model.workload import CronJob, Job
from lain_tui.core.target import Target


class JobsBoard:
    """Watches cronjobs and jobs, and how their pods end, for as long as it is open."""

    def __init__(self, store: Store, target: Target) -> None:
        self._store = store
        self._target = target
        self._version = -1
        selector = f"app.kubernetes.io/name={target.app}"
        self._crons: Subscription[CronJob] = store.subscribe(
            CRONJOBS, namespace=target.namespace, selector=selector
        )
        self._pods: Subscription[Pod] = store.subscribe(PODS, namespace=target.namespace, selector=selector)
        self._jobs: Subscription[Job] = store.subscribe(JOBS, namespace=target.namespace, selector=selector)

    async def __aenter__(self) -> Self:
        await self._crons.settled()
        await self._jobs.settled()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._crons.close()
        self._jobs.close()
        self._pods.close()

    @property
    def link(self) -> Link:
        return self._store.link

    def work(self) -> list[Work]:
        """As `list_work`, of what is known now."""
        self._version = self._store.version
        return work_of(
            self._crons.items.values(),
            self._jobs.items.values(),
            self._pods.items.values(),
            self._target.release,
            datetime.now(UTC),
        )

    async def changed(self) -> None:
        """Wait until something differs from the last picture."""
        await self._store.changed(self._version)
