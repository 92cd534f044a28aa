"""The values that two clusters' releases of an app were deployed with, held to each other."""

from __future__ import annotations

import asyncio
from typing import Any

from lain_tui.core.diff.text import diff_lines
from lain_tui.core.diff.written import written
from lain_tui.core.errors import LainError
from lain_tui.core.helm.releases import list_revisions, read_revision
from lain_tui.core.helm.values import whole_values
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.model.diff import DiffLine
from lain_tui.core.model.values import MASK
from lain_tui.core.target import Target
from lain_tui.core.values.tree import hidden


async def differing_values(here: Target, there: Target) -> tuple[DiffLine, ...]:
    """What is otherwise there, as helm's templates saw it; secrets are never shown, only that they differ.

    Raises LainError when one of the two has no release, or may not be asked.
    """
    return masked_diff(*await asyncio.gather(_values(here), _values(there)))


def masked_diff(old: dict[str, Any], new: dict[str, Any]) -> tuple[DiffLine, ...]:
    """What is otherwise in the newer values, secrets masked."""
    old, new = _masked(old, new)
    return diff_lines(written(old), written(new))


async def _values(target: Target) -> dict[str, Any]:
    try:
        return await _deployed_with(target)
    except LainError as error:
        raise LainError(error.what, where=target.cluster, hint=error.hint) from None


async def _deployed_with(target: Target) -> dict[str, Any]:
    release = target.release or target.app
    async with KubeClient.open(target) as kube:
        revisions = await list_revisions(kube, target.namespace, release)
        if not revisions:
            raise LainError(f"there is no release {release} in namespace {target.namespace}")
        return whole_values(await read_revision(kube, target.namespace, release, revisions[0].revision))


def _masked(old: Any, new: Any, key: str = "") -> tuple[Any, Any]:
    """Both with their secrets masked; two that differ by masks that do."""
    if isinstance(old, dict) or isinstance(new, dict):
        left, right = (each if isinstance(each, dict) else {} for each in (old, new))
        pairs = {name: _masked(left.get(name), right.get(name), str(name)) for name in {**left, **right}}
        return (
            {name: pairs[name][0] for name in left} if isinstance(old, dict) else hidden(old, key),
            {name: pairs[name][1] for name in right} if isinstance(new, dict) else hidden(new, key),
        )
    masked = hidden(old, key), hidden(new, key)
    if masked[0] == masked[1] == MASK and old != new:
        return MASK, f"{MASK} (another)"
    return masked
