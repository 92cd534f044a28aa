"""The connection that the screens share: opened off the first paint, held open, tried again when it cannot be."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from lain_tui.core.errors import LainError
from lain_tui.core.model.status import Link

if TYPE_CHECKING:
    from lain_tui.core.forward.forwards import Forwards
    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.kube.store import Store
    from lain_tui.core.secrets.desk import Papers
    from lain_tui.core.target import Target
    from lain_tui.screens.operations import Operations

_RETRY = 5.0
"""Seconds between attempts to read a kubeconfig that could not be read."""


class Session:
    """One cluster's client and store, and the changes under way. `run` holds them open; screens wait for `opened`."""

    def __init__(self, target: Target, operations: Operations) -> None:
        self.target = target
        self.operations = operations
        self.error: LainError | None = None
        """Why the kubeconfig cannot be used; a server out of reach is the store's to tell (`store.link`)."""
        self.link = Link(live=False)
        self._forwards: Forwards | None = None
        self.papers: dict[tuple[str, str], Papers] = {}
        """Drafts of Secrets by namespace and app: they stay when their screen is left."""
        self._opened = asyncio.Event()
        self._news = asyncio.Condition()
        self._again = asyncio.Event()
        self._parts: tuple[KubeClient, Store] | None = None

    async def run(self) -> None:
        """Open, and hold open until cancelled."""
        # These bring the Kubernetes and HTTP libraries: a thread, so that the first frames stay smooth.
        KubeClient, Store = await asyncio.to_thread(_load)
        while True:
            try:
                async with KubeClient.open(self.target) as kube, Store(kube) as store:
                    self._parts = kube, store
                    # What has been loaded by now stays: looking through it again and again would hold up keys.
                    gc.freeze()
                    await self._tell(None)
                    self._opened.set()
                    try:
                        await asyncio.Event().wait()
                    finally:
                        if self._forwards is not None:
                            await self._forwards.close()
            except LainError as error:
                await self._tell(error)
            self._again.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._again.wait(), _RETRY)

    async def _tell(self, error: LainError | None) -> None:
        self.error = error
        reason = str(error) if error else ""
        retry_at = datetime.now(UTC) + timedelta(seconds=_RETRY) if error else None
        self.link = Link(live=False, reason=reason, retry_at=retry_at)
        async with self._news:
            self._news.notify_all()

    async def changed(self) -> None:
        """Wait until opening has failed, or succeeded."""
        async with self._news:
            await self._news.wait()

    async def opened(self) -> tuple[KubeClient, Store]:
        """Wait for the client and the store."""
        await self._opened.wait()
        assert self._parts is not None
        return self._parts

    def unapplied(self) -> tuple[list[str], bool]:
        """What each draft that was not applied does, and whether they outlive the app."""
        from lain_tui.core.model.text import listed

        words = [
            f"{draft.ref.title}: {listed(list(draft.changes), most=6)}"
            for papers in self.papers.values()
            for draft in papers.unapplied
        ]
        return words, all(papers.safe for papers in self.papers.values())

    @property
    def forwards(self) -> Forwards:
        """Ports of pods on this machine; they stay while one goes from screen to screen, and end with the app."""
        if self._forwards is None:
            from lain_tui.core.forward.forwards import Forwards

            self._forwards = Forwards()
        return self._forwards

    @property
    def kube(self) -> KubeClient:
        """The client; a LainError while there is none."""
        if self._parts is None:
            raise LainError("not connected yet", hint=str(self.error) if self.error else "")
        return self._parts[0]

    def retry_now(self) -> None:
        self._again.set()
        if self._parts is not None:
            self._parts[1].retry_now()


def _load() -> tuple[type[KubeClient], type[Store]]:
    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.kube.store import Store

    return KubeClient, Store
