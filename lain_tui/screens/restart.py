"""Restarting from a screen: which way first, then the plan."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from textual.app import App

from lain_tui.core.model.text import counted
from lain_tui.screens.operation import OperationScreen

if TYPE_CHECKING:
    from lain_tui.core.operations.restart import Restart
    from lain_tui.core.target import Target
    from lain_tui.screens.session import Session

_WAYS = {
    "graceful": "one by one; stops at the first that does not come back",
    "rollout": "new pods beside the old ones, as for a new version",
    "at once": "every pod is deleted now",
}


async def ask_to_restart(
    app: App[Any],
    session: Session,
    target: Target,
    *,
    procs: Collection[str] = (),
    pods: Collection[str] = (),
) -> None:
    """Ask for the way, and open the screen that plans and does it: for the pods named, else for the procs."""
    from lain_tui.core.operations.restart import Restart, Way
    from lain_tui.screens.choose import ChooseScreen

    subject = counted(len(pods), "pod") if len(pods) != 1 else next(iter(pods))
    if not pods:
        subject = ", ".join(procs)
    # A rollout replaces all pods of a proc: there is no such thing for some of them.
    ways = [way for way in _WAYS if not pods or way != "rollout"]
    chosen = await app.push_screen_wait(ChooseScreen(f"Restart {subject}", ways, about=_WAYS))
    if not chosen:
        return

    async def prepare() -> Restart:
        kube, _ = await session.opened()
        return await Restart.prepare(kube, target, procs=procs, pods=pods, way=Way(chosen))

    app.push_screen(OperationScreen(session.operations, f"restart {subject}", prepare))
