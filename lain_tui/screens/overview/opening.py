"""The screens behind the lines of the overview."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from lain_tui.screens.places import Context
from lain_tui.widgets.canvas import Line

if TYPE_CHECKING:
    from lain_tui.core.model.overview import Problem
    from lain_tui.core.operations.removal import Removal
    from lain_tui.screens.detail import DetailScreen
    from lain_tui.screens.operation import OperationScreen
    from lain_tui.screens.status.screen import StatusScreen


def status_of(context: Context, namespace: str, app: str) -> StatusScreen:
    """The app's Status; the app that one came from keeps its chart, and all that can be done with it."""
    from lain_tui.screens.status.screen import StatusScreen
    from lain_tui.screens.status.source import ClusterSource

    target = context.target
    if (namespace, app) != (target.namespace, target.app):
        target = msgspec.structs.replace(target, namespace=namespace, app=app, release=app, chart=None)
    return StatusScreen(ClusterSource(context.session, target, context.settings), back=True)


def description_of(context: Context, kind: str, name: str, namespace: str) -> DetailScreen:
    """Any object, described."""
    from lain_tui.screens.detail import DetailScreen

    async def load() -> list[Line]:
        from lain_tui.core.status.describe import fetch_description
        from lain_tui.screens.status.source import described

        return described(await fetch_description(context.session.kube, kind, name, namespace))

    return DetailScreen("description", f"{kind} {name}", load)


def removal_of(context: Context, problems: Sequence[Problem]) -> OperationScreen:
    """The plan of deleting what they are about."""
    from lain_tui.screens.operation import OperationScreen

    async def prepare() -> Removal:
        from lain_tui.core.operations.removal import Removal

        kube, _ = await context.session.opened()
        return await Removal.of_problems(kube, context.target, problems)

    return OperationScreen(context.session.operations, "delete", prepare)
