"""What a pod's spec may not say."""

from __future__ import annotations

from collections.abc import Iterator

from .causes import (
    Cause,
    Obj,
    duplicate,
    forbidden,
    invalid,
    label_name,
    labels,
    one_of,
    required,
    subdomain,
)
from .containers import container

RESTART_POLICIES = ["Always", "OnFailure", "Never"]
_SOURCES = (
    *("emptyDir", "hostPath", "secret", "nfs", "persistentVolumeClaim", "configMap"),
    *("downwardAPI", "csi", "projected"),
)
_NAMED = {"secret": "secretName", "persistentVolumeClaim": "claimName", "configMap": "name"}
"""What a source must name, and in which field."""


def pod_spec(spec: Obj, path: str) -> Iterator[Cause]:
    yield from _volumes(spec.get("volumes") or [], f"{path}.volumes")
    if not spec.get("containers"):
        yield required(f"{path}.containers")
    volumes = {volume.get("name") for volume in spec.get("volumes") or []}
    seen: set[str] = set()
    for group in ("containers", "initContainers"):
        for i, each in enumerate(spec.get(group) or []):
            yield from container(each, f"{path}.{group}[{i}]", seen, volumes)
    yield from one_of(f"{path}.restartPolicy", spec.get("restartPolicy", "Always"), RESTART_POLICIES)
    yield from labels(f"{path}.nodeSelector", spec.get("nodeSelector") or {})
    if account := spec.get("serviceAccountName"):
        yield from subdomain(f"{path}.serviceAccountName", account)
    for name in ("hostname", "subdomain"):
        if spec.get(name):
            yield from label_name(f"{path}.{name}", spec[name])
    for i, toleration in enumerate(spec.get("tolerations") or []):
        yield from _toleration(toleration, f"{path}.tolerations[{i}].operator")


def _volumes(volumes: list[Obj], path: str) -> Iterator[Cause]:
    names: set[str] = set()
    for i, volume in enumerate(volumes):
        sources = [name for name in _SOURCES if name in volume]
        for more in sources[1:]:
            yield forbidden(f"{path}[{i}].{more}", "may not specify more than 1 volume type")
        for source in sources[:1]:
            field = _NAMED.get(source)
            if field and not (volume[source] or {}).get(field):
                yield required(f"{path}[{i}].{source}.{field}")
        name = volume.get("name", "")
        if not name:
            yield required(f"{path}[{i}].name")
        else:
            yield from label_name(f"{path}[{i}].name", name)
            if name in names:
                yield duplicate(f"{path}[{i}].name", name)
        names.add(name)


def _toleration(toleration: Obj, field: str) -> Iterator[Cause]:
    operator, value = toleration.get("operator", ""), toleration.get("value", "")
    if not toleration.get("key") and operator != "Exists":
        why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
        yield invalid(field, operator, why)
    if operator == "Exists" and value:
        yield invalid(field, value, "value must be empty when `operator` is 'Exists'")
