"""From a target to its cluster's transport; what that needs of libraries is loaded in a thread."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from lain_tui.core.kube.access import Access, Settings
from lain_tui.core.kube.calls import Trace
from lain_tui.core.target import Target

if TYPE_CHECKING:
    from lain_tui.core.kube.transport import Transport


async def open_transport(target: Target, on_request: Callable[[Trace], None] | None) -> Transport:
    """The connections to the target's cluster, none of them made yet.

    Raises LainError for a kubeconfig that cannot be read.
    """
    # Together these imports take as long as the app's first frame: they run in a thread beside it.
    return await asyncio.to_thread(_make_transport, target, on_request)


def _make_transport(target: Target, on_request: Callable[[Trace], None] | None) -> Transport:
    transport = importlib.import_module("lain_tui.core.kube.transport")
    made: Transport = transport.Transport(Access(_loader(target)), on_request)
    return made


def _loader(target: Target) -> Callable[[bool], Awaitable[Settings]]:
    """What makes the connection's settings, by the shortest way that knows the kubeconfig."""
    plain = importlib.import_module("lain_tui.core.kube.plain_kubeconfig")
    settings: Settings | None = plain.read_plain(target.kubeconfig, target.context)
    if settings is not None:
        return _answer(settings)
    kubeconfig = importlib.import_module("lain_tui.core.kube.kubeconfig")
    load: Callable[[bool], Awaitable[Settings]] = (
        kubeconfig.Kubeconfig(target.kubeconfig, target.context).load
        if target.kubeconfig
        else kubeconfig.load_in_cluster
    )
    return load


def _answer(settings: Settings) -> Callable[[bool], Awaitable[Settings]]:
    """A loader for what never changes."""

    async def load(renew: bool) -> Settings:
        return settings

    return load
