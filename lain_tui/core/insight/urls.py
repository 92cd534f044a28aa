"""An app's URLs on a slow beat: all asked at once, beside everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from lain_tui.core.insight.addresses import Address, addresses
from lain_tui.core.kube.change import Change
from lain_tui.core.model.network import Ingress
from lain_tui.core.model.status import UrlRow
from lain_tui.core.model.text import plain
from lain_tui.core.target import Target

if TYPE_CHECKING:
    from lain_tui.core.insight.probe import Prober

BEAT = 30.0
"""Seconds between two rounds."""
_AT_ONCE = 64


class Urls:
    """The rows of the URLs, kept up while in `async with`."""

    def __init__(self, target: Target, *, beat: float = BEAT, prober: Prober | None = None) -> None:
        """`beat` is in seconds; `prober` asks, None for one with the system's certificate authorities."""
        self._target = target
        self._beat = beat
        self._prober = prober
        self._addresses: tuple[Address, ...] = ()
        self._rows: dict[str, UrlRow] = {}
        self._change = Change()
        self._wake = Change()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="urls")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        if self._prober is not None:
            await self._prober.close()

    @property
    def rows(self) -> tuple[UrlRow, ...]:
        """One a URL, in order; one that was not asked yet has no status and no cause."""
        return tuple(self._rows.get(address.url) or _unasked(address) for address in self._addresses)

    @property
    def version(self) -> int:
        """Grows with every round that changed a row."""
        return self._change.count

    async def changed(self, seen: int) -> int:
        """Wait until `version` differs from `seen`, and return it."""
        return await self._change.since(seen)

    def of(self, ingresses: Iterable[Ingress]) -> None:
        """The ingresses as they are now; new URLs are asked at once."""
        fresh = addresses(ingresses, self._target)
        if fresh == self._addresses:
            return
        known = {address.url for address in self._addresses}
        self._addresses = fresh
        urls = {address.url for address in fresh}
        self._rows = {url: row for url, row in self._rows.items() if url in urls}
        self._change.tell()
        if urls - known:
            self._wake.tell()

    def retry_now(self) -> None:
        """Ask all now and not at the next beat."""
        self._wake.tell()

    async def _run(self) -> None:
        while True:
            woken = self._wake.count
            if self._addresses:
                await self._ask_all()
            try:
                async with asyncio.timeout(self._beat):
                    await self._wake.since(woken)
            except TimeoutError:
                pass

    async def _ask_all(self) -> None:
        if self._prober is None:
            # aiohttp takes long to import: not while the first picture is being painted.
            self._prober = (await asyncio.to_thread(_import_prober))()
        slots = asyncio.Semaphore(_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for address in self._addresses:
                group.create_task(self._ask(self._prober, address, slots))

    async def _ask(self, prober: Prober, address: Address, slots: asyncio.Semaphore) -> None:
        async with slots:
            self._rows[address.url] = await prober.ask(address)
            self._change.tell()


def _unasked(address: Address) -> UrlRow:
    return UrlRow(url=plain(address.url), ingress=plain(address.ingress), namespace=plain(address.namespace))


def _import_prober() -> type[Prober]:
    from lain_tui.core.insight.probe import Prober

    return Prober
