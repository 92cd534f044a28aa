"""All forwards of a run: they belong to the app or command, and end with it."""

from __future__ import annotations

from collections.abc import Callable

from lain_tui.core.forward.forward import Forward
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.model.forwards import ForwardRow
from lain_tui.core.target import Target


class Forwards:
    """Started one by one; closed together, or one by one by their local port."""

    def __init__(self, on_change: Callable[[], object] = lambda: None) -> None:
        self._on_change = on_change
        self._all: dict[int, Forward] = {}

    def listen(self, on_change: Callable[[], object]) -> None:
        """Tell of every change from now on."""
        self._on_change = on_change

    @property
    def rows(self) -> list[ForwardRow]:
        return [each.row for _, each in sorted(self._all.items())]

    async def start(
        self, kube: KubeClient, target: Target, name: str, *, remote: int = 0, local: int = 0
    ) -> ForwardRow:
        """Forward to a proc or pod; `remote` 0 is the first port that its container declares, `local` 0 any free one.

        Raises LainError when it cannot.
        """
        forward = Forward(kube, target, name, remote, local, self._tell)
        await forward.start()
        self._all[forward.row.local] = forward
        self._tell()
        return forward.row

    def _tell(self) -> None:
        self._on_change()

    async def stop(self, local: int) -> None:
        """Close the one on that local port; none is no error."""
        if (forward := self._all.pop(local, None)) is not None:
            await forward.close()

    async def close(self) -> None:
        """Close all."""
        for local in list(self._all):
            await self.stop(local)
