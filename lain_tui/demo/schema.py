"""Which fields there are, of what type, and how their lists merge.

Fields are read from the official Python client's generated models, as text: importing 800 modules of them takes over a
second, reading the few that a request needs takes a millisecond. How lists merge (patchMergeKey, listMapKeys) the models
don't tell: those tables are from the Kubernetes OpenAPI document (x-kubernetes-* extensions).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

Shape = Literal["scalar", "object", "map", "list", "any"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its shape, the model of what is in it ("" when scalar), and its scalar type as JSON knows it."""

    name: str
    shape: Shape
    model: str = ""
    scalar: str = "string"
    nested_list: bool = False


Fields = dict[str, Field]

_SCALARS = {
    "str": "string",
    "bytes": "bytes",
    "bytearray": "bytes",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "datetime": "time",
}
_ENTRY = re.compile(r"""^\s+["'](\w+)["']: ["'](.+?)["'],?$""", re.MULTILINE)


@cache
def _models() -> Path:
    spec = find_spec("kubernetes")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the kubernetes client is not installed")
    return Path(spec.submodule_search_locations[0]) / "client" / "models"


def _file_name(model: str) -> str:
    """Turn V1HTTPGetAction into v1_http_get_action, as the generator does."""
    text = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", model)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text).lower() + ".py"


@cache
def source(model: str) -> str:
    """Give the text of a model's module, or "" when the client has none of that name."""
    path = _models() / _file_name(model)
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _section(text: str, name: str) -> dict[str, str]:
    found = re.search(rf"^    {name}\b[^\n]*= \{{\n(.*?)^    \}}", text, re.MULTILINE | re.DOTALL)
    return dict(_ENTRY.findall(found[1])) if found else {}


DECLARED: dict[str, Fields] = {}
"""Models of kinds that somebody has defined, which no client knows."""


def fields(model: str) -> Fields:
    """Give the fields of a model by their JSON names; empty when the model is unknown, or open to any field."""
    return DECLARED[model] if model in DECLARED else _read(model)


@cache
def _read(model: str) -> Fields:
    text = source(model)
    names = _section(text, "attribute_map")
    return {
        names.get(attribute, attribute): _field(names.get(attribute, attribute), kind)
        for attribute, kind in _section(text, "openapi_types").items()
    }


def _field(name: str, kind: str) -> Field:
    listed = re.fullmatch(r"[Ll]ist\[(.+)\]", kind)
    if listed:
        inner = _field(name, listed[1])
        return Field(name, "list", inner.model, inner.scalar, nested_list=inner.shape == "list")
    mapped = re.fullmatch(r"[Dd]ict(?:\[|\()str, (.+)[\])]", kind)
    if mapped:
        inner = _field(name, mapped[1])
        return Field(name, "map", inner.model, inner.scalar if inner.shape == "scalar" else "any")
    if kind in _SCALARS:
        return Field(name, "scalar", "", _SCALARS[kind])
    if kind == "object":
        return Field(name, "any", "", "any")
    return Field(name, "object", kind)


PATCH_KEYS: dict[tuple[str, str], str] = {
    ("V1ObjectMeta", "ownerReferences"): "uid",
    ("V1PodSpec", "containers"): "name",
    ("V1PodSpec", "initContainers"): "name",
    ("V1PodSpec", "ephemeralContainers"): "name",
    ("V1PodSpec", "volumes"): "name",
    ("V1PodSpec", "imagePullSecrets"): "name",
    ("V1PodSpec", "hostAliases"): "ip",
    ("V1PodSpec", "topologySpreadConstraints"): "topologyKey",
    ("V1PodSpec", "schedulingGates"): "name",
    ("V1PodSpec", "resourceClaims"): "name",
    ("V1Container", "env"): "name",
    ("V1Container", "ports"): "containerPort",
    ("V1Container", "volumeMounts"): "mountPath",
    ("V1Container", "volumeDevices"): "devicePath",
    ("V1EphemeralContainer", "env"): "name",
    ("V1EphemeralContainer", "ports"): "containerPort",
    ("V1EphemeralContainer", "volumeMounts"): "mountPath",
    ("V1EphemeralContainer", "volumeDevices"): "devicePath",
    ("V1ServiceSpec", "ports"): "port",
    ("V1ServiceAccount", "secrets"): "name",
    ("V1PodStatus", "podIPs"): "ip",
    ("V1PodStatus", "hostIPs"): "ip",
    ("V1NodeStatus", "addresses"): "type",
}
"""patchMergeKey by (model, field), for strategic merge patch. All ``conditions`` merge by ``type`` besides."""

PATCH_SETS: set[tuple[str, str]] = {("V1ObjectMeta", "finalizers"), ("V1NodeSpec", "podCIDRs")}
"""Lists of scalars that a strategic merge patch adds to."""

RETAIN_KEYS: set[tuple[str, str]] = {("V1DeploymentSpec", "strategy"), ("V1PodSpec", "volumes")}
"""Fields with patchStrategy retainKeys."""

LIST_KEYS: dict[tuple[str, str], tuple[str, ...]] = {
    **{where: (key,) for where, key in PATCH_KEYS.items()},
    ("V1Container", "ports"): ("containerPort", "protocol"),
    ("V1EphemeralContainer", "ports"): ("containerPort", "protocol"),
    ("V1ServiceSpec", "ports"): ("port", "protocol"),
    ("V1PodSpec", "topologySpreadConstraints"): ("topologyKey", "whenUnsatisfiable"),
    ("V1ResourceRequirements", "claims"): ("name",),
}
"""listMapKeys by (model, field), for server-side apply; lists in neither table are atomic."""
del LIST_KEYS[("V1PodStatus", "hostIPs")]

LIST_SETS: set[tuple[str, str]] = {("V1ObjectMeta", "finalizers"), ("V1NodeSpec", "podCIDRs")}

ATOMIC_MODELS: set[str] = {
    "CoreV1EndpointPort",
    "DiscoveryV1EndpointPort",
    "RbacV1Subject",
    "V1ConfigMapKeySelector",
    "V1CrossVersionObjectReference",
    "V1EndpointAddress",
    "V1FileKeySelector",
    "V1LabelSelector",
    "V1LocalObjectReference",
    "V1NodeSelector",
    "V1NodeSelectorTerm",
    "V1ObjectFieldSelector",
    "V1ObjectReference",
    "V1OwnerReference",
    "V1ResourceFieldSelector",
    "V1RoleRef",
    "V1ScopeSelector",
    "V1SecretKeySelector",
    "V1SecretReference",
    "V1ServiceBackendPort",
    "V1TypedLocalObjectReference",
}
"""Models that server-side apply owns as a whole (x-kubernetes-map-type: atomic)."""

ATOMIC_MAPS: set[tuple[str, str]] = {
    ("V1PodSpec", "nodeSelector"),
    ("V1ServiceSpec", "selector"),
    ("V1ReplicationControllerSpec", "selector"),
}

DEFAULT_KEYS: dict[str, str] = {"protocol": "TCP"}
"""What a list key that is absent counts as."""

QUANTITIES = {
    "limits",
    "requests",
    "capacity",
    "allocatable",
    "hard",
    "used",
    "overhead",
    "default",
    "allocatedResources",
}
"""Maps whose values are quantities: a number is as good as a string there."""


def patch_key(model: str, name: str) -> str:
    """Give the key a list merges by in a strategic merge patch; "" when the patch's list replaces it."""
    return "type" if name == "conditions" else PATCH_KEYS.get((model, name), "")


def list_keys(model: str, name: str) -> tuple[str, ...]:
    """Give the keys that tell items of a list apart for server-side apply; empty for an atomic list."""
    return ("type",) if name == "conditions" else LIST_KEYS.get((model, name), ())


def required(model: str) -> set[str]:
    """Name the fields an object of this model can't do without."""
    found = set()
    names = _section(source(model), "attribute_map")
    for attribute, name in names.items():
        line = re.search(rf"^    {attribute}: (.+)$", source(model), re.MULTILINE)
        if line and not line[1].startswith("Optional["):
            found.add(name)
    return found


def describe(model: str) -> tuple[str, dict[str, str]]:
    """Give the documentation of a model and of its fields."""
    text = source(model)
    head = re.search(r'^class \w+\(.*?\):\n    """\n    (.*?)\n', text, re.MULTILINE)
    names = _section(text, "attribute_map")
    about: dict[str, str] = {}
    for attribute, name in names.items():
        line = re.search(rf'^    {attribute}: .*?description="((?:[^"\\]|\\.)*)"', text, re.MULTILINE)
        if line:
            about[name] = line[1].replace('\\"', '"').replace("\\n", "\n")
    return (head[1] if head else ""), about
