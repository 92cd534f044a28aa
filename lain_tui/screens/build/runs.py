"""The builds of this run of the app, and which of them is shown."""

from __future__ import annotations

from lain_tui.core.model.build import RunView
from lain_tui.core.operations.build import ImageBuild
from lain_tui.screens.operations import Operations, Running


class Runs:
    """They belong to the app: a screen looks at them, and comes and goes."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self._chosen: ImageBuild | None = None
        """The build that is shown; None for the newest."""

    def __bool__(self) -> bool:
        return bool(self._all)

    @property
    def _all(self) -> list[tuple[Running, ImageBuild]]:
        """Oldest first."""
        return [
            (running, running.operation)
            for running in self._operations.all
            if isinstance(running.operation, ImageBuild)
        ]

    @property
    def under_way(self) -> Running | None:
        return next((running for running, _ in self._all if not running.over), None)

    @property
    def shown(self) -> tuple[Running, ImageBuild] | None:
        there = self._all
        return next((one for one in there if one[1] is self._chosen), there[-1] if there else None)

    def views(self) -> tuple[list[RunView], int]:
        """Every build, oldest first, and the place of the one that is shown."""
        there, shown = self._all, self.shown
        place = there.index(shown) if shown is not None else 0
        return [build.progress.view() for _, build in there], place

    def has_made(self, image: str) -> bool:
        """Whether one of them has made that image."""
        return any(running.succeeded and build.build.image == image for running, build in self._all)

    def start(self, build: ImageBuild) -> None:
        """Begin one, and show it."""
        self._chosen = None
        self._operations.start(build)

    def step(self, by: int) -> bool:
        """Show an older one (-1) or a newer one (1); False when there is none at all."""
        there, shown = self._all, self.shown
        if shown is None:
            return False
        place = max(0, min(there.index(shown) + by, len(there) - 1))
        # The newest stays the newest, whatever is begun after it.
        self._chosen = there[place][1] if place < len(there) - 1 else None
        return True
