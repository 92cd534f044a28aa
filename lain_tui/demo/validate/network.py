"""What services, ingresses and network policies may not say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .causes import (
    PORT_RANGE,
    PROTOCOLS,
    Cause,
    Obj,
    duplicate,
    host_name,
    invalid,
    label_name,
    labels,
    one_of,
    port,
    required,
    subdomain,
)

_TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]
_PATH_TYPES = ["Exact", "ImplementationSpecific", "Prefix"]
_IN_NO_PATH = ("//", "/./", "/../", "%2f", "%2F")


def service(spec: Obj) -> Iterator[Cause]:
    ports, kind = spec.get("ports") or [], spec.get("type", "ClusterIP")
    if not ports and spec.get("clusterIP") != "None" and kind != "ExternalName":
        yield required("spec.ports")
    if kind == "ExternalName" and not spec.get("externalName"):
        yield required("spec.externalName")
    names: set[str] = set()
    for i, each in enumerate(ports):
        yield from _service_port(each, f"spec.ports[{i}]", len(ports) > 1, names)
    yield from labels("spec.selector", spec.get("selector") or {})
    yield from one_of("spec.sessionAffinity", spec.get("sessionAffinity", "None"), ["ClientIP", "None"])
    yield from one_of("spec.type", kind, _TYPES)
    taken: set[Any] = set()
    for i, each in enumerate(ports):
        place = (each.get("protocol", "TCP"), each.get("port"))
        if place in taken:
            shown = {"Name": "", "Protocol": place[0], "AppProtocol": None, "Port": place[1]}
            yield duplicate(f"spec.ports[{i}]", {**shown, "TargetPort": 0, "NodePort": 0})
        taken.add(place)


def _service_port(each: Obj, path: str, named: bool, names: set[str]) -> Iterator[Cause]:
    name = each.get("name", "")
    if not name:
        if named:
            yield required(f"{path}.name")
    else:
        yield from label_name(f"{path}.name", name)
        if name in names:
            yield duplicate(f"{path}.name", name)
        names.add(name)
    if not 1 <= each.get("port", 0) <= 65535:
        yield invalid(f"{path}.port", each.get("port", 0), PORT_RANGE)
    yield from one_of(f"{path}.protocol", each.get("protocol", "TCP"), PROTOCOLS)
    yield from port(f"{path}.targetPort", each.get("targetPort") or 0)


def ingress(spec: Obj) -> Iterator[Cause]:
    if not spec.get("rules") and not spec.get("defaultBackend"):
        why = "either `defaultBackend` or `rules` must be specified"
        yield invalid("spec", spec.get("rules"), why)
    for i, tls in enumerate(spec.get("tls") or []):
        for j, host in enumerate(tls.get("hosts") or []):
            yield from host_name(f"spec.tls[{i}].hosts[{j}]", host)
        if tls.get("secretName"):
            yield from subdomain(f"spec.tls[{i}].secretName", tls["secretName"])
    for i, rule in enumerate(spec.get("rules") or []):
        if rule.get("host"):
            yield from host_name(f"spec.rules[{i}].host", rule["host"])
        for j, path in enumerate((rule.get("http") or {}).get("paths") or []):
            yield from _path(path, f"spec.rules[{i}].http.paths[{j}]")


def _path(path: Obj, field: str) -> Iterator[Cause]:
    kind, given = path.get("pathType"), path.get("path", "")
    if not kind:
        yield required(f"{field}.pathType", "pathType must be specified")
        return
    if kind not in _PATH_TYPES:
        yield from one_of(f"{field}.pathType", kind, _PATH_TYPES)
    elif kind != "ImplementationSpecific" or given:
        if not given.startswith("/"):
            yield invalid(f"{field}.path", given, "must be an absolute path")
        else:
            for bad in _IN_NO_PATH if kind != "ImplementationSpecific" else ():
                if bad in given:
                    yield invalid(f"{field}.path", given, f"must not contain '{bad}'")
    yield from _backend(path.get("backend") or {}, f"{field}.backend")


def _backend(backend: Obj, field: str) -> Iterator[Cause]:
    found = backend.get("service")
    if found is None:
        if not backend.get("resource"):
            yield invalid(field, "", "resource or service backend is required")
        return
    given = found.get("port") or {}
    if not found.get("name"):
        yield required(f"{field}.service.name")
    if given.get("name") and given.get("number"):
        yield invalid(field, "", "cannot set both port name & port number")
    elif given.get("number"):
        yield from port(f"{field}.service.port.number", given["number"])
    elif not given.get("name"):
        yield required(field, "port name or number is required")


def network_policy(spec: Obj) -> Iterator[Cause]:
    for i, kind in enumerate(spec.get("policyTypes") or []):
        yield from one_of(f"spec.policyTypes[{i}]", kind, ["Ingress", "Egress"])
