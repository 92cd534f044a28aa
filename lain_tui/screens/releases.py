"""Where the History and Deploy screens get what they show, and the changes they can begin."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol

from lain_tui.core.model.diff import ReleaseDiff
from lain_tui.core.model.finding import Finding
from lain_tui.core.model.release import Revision
from lain_tui.core.model.status import StatusView
from lain_tui.core.target import Target

if TYPE_CHECKING:
    from lain_tui.core.helm.history import History
    from lain_tui.core.operations.candidate import Choice
    from lain_tui.core.operations.checks import OnCheck
    from lain_tui.core.operations.operation import Operation
    from lain_tui.screens.deploy.choices import Choices
    from lain_tui.screens.history.pane import Shown, View
    from lain_tui.screens.operations import Operations
    from lain_tui.screens.session import Session


class Board(Protocol):
    """The living picture of the app, as far as a rollout needs it."""

    def view(self) -> StatusView: ...

    def finding(self, uid: str = "") -> Finding | None: ...

    @property
    def version(self) -> int: ...

    async def changed(self, seen: int) -> int: ...


class Planned(Protocol):
    """A deploy that could be begun."""

    @property
    def plan(self) -> Any: ...

    @property
    def diff(self) -> ReleaseDiff: ...

    @property
    def before(self) -> int:
        """The revision to go back to; 0 when there is none."""

    @property
    def choice(self) -> Choice:
        """What was chosen, to plan it again."""

    async def still_holds(self) -> None:
        """Raises Refused when the release has changed since the diff was made, and KubeError."""

    def run(self) -> AsyncIterator[Any]: ...


class Releases(Protocol):
    """One app's release. Everything that asks the cluster raises LainError."""

    target: Target

    @property
    def operations(self) -> Operations: ...

    async def revisions(self) -> list[Revision]:
        """Newest first, from metadata."""

    def details(self, revisions: Sequence[Revision]) -> AsyncIterator[tuple[Revision, str]]:
        """More of each, with the subject of its commit."""

    async def load(self, view: View, revision: Revision, other: Revision | None) -> Shown:
        """What stands beneath the list."""

    async def choices(self, target: Target) -> Choices:
        """What can be deployed."""

    async def prepare(self, target: Target, choice: Choice, on_check: OnCheck) -> Planned:
        """Plan a deploy."""

    async def rollback(self, revision: int) -> Operation:
        """Plan to go back."""

    def board(self) -> AbstractAsyncContextManager[Board]:
        """The app as it lives."""


class ClusterReleases:
    """On a real cluster. Core is imported once it is needed."""

    def __init__(self, session: Session, target: Target) -> None:
        self.target = target
        self._session = session
        self._history: History | None = None

    @property
    def operations(self) -> Operations:
        return self._session.operations

    async def _opened(self) -> History:
        if self._history is None:
            kube, _ = await self._session.opened()
            from lain_tui.core.helm.history import History

            target = self.target
            self._history = History(kube, target.namespace, target.release or target.app)
        return self._history

    async def revisions(self) -> list[Revision]:
        return await (await self._opened()).revisions()

    async def details(self, revisions: Sequence[Revision]) -> AsyncIterator[tuple[Revision, str]]:
        from lain_tui.core.project.git import find_commit

        folder = self.target.chart.parent if self.target.chart is not None else None
        async for one in (await self._opened()).details(revisions):
            commit = await find_commit(folder, one.image_tag) if folder is not None else None
            yield one, commit.subject if commit is not None else ""

    async def load(self, view: View, revision: Revision, other: Revision | None) -> Shown:
        from lain_tui.screens.history.pane import load

        return await load(self._session.kube, await self._opened(), view, revision, other)

    async def choices(self, target: Target) -> Choices:
        kube, _ = await self._session.opened()
        from lain_tui.screens.deploy.choices import find_choices

        return await find_choices(kube, target)

    async def prepare(self, target: Target, choice: Choice, on_check: OnCheck) -> Planned:
        from lain_tui.core.operations.deploy import Deploy

        return await Deploy.prepare(self._session.kube, target, choice, on_check=on_check)

    async def rollback(self, revision: int) -> Operation:
        from lain_tui.core.operations.rollback import Rollback

        return await Rollback.prepare(self._session.kube, self.target, revision)

    @asynccontextmanager
    async def board(self) -> AsyncIterator[Board]:
        kube, store = await self._session.opened()
        from lain_tui.core.status.board import StatusBoard

        async with StatusBoard(kube, store, self.target) as board:
            yield board
