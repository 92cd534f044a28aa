"""How long a release took until every pod was ready: noted as a label beside helm's own, for the history to tell.

Helm gives a revision the labels of the one before it, so that the note says which revision it is about.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from lain_tui.core.errors import LainError
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.resources import SECRETS

_LABEL = "lain-tui/ready-after"
"""`15.42`: revision 15 was ready after 42 seconds."""


def ready_after(labels: Mapping[str, str], revision: int) -> float | None:
    """The seconds noted about that revision; None when nobody has."""
    noted, _, seconds = labels.get(_LABEL, "").partition(".")
    return float(seconds) if noted == str(revision) and seconds.isdigit() else None


async def note_ready(kube: KubeClient, namespace: str, release: str, revision: int, seconds: float) -> None:
    """Note it. What hinders that (a missing right, a lost connection) hinders no deploy, and is not told."""
    patch = {"metadata": {"labels": {_LABEL: f"{revision}.{seconds:.0f}"}}}
    with contextlib.suppress(LainError):
        await kube.patch(SECRETS, f"sh.helm.release.v1.{release}.v{revision}", patch, namespace)
