"""When a release's Deployments had rolled out, where the cluster still knows it: for what others deployed.

A Deployment's condition `Progressing` with the reason `NewReplicaSetAvailable` was last updated when the last new pod was
available; scaling and dying pods do not touch it, another rollout does. Stateful and daemon sets keep no such time. So it is
known only while nobody has changed a pod template past helm since.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.helm.objects import Rendered
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.resources import DAEMONSETS, DEPLOYMENTS, STATEFULSETS, Kind
from lain_tui.core.model.managed import ManagedFields
from lain_tui.core.model.meta import Condition, KubeStruct
from lain_tui.core.model.workload import DeploymentSpec, DeploymentStatus

_KINDS: dict[str, Kind[Any]] = {kind.name: kind for kind in (DEPLOYMENTS, STATEFULSETS, DAEMONSETS)}
_MOST = 30
"""Workloads that are looked at; of a larger release nothing is said."""
_RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"


class _Metadata(KubeStruct, frozen=True, kw_only=True):
    managed_fields: tuple[ManagedFields, ...] | None = None


class _Workload(KubeStruct, frozen=True, kw_only=True):
    """A Deployment, and as much of the other kinds as they have in common with it."""

    metadata: _Metadata = _Metadata()
    spec: DeploymentSpec = DeploymentSpec()
    status: DeploymentStatus = DeploymentStatus()


_workload = msgspec.json.Decoder(_Workload)


async def rolled_out(
    kube: KubeClient, namespace: str, objects: Sequence[Rendered], began: datetime
) -> float | None:
    """Seconds from `began`, the server's time, until the newest revision's Deployments were ready.

    None where that is not known, or may not be read, and where no pod was replaced.
    """
    wanted = [one for one in objects if one.kind in _KINDS and "helm.sh/hook" not in one.annotations]
    if not wanted or len(wanted) > _MOST:
        return None
    try:
        lives = await asyncio.gather(*(_read(kube, namespace, one) for one in wanted))
    except LainError:
        return None
    moments: list[datetime] = []
    for one, live in zip(wanted, lives, strict=True):
        if not _touched(live, began):
            continue
        moment = _ready_at(one, live) if one.kind == DEPLOYMENTS.name else None
        if moment is None:
            return None
        if moment >= began:  # the API's times have no fractions: it may have been the same second
            moments.append(moment)
    return (max(moments) - began).total_seconds() if moments else None


async def _read(kube: KubeClient, namespace: str, one: Rendered) -> _Workload:
    return _workload.decode(await kube.get_raw(_KINDS[one.kind], one.name, namespace))


def _touched(live: _Workload, began: datetime) -> bool:
    """Somebody wrote it since, helm or not."""
    return any(
        entry.subresource == "" and entry.time is not None and entry.time >= began
        for entry in live.metadata.managed_fields or ()
    )


def _ready_at(one: Rendered, live: _Workload) -> datetime | None:
    """When its last rollout was complete; None when it is not, or when that rollout was not the release's."""
    if live.spec.paused or len(_template_writers(live)) > 1 or _images(one) != _live_images(live):
        return None
    if _RESTARTED_AT in (live.spec.template.metadata.annotations or {}):
        return None
    conditions = {condition.type: condition for condition in live.status.conditions or ()}
    rolled = conditions.get("Progressing")
    if rolled is None or rolled.reason != "NewReplicaSetAvailable":
        return None
    return rolled.last_update_time if _is_probed(one) or _stayed_up(conditions, rolled) else None


def _is_probed(one: Rendered) -> bool:
    return all("readinessProbe" in container for container in _containers(one))


def _stayed_up(conditions: Mapping[str, Condition], rolled: Condition) -> bool:
    """What nothing probes is available the moment it begins: it must not have been away since."""
    available, moment = conditions.get("Available"), rolled.last_update_time
    if available is None or not available.is_true or available.last_transition_time is None or moment is None:
        return False
    return available.last_transition_time <= moment


def _template_writers(live: _Workload) -> set[str]:
    entries = live.metadata.managed_fields or ()
    return {entry.manager for entry in entries if b'"f:template"' in bytes(entry.fields_v1)}


def _live_images(live: _Workload) -> dict[str, str]:
    return {container.name: container.image for container in live.spec.template.spec.containers or ()}


def _images(one: Rendered) -> dict[str, str]:
    return {str(container.get("name")): str(container.get("image")) for container in _containers(one)}


def _containers(one: Rendered) -> list[dict[str, Any]]:
    template = (one.body.get("spec") or {}).get("template") or {}
    return (template.get("spec") or {}).get("containers") or []
