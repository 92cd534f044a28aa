"""What a real server refuses, in its words (k8s.io/kubernetes/pkg/apis/*/validation). Not all of it: what people run into."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from . import errors
from .kinds import (
    CLUSTER_ROLE_BINDING,
    CONFIG_MAP,
    CRON_JOB,
    DAEMON_SET,
    DEPLOYMENT,
    INGRESS,
    JOB,
    NAMESPACE,
    POD,
    REPLICA_SET,
    ROLE_BINDING,
    SECRET,
    SERVICE,
    STATEFUL_SET,
    Kind,
)
from .selectors import of_selector

Obj = dict[str, Any]
Cause = tuple[str, str, str]
"""reason, message, field"""

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_DNS1035 = r"[a-z]([-a-z0-9]*[a-z0-9])?"
_QUALIFIED = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_KEY = r"[-._a-zA-Z0-9]+"

_LABEL_MESSAGE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    f"with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{_LABEL}')"
)
_SUBDOMAIN_MESSAGE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    f"'{_SUBDOMAIN}')"
)
_DNS1035_MESSAGE = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    f"and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '{_DNS1035}')"
)
_VALUE_MESSAGE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_KEY_MESSAGE = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  "
    f"or 'key-name', regex used for validation is '{_KEY}')"
)
_IMMUTABLE = "field is immutable"


def _go(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _invalid(field: str, value: Any, why: str) -> Cause:
    return "FieldValueInvalid", f"Invalid value: {_go(value)}: {why}", field


def _required(field: str, why: str = "") -> Cause:
    return "FieldValueRequired", "Required value" + (f": {why}" if why else ""), field


def _forbidden(field: str, why: str) -> Cause:
    return "FieldValueForbidden", f"Forbidden: {why}", field


def _unsupported(field: str, value: Any, allowed: list[str]) -> Cause:
    listed = ", ".join(_go(each) for each in allowed)
    return "FieldValueNotSupported", f"Unsupported value: {_go(value)}: supported values: {listed}", field


def created(kind: Kind, obj: Obj) -> None:
    """Refuse what may not be created. ApiError 422 with every cause."""
    causes = [*_name(kind, obj), *_metadata(obj), *_body(kind, obj)]
    if causes:
        raise errors.invalid(kind, obj["metadata"].get("name", ""), causes)


def updated(kind: Kind, obj: Obj, old: Obj) -> None:
    """Refuse what an object may not become."""
    causes = [*_metadata(obj), *_finalizers(obj, old), *_immutable(kind, obj, old), *_body(kind, obj)]
    if causes:
        raise errors.invalid(kind, obj["metadata"]["name"], causes)


def _name(kind: Kind, obj: Obj) -> Iterator[Cause]:
    name = obj["metadata"].get("name", "")
    if not name:
        yield _required("metadata.name", "name or generateName is required")
        return
    if kind.group == "rbac.authorization.k8s.io":
        return
    if kind is SERVICE:
        form, message, longest = _DNS1035, _DNS1035_MESSAGE, 63
    elif kind is NAMESPACE:
        form, message, longest = _LABEL, _LABEL_MESSAGE, 63
    else:
        form, message, longest = _SUBDOMAIN, _SUBDOMAIN_MESSAGE, 253
    if len(name) > longest:
        yield _invalid("metadata.name", name, f"must be no more than {longest} characters")
    if not re.fullmatch(form, name):
        yield _invalid("metadata.name", name, message)


def _metadata(obj: Obj) -> Iterator[Cause]:
    for key, value in (obj["metadata"].get("labels") or {}).items():
        if not re.fullmatch(rf"({_SUBDOMAIN}/)?{_QUALIFIED}", key):
            yield _invalid(
                "metadata.labels", key, "name part must consist of alphanumeric characters, '-', '_' or '.'"
            )
        if len(value) > 63:
            yield _invalid("metadata.labels", value, "must be no more than 63 bytes")
        elif value and not re.fullmatch(_QUALIFIED, value):
            yield _invalid("metadata.labels", value, _VALUE_MESSAGE)


def _finalizers(obj: Obj, old: Obj) -> Iterator[Cause]:
    """Nothing more can hold up an object that is on its way out."""
    before = old["metadata"].get("finalizers") or []
    fresh = [name for name in obj["metadata"].get("finalizers") or [] if name not in before]
    if old["metadata"].get("deletionTimestamp") and fresh:
        listed = ", ".join(_go(name) for name in fresh)
        why = "no new finalizers can be added if the object is being deleted, found new finalizers"
        yield _forbidden("metadata.finalizers", f"{why} []string{{{listed}}}")


def _body(kind: Kind, obj: Obj) -> Iterator[Cause]:
    spec = obj.get("spec") or {}
    if kind is POD:
        yield from _pod_spec(spec, "spec")
    elif kind in (DEPLOYMENT, REPLICA_SET, STATEFUL_SET, DAEMON_SET):
        yield from _workload(spec)
    elif kind is JOB:
        yield from _job(spec, "spec")
    elif kind is CRON_JOB:
        if len(str(spec.get("schedule", "")).split()) != 5 and not str(spec.get("schedule", "")).startswith(
            "@"
        ):
            yield _invalid(
                "spec.schedule",
                spec.get("schedule", ""),
                "expected exactly 5 fields, found "
                f"{len(str(spec.get('schedule', '')).split())}: [{spec.get('schedule', '')}]",
            )
        yield from _job((spec.get("jobTemplate") or {}).get("spec") or {}, "spec.jobTemplate.spec")
    elif kind in (SECRET, CONFIG_MAP):
        for key in (*(obj.get("data") or {}), *(obj.get("binaryData") or {})):
            if not re.fullmatch(_KEY, key):
                yield _invalid(f"data[{key}]", key, _KEY_MESSAGE)
    elif kind is SERVICE:
        yield from _service(spec)
    elif kind is INGRESS:
        yield from _ingress(spec)


def _service(spec: Obj) -> Iterator[Cause]:
    ports = spec.get("ports") or []
    if not ports and spec.get("clusterIP") != "None" and spec.get("type") != "ExternalName":
        yield _required("spec.ports")
    for i, port in enumerate(ports):
        if len(ports) > 1 and not port.get("name"):
            yield _required(f"spec.ports[{i}].name")
        if not 1 <= port.get("port", 0) <= 65535:
            yield _invalid(
                f"spec.ports[{i}].port", port.get("port", 0), "must be between 1 and 65535, inclusive"
            )


def _ingress(spec: Obj) -> Iterator[Cause]:
    for i, rule in enumerate(spec.get("rules") or []):
        for j, path in enumerate((rule.get("http") or {}).get("paths") or []):
            if not path.get("pathType"):
                yield _required(f"spec.rules[{i}].http.paths[{j}].pathType", "pathType must be specified")
    if not spec.get("rules") and not spec.get("defaultBackend"):
        yield _invalid(
            "spec", spec.get("rules") or [], "either `defaultBackend` or `rules` must be specified"
        )


def _workload(spec: Obj) -> Iterator[Cause]:
    selector, template = spec.get("selector"), spec.get("template") or {}
    labels = (template.get("metadata") or {}).get("labels") or {}
    if spec.get("replicas", 0) < 0:
        yield _invalid("spec.replicas", spec["replicas"], "must be greater than or equal to 0")
    if not selector:
        yield _required("spec.selector")
    elif not of_selector(selector)({"metadata": {"labels": labels}}):
        yield _invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`")
    pod = template.get("spec") or {}
    yield from _pod_spec(pod, "spec.template.spec")
    if pod.get("restartPolicy", "Always") != "Always":
        yield _unsupported("spec.template.spec.restartPolicy", pod["restartPolicy"], ["Always"])


def _job(spec: Obj, path: str) -> Iterator[Cause]:
    pod = (spec.get("template") or {}).get("spec") or {}
    yield from _pod_spec(pod, f"{path}.template.spec")
    if pod.get("restartPolicy") == "Always":
        why = 'valid values: "OnFailure", "Never"'
        yield "FieldValueRequired", f"Required value: {why}", f"{path}.template.spec.restartPolicy"


def _pod_spec(spec: Obj, path: str) -> Iterator[Cause]:
    containers = spec.get("containers") or []
    volumes = {volume.get("name") for volume in spec.get("volumes") or []}
    if not containers:
        yield _required(f"{path}.containers")
    policy = spec.get("restartPolicy", "Always")
    if policy not in _RESTART_POLICIES:
        yield _unsupported(f"{path}.restartPolicy", policy, _RESTART_POLICIES)
    seen: set[str] = set()
    for group in ("initContainers", "containers"):
        for i, container in enumerate(spec.get(group) or []):
            yield from _container(container, f"{path}.{group}[{i}]", seen, volumes)


def _container(container: Obj, path: str, seen: set[str], volumes: set[Any]) -> Iterator[Cause]:
    name = container.get("name", "")
    if not name:
        yield _required(f"{path}.name")
    elif not re.fullmatch(_LABEL, name) or len(name) > 63:
        yield _invalid(f"{path}.name", name, _LABEL_MESSAGE)
    elif name in seen:
        yield "FieldValueDuplicate", f"Duplicate value: {_go(name)}", f"{path}.name"
    seen.add(name)
    if not container.get("image"):
        yield _required(f"{path}.image")
    policy = container.get("imagePullPolicy", "Always")
    if policy not in _PULL_POLICIES:
        yield _unsupported(f"{path}.imagePullPolicy", policy, _PULL_POLICIES)
    for i, variable in enumerate(container.get("env") or []):
        if not variable.get("name"):
            yield _required(f"{path}.env[{i}].name")
    for i, mount in enumerate(container.get("volumeMounts") or []):
        if mount.get("name") not in volumes:
            message = f"Not found: {_go(mount.get('name', ''))}"
            yield "FieldValueNotFound", message, f"{path}.volumeMounts[{i}].name"


_RESTART_POLICIES = ["Always", "OnFailure", "Never"]
_PULL_POLICIES = ["Always", "IfNotPresent", "Never"]
_POD_MUTABLE = (
    "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only "
    "additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was "
    "previously negative)"
)
_STATEFUL_MUTABLE = {
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
}


def _immutable(kind: Kind, obj: Obj, old: Obj) -> Iterator[Cause]:
    spec, was = obj.get("spec") or {}, old.get("spec") or {}
    if kind in (DEPLOYMENT, REPLICA_SET, DAEMON_SET) and spec.get("selector") != was.get("selector"):
        yield _invalid("spec.selector", spec.get("selector"), _IMMUTABLE)
    elif kind is JOB:
        for name in ("completions", "selector", "template", "completionMode"):
            if spec.get(name) != was.get(name) and not (was.get("suspend") and name == "template"):
                yield _invalid(f"spec.{name}", spec.get(name), _IMMUTABLE)
    elif kind is STATEFUL_SET:
        if any(spec.get(k) != was.get(k) for k in {*spec, *was} - _STATEFUL_MUTABLE):
            listed = (
                "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', "
                "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds'"
            )
            yield _forbidden(
                "spec", f"updates to statefulset spec for fields other than {listed} are forbidden"
            )
    elif kind is POD:
        if _frozen_pod(spec) != _frozen_pod(was):
            yield _forbidden("spec", f"pod updates may not change fields other than {_POD_MUTABLE}\n")
    elif kind is SERVICE:
        if (
            was.get("clusterIP")
            and spec.get("clusterIP") != was["clusterIP"]
            and spec.get("type") != "ExternalName"
        ):
            yield _invalid("spec.clusterIPs[0]", [spec.get("clusterIP", "")], "may not change once set")
    elif kind in (SECRET, CONFIG_MAP):
        yield from _sealed(kind, obj, old)
    elif kind in (ROLE_BINDING, CLUSTER_ROLE_BINDING) and obj.get("roleRef") != old.get("roleRef"):
        yield _invalid("roleRef", obj.get("roleRef"), "cannot change roleRef")


def _sealed(kind: Kind, obj: Obj, old: Obj) -> Iterator[Cause]:
    if kind is SECRET and obj.get("type") != old.get("type"):
        yield _invalid("type", obj.get("type"), _IMMUTABLE)
    if old.get("immutable"):
        if not obj.get("immutable"):
            yield _forbidden("immutable", "field is immutable when `immutable` is set")
        if obj.get("data") != old.get("data"):
            yield _forbidden("data", "field is immutable when `immutable` is set")


def _frozen_pod(spec: Obj) -> Obj:
    """Give the part of a pod's spec that no update may change."""
    frozen = {
        k: v
        for k, v in spec.items()
        if k not in ("activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "nodeName")
        and k not in ("ephemeralContainers", "schedulingGates")
    }
    for group in ("containers", "initContainers"):
        if group in frozen:
            frozen[group] = [
                {k: v for k, v in container.items() if k not in ("image", "resources")}
                for container in frozen[group]
            ]
    return frozen
