"""Which pods and procs a label selector of the user's means."""

from __future__ import annotations

from collections.abc import Sequence

from lain_tui.core.errors import LainError
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.resources import PODS
from lain_tui.core.kube.store import Store
from lain_tui.core.model.status import SERVING
from lain_tui.core.model.text import listed
from lain_tui.core.status.board import StatusBoard
from lain_tui.core.target import Target
from lain_tui.core.triage.podstate import TERMINAL


async def pods_selected(kube: KubeClient, target: Target, selectors: Sequence[str]) -> list[str]:
    """The names of the app's pods that any of the selectors is true of. Raises LainError when there are none."""
    found: dict[str, None] = {}
    for selector in selectors:
        words = f"app.kubernetes.io/name={target.app},{selector}"
        for pod in await kube.list(PODS, target.namespace, selector=words):
            if pod.status.phase not in TERMINAL and pod.metadata.deletion_timestamp is None:
                found[pod.metadata.name] = None
    if not found:
        raise LainError(f"no pod of {target.app} has the labels {listed(selectors, last='or')}")
    return list(found)


async def procs_selected(kube: KubeClient, target: Target, selector: str) -> list[str]:
    """The procs that have a pod with these labels. Raises LainError when none has."""
    pods = set(await pods_selected(kube, target, [selector]))
    async with Store(kube) as store, StatusBoard(kube, store, target) as board:
        view = await board.first_view()
    return [row.name for row in view.procs if row.kind in SERVING and pods & {pod.name for pod in row.pods}]
