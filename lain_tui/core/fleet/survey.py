"""How an app stands on each of its clusters; all asked at once, told as they answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime
from typing import Any

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.fleet.targets import Unresolved, is_same
from lain_tui.core.helm.releases import current_head
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import Forbidden
from lain_tui.core.kube.resources import DAEMONSETS, DEPLOYMENTS, STATEFULSETS, Kind
from lain_tui.core.model.fleet import ProcStanding, Standing
from lain_tui.core.model.status import ReleaseHead
from lain_tui.core.model.text import spell
from lain_tui.core.status.owners import proc_of
from lain_tui.core.status.rollout import (
    Rollout,
    daemon_set_rollout,
    deployment_rollout,
    stateful_set_rollout,
)
from lain_tui.core.status.sources import APP_LABEL
from lain_tui.core.target import Target
from lain_tui.core.triage.pulls import image_tag

PATIENCE = 10.0
"""Seconds that a cluster is given."""
_SERVING: tuple[tuple[Kind[Any], Any], ...] = (
    (DEPLOYMENTS, deployment_rollout),
    (STATEFULSETS, stateful_set_rollout),
    (DAEMONSETS, daemon_set_rollout),
)


async def survey(
    targets: Collection[Target | Unresolved], here: Target, *, patience: float = PATIENCE
) -> AsyncIterator[Standing]:
    """The standing on each cluster as it is known. Raises nothing but cancellation: a failure is a standing, too."""
    tasks = [asyncio.ensure_future(_ask(one, here, patience)) for one in targets]
    try:
        for answer in asyncio.as_completed(tasks):
            yield await answer
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _ask(target: Target | Unresolved, here: Target, patience: float) -> Standing:
    if isinstance(target, Unresolved):
        return Standing(cluster=target.cluster, error=target.reason)
    blank = Standing(
        cluster=target.cluster,
        namespace=target.namespace,
        current=is_same(target, here),
        protected=target.protected,
        read_only=target.read_only,
    )
    try:
        async with asyncio.timeout(patience), KubeClient.open(target) as kube:
            return await _look(kube, target, blank)
    except TimeoutError:
        return _failed(blank, f"no answer within {spell(patience)}")
    except LainError as error:
        return _failed(blank, str(error))


def _failed(blank: Standing, reason: str) -> Standing:
    return msgspec.structs.replace(blank, error=reason)


async def _look(kube: KubeClient, target: Target, blank: Standing) -> Standing:
    procs, head, version = await asyncio.gather(
        _procs(kube, target), _head(kube, target), kube.server_version()
    )
    return msgspec.structs.replace(
        blank,
        revision=head.revision if head is not None else 0,
        status=head.status if head is not None else "",
        image_tag=(head.image_tag if head is not None else "") or next((one.image_tag for one in procs), ""),
        user=head.user if head is not None else "",
        updated=head.updated if head is not None else None,
        version=version.git_version,
        procs=tuple(procs),
    )


async def _procs(kube: KubeClient, target: Target) -> list[ProcStanding]:
    now = datetime.now(UTC)
    selector = f"{APP_LABEL}={target.app}"
    answers = await asyncio.gather(
        *(kube.list(kind, target.namespace, selector=selector) for kind, _ in _SERVING)
    )
    found = []
    for (_, judge), items in zip(_SERVING, answers, strict=True):
        for item in items:
            rollout: Rollout = judge(item, now)
            containers = item.spec.template.spec.containers
            found.append(
                ProcStanding(
                    name=proc_of(item, target.release or target.app),
                    summary=rollout.summary,
                    severity=rollout.severity,
                    image_tag=image_tag(containers[0].image) if containers else "",
                )
            )
    return sorted(found, key=lambda proc: proc.name)


async def _head(kube: KubeClient, target: Target) -> ReleaseHead | None:
    """The release; None where it may not be read, or its record is damaged."""
    try:
        return await current_head(kube, target.namespace, target.release or target.app)
    except Forbidden:
        return None
