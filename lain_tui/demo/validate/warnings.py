"""What a server takes but warns of, in Warning headers."""

from __future__ import annotations

from collections.abc import Iterator

from ..kinds import CRON_JOB, DAEMON_SET, DEPLOYMENT, JOB, POD, REPLICA_SET, STATEFUL_SET, Kind
from ..quantity import value
from .causes import Obj, label_complaints

_TEMPLATE = "spec.template.spec"
_PATHS = {
    POD: "spec",
    CRON_JOB: f"spec.jobTemplate.{_TEMPLATE}",
    **dict.fromkeys((DEPLOYMENT, REPLICA_SET, STATEFUL_SET, DAEMON_SET, JOB), _TEMPLATE),
}
_NAMING = (POD, DEPLOYMENT, REPLICA_SET, JOB, CRON_JOB)
"""Kinds whose names become their pods'."""


def warned(kind: Kind, obj: Obj) -> list[str]:
    """The warnings for an object that is created or whose spec is changed."""
    path = _PATHS.get(kind)
    if path is None:
        return []
    spec = obj
    for name in path.split("."):
        spec = spec.get(name) or {}
    return [*_host_name(kind, obj["metadata"]["name"]), *_pod(spec, path)]


def _host_name(kind: Kind, name: str) -> Iterator[str]:
    wrong = [*label_complaints(name)]
    if wrong and kind in _NAMING:
        what = "the Pod's hostname" if kind is POD else "Pod names and hostnames"
        why = "which can result in surprising behavior; a DNS label is recommended"
        yield f"metadata.name: this is used in {what}, {why}: [{' '.join(wrong)}]"


def _pod(spec: Obj, path: str) -> Iterator[str]:
    for i, secret in enumerate(spec.get("imagePullSecrets") or []):
        if not secret.get("name"):
            yield f'{path}.imagePullSecrets[{i}].name: invalid empty name ""'
    for group in ("initContainers", "containers"):
        for i, container in enumerate(spec.get(group) or []):
            yield from _container(container, f"{path}.{group}[{i}]")
    if spec.get("terminationGracePeriodSeconds", 0) < 0:
        why = "must be >= 0; negative values are invalid and will be treated as 1"
        yield f"{path}.terminationGracePeriodSeconds: {why}"


def _container(container: Obj, path: str) -> Iterator[str]:
    seen: set[str] = set()
    for i, variable in enumerate(container.get("env") or []):
        name = variable.get("name", "")
        if name in seen:
            why = f'hides previous definition of "{name}", which may be dropped when using apply'
            yield f"{path}.env[{i}]: {why}"
        seen.add(name)
    for group in ("limits", "requests"):
        amount = ((container.get("resources") or {}).get(group) or {}).get("memory")
        if amount and value(amount) % 1:
            why = f'fractional byte value "{amount}" is invalid, must be an integer'
            yield f"{path}.resources.{group}[memory]: {why}"
