"""What a container may not say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..quantity import value as amount
from .causes import (
    PORT_RANGE,
    PROTOCOLS,
    Cause,
    Obj,
    duplicate,
    forbidden,
    go,
    invalid,
    label_name,
    not_negative,
    one_of,
    port,
    port_name,
    required,
)

PULL_POLICIES = ["Always", "IfNotPresent", "Never"]
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_PROBE_NUMBERS = (
    "initialDelaySeconds",
    "timeoutSeconds",
    "periodSeconds",
    "successThreshold",
    "failureThreshold",
)
_FIELDS = {
    *("metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName"),
    *("status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"),
}
_STANDARD = ("cpu", "memory", "ephemeral-storage")


def container(container: Obj, path: str, seen: set[str], volumes: set[Any]) -> Iterator[Cause]:
    """Check one container; ``seen`` are the names before it, ``volumes`` the pod's."""
    name = container.get("name", "")
    if not name:
        yield required(f"{path}.name")
    else:
        yield from label_name(f"{path}.name", name)
        if name in seen:
            yield duplicate(f"{path}.name", name)
    seen.add(name)
    if not container.get("image"):
        yield required(f"{path}.image")
    yield from _ports(container.get("ports") or [], f"{path}.ports")
    for i, variable in enumerate(container.get("env") or []):
        yield from _variable(variable, f"{path}.env[{i}]")
    for source in container.get("envFrom") or []:
        if not source.keys() & {"configMapRef", "secretRef"}:
            why = "must specify one of: `configMapRef` or `secretRef`"
            yield invalid(f"{path}.envFrom", "", why)
    yield from _mounts(container.get("volumeMounts") or [], f"{path}.volumeMounts", volumes)
    yield from one_of(f"{path}.imagePullPolicy", container.get("imagePullPolicy", "Always"), PULL_POLICIES)
    yield from _resources(container.get("resources") or {}, f"{path}.resources")
    for name in PROBES:
        if name in container:
            yield from _probe(container[name], f"{path}.{name}", once=name != "readinessProbe")


def _ports(ports: list[Obj], path: str) -> Iterator[Cause]:
    names: set[str] = set()
    for i, each in enumerate(ports):
        name, number = each.get("name", ""), each.get("containerPort", 0)
        wrong = list(port_name(f"{path}[{i}].name", name)) if name else []
        yield from wrong
        if name and not wrong:
            if name in names:
                yield duplicate(f"{path}[{i}].name", name)
            names.add(name)
        if number == 0:
            yield required(f"{path}[{i}].containerPort")
        elif not 1 <= number <= 65535:
            yield invalid(f"{path}[{i}].containerPort", number, PORT_RANGE)
        yield from one_of(f"{path}[{i}].protocol", each.get("protocol", "TCP"), PROTOCOLS)


def _variable(variable: Obj, path: str) -> Iterator[Cause]:
    name, source = variable.get("name", ""), variable.get("valueFrom") or {}
    if not name:
        yield required(f"{path}.name")
    elif "=" in name or not re.fullmatch("[ -~]+", name):
        why = (
            "a valid environment variable name must consist only of printable ASCII characters other than '='"
        )
        yield invalid(f"{path}.name", name, why)
    if source and variable.get("value"):
        yield invalid(f"{path}.valueFrom", "", "may not be specified when `value` is not empty")
    field = (source.get("fieldRef") or {}).get("fieldPath")
    if field and field not in _FIELDS and not re.fullmatch(r"metadata\.(labels|annotations)\['.+'\]", field):
        why = f"error converting fieldPath: field label not supported: {field}"
        yield invalid(f"{path}.valueFrom.fieldRef.fieldPath", field, why)


def _mounts(mounts: list[Obj], path: str, volumes: set[Any]) -> Iterator[Cause]:
    paths: set[str] = set()
    for i, mount in enumerate(mounts):
        name, place, inner = mount.get("name", ""), mount.get("mountPath", ""), mount.get("subPath", "")
        if not name:
            yield required(f"{path}[{i}].name")
        if name not in volumes:
            yield "FieldValueNotFound", f"Not found: {go(name)}", f"{path}[{i}].name"
        if not place:
            yield required(f"{path}[{i}].mountPath")
        if place in paths:
            yield invalid(f"{path}[{i}].mountPath", place, "must be unique")
        paths.add(place)
        if inner.startswith("/"):
            yield invalid(f"{path}.subPath", inner, "must be a relative path")
        if ".." in inner.split("/"):
            yield invalid(f"{path}.subPath", inner, "must not contain '..'")


def _resources(resources: Obj, path: str) -> Iterator[Cause]:
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    for group, amounts in (("limits", limits), ("requests", requests)):
        for name, given in amounts.items():
            yield from _amount(name, given, f"{path}.{group}[{name}]")
    for name, given in requests.items():
        if name in limits and amount(given) > amount(limits[name]):
            yield invalid(
                f"{path}.requests", given, f"must be less than or equal to {name} limit of {limits[name]}"
            )


def _amount(name: str, given: str, path: str) -> Iterator[Cause]:
    if "/" not in name and name not in _STANDARD and not name.startswith("hugepages-"):
        yield invalid(path, name, "must be a standard resource type or fully qualified")
        yield invalid(path, name, "must be a standard resource for containers")
    if amount(given) < 0:
        yield invalid(path, given, "must be greater than or equal to 0")
    if "/" in name and amount(given) % 1:
        yield invalid(path, given, "must be an integer")


def _probe(probe: Obj, path: str, *, once: bool) -> Iterator[Cause]:
    handlers = [name for name in _HANDLERS if name in probe]
    if not handlers:
        yield required(path, "must specify a handler type")
    for more in handlers[1:]:
        yield forbidden(f"{path}.{more}", "may not specify more than 1 handler type")
    for name in handlers[:1]:
        if name in ("httpGet", "tcpSocket"):
            yield from port(f"{path}.{name}.port", probe[name].get("port", 0))
    yield from not_negative(probe, path, _PROBE_NUMBERS)
    if once and probe.get("successThreshold", 1) != 1:
        yield invalid(f"{path}.successThreshold", probe["successThreshold"], "must be 1")
