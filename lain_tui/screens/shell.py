"""A shell in a pod: the app steps aside, lends its terminal, and comes back as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.screens.hosting import HostApp, stepped_aside

if TYPE_CHECKING:
    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.shell.place import Place
    from lain_tui.core.target import Target


async def open_shell(app: HostApp, kube: KubeClient, target: Target, name: str) -> str:
    """A shell in the pod or proc named, after asking which container where there are several.

    Returns a word about how it ended; empty when it never began. Raises LainError.
    """
    from lain_tui.core.shell.place import find_place
    from lain_tui.core.shell.session import KILLED, NoShell, at_terminal, fate_of

    place = await find_place(kube, target, name)
    if place.others:
        chosen = await _which(app, place)
        if not chosen:
            return ""
        place = msgspec.structs.replace(place, container=chosen)
    try:
        with stepped_aside(app):
            terminal = _terminal()
            print(f"{place.name}  ·  exit or ctrl+d comes back to lain-tui", flush=True)
            code = await at_terminal(kube, place, (), terminal)
    except NoShell:
        return await _open_debug(app, kube, target, place)
    if code == KILLED and (fate := await fate_of(kube, place)):
        raise LainError(fate)
    return f"The shell in {place.name} ended" + (f" with exit code {code}" if code else "")


async def _open_debug(app: HostApp, kube: KubeClient, target: Target, place: Place) -> str:
    from lain_tui.core.operations.operation import typed_name
    from lain_tui.core.shell.debug import IMAGE, add_debug_container, attach
    from lain_tui.screens.confirm import ConfirmScreen

    question = ConfirmScreen(
        f"{place.name} has no shell. Add a debug container?",
        [f"add an ephemeral container of {IMAGE} to pod {place.pod}, beside {place.container}"],
        warning="It stays in the pod, idle, until the pod goes.",
        answer=typed_name(target),
    )
    if not await app.push_screen_wait(question):
        return ""
    app.notify(f"Waiting for the debug container in {place.pod}", markup=False)
    debug = await add_debug_container(kube, place)
    with stepped_aside(app):
        await attach(kube, debug, _terminal())
    return f"The debug container in {place.pod} ended"


async def _which(app: HostApp, place: Place) -> str:
    from lain_tui.screens.choose import ChooseScreen

    names = (place.container, *place.others)
    return await app.push_screen_wait(ChooseScreen(f"Shell in {place.pod}", names))


def _terminal() -> Any:
    from lain_tui.core.shell.terminal import Terminal

    terminal = Terminal.of_process()
    if terminal is None:
        raise LainError("there is no terminal here that could be lent")
    return terminal
