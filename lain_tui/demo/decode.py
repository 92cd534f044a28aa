"""From a request's body to an object: types checked, unknown fields found, quantities put in their stored form.

Wordings are those of sigs.k8s.io/json and the strict decoder.
"""

from __future__ import annotations

import re
from typing import Any

from . import errors, identity, quantity, schema, times
from .custom.decode import decode as custom
from .identity import go_type
from .kinds import Kind

Obj = dict[str, Any]

_GO_TYPES = {"string": "string", "integer": "int32", "number": "float64", "boolean": "bool"}

_ZERO_IS_NOTHING: dict[str, frozenset[str]] = {
    "V1DeploymentSpec": frozenset({"minReadySeconds", "paused"}),
    "V1StatefulSetSpec": frozenset({"minReadySeconds"}),
    "V1DaemonSetSpec": frozenset({"minReadySeconds"}),
    "V1ServiceSpec": frozenset({"publishNotReadyAddresses", "externalName", "externalIPs"}),
    "V1PodSpec": frozenset({
        "hostNetwork", "hostPID", "hostIPC", "hostname", "subdomain", "nodeSelector", "tolerations", "hostAliases",
        "imagePullSecrets", "volumes", "initContainers", "priorityClassName", "nodeName",
    }),
    "V1Container": frozenset({
        "command", "args", "env", "envFrom", "ports", "volumeMounts", "stdin", "stdinOnce", "tty", "workingDir",
    }),
    "V1EnvVar": frozenset({"value"}),
    "V1VolumeMount": frozenset({"readOnly", "subPath"}),
    "V1Probe": frozenset({"initialDelaySeconds"}),
    "V1ObjectMeta": frozenset({"labels", "annotations", "finalizers", "ownerReferences", "generateName"}),
}  # fmt: skip
"""Fields that Kubernetes does not store when they are zero, empty or false (`omitempty`, and no pointer in Go)."""


def decode(
    kind: Kind, body: Any, field_validation: str = "Warn", patch: str | None = None
) -> tuple[Obj, list[str]]:
    """Read a body as one object of ``kind``; give it without unknown fields, and the warnings to send along.

    ``field_validation`` is the query parameter: Ignore, Warn or Strict. ApiError 400 for a body of the wrong shape;
    422 when the body is what a patch made, whose text is ``patch``.
    """
    if kind.custom is not None:
        return custom(kind, body, field_validation)
    said = identity.other(kind, body) or kind
    name = f'{said.kind} in version "{said.version}" cannot be handled as a {kind.kind}'
    unknown: list[str] = []
    try:
        known = _object(body, said.model_name, "", unknown)
    except _TypeMismatchError as error:
        if patch is not None:
            raise errors.unfit_patch(patch, str(error)) from None
        raise errors.bad_request(f"{name}: {error}") from None
    if why := identity.misfit(kind, body):
        if patch is not None:
            raise errors.unfit_patch(patch, why.partition(": ")[2])
        raise errors.bad_request(why)
    known["apiVersion"], known["kind"] = kind.api_version, kind.kind
    if not isinstance(known.get("metadata"), dict):
        known["metadata"] = {}
    found = [f'unknown field "{path}"' for path in unknown]
    if found and field_validation == "Strict":
        raise errors.bad_request(f"{name}: strict decoding error: {', '.join(found)}")
    return known, found if field_validation == "Warn" else []


class _TypeMismatchError(Exception):
    pass


def _mismatch(value: Any, path: str, model: str, wanted: str) -> _TypeMismatchError:
    owner = model.removeprefix("V1") or "Object"
    return _TypeMismatchError(
        f"json: cannot unmarshal {go_type(value)} into Go struct field {owner}.{path.lstrip('.')} of type {wanted}"
    )


def _object(value: Obj, model: str, path: str, unknown: list[str]) -> Obj:
    known = schema.fields(model)
    if not known:
        return value
    result: Obj = {}
    for name, inner in value.items():
        field = known.get(name)
        if field is None:
            unknown.append(f"{path}.{name}".lstrip("."))
        elif inner is not None:
            result[name] = _value(inner, field, model, f"{path}.{name}", unknown)
            if not result[name] and name in _ZERO_IS_NOTHING.get(model, ()):
                del result[name]
    return result


def _value(value: Any, field: schema.Field, model: str, path: str, unknown: list[str]) -> Any:
    if field.shape == "any":
        return value
    if field.shape == "scalar":
        return _scalar(value, field.scalar, field.name, model, path)
    if field.shape == "object":
        if not isinstance(value, dict):
            if not schema.fields(field.model):
                return value
            raise _mismatch(value, path, model, "v1." + field.model.removeprefix("V1"))
        return _object(value, field.model, path, unknown)
    if field.shape == "list":
        return _items(value, field, model, path, unknown)
    if not isinstance(value, dict):
        raise _mismatch(value, path, model, "map[string]string")
    if field.model:
        return {k: _object(v, field.model, f"{path}.{k}", unknown) for k, v in value.items()}
    if field.scalar == "any":
        return value
    if field.name in schema.QUANTITIES and field.scalar == "string":
        return {k: _quantity(v, f"{path}.{k}", model) for k, v in value.items()}
    return {k: _scalar(v, field.scalar, k, model, path) for k, v in value.items() if v is not None}


def _items(value: Any, field: schema.Field, model: str, path: str, unknown: list[str]) -> Any:
    if not isinstance(value, list):
        raise _mismatch(
            value, path, model, "[]" + (f"v1.{field.model.removeprefix('V1')}" if field.model else "string")
        )
    if field.nested_list:
        return value
    if not field.model:
        return [_scalar(v, field.scalar, field.name, model, path) for v in value]
    return [
        _object(v, field.model, f"{path}[{i}]", unknown) if isinstance(v, dict) else v
        for i, v in enumerate(value)
    ]


def _encoded(value: str) -> str:
    """Bytes as JSON carries them; what stands there is stored as it is, once it is sure to be base64."""
    text = value.replace("\n", "").replace("\r", "")
    wrong = re.search(r"[^A-Za-z0-9+/]", text.rstrip("="))
    if wrong is not None or len(text) % 4 or len(text) - len(text.rstrip("=")) > 2:
        place = wrong.start() if wrong is not None else len(text) - len(text) % 4
        raise _TypeMismatchError(f"illegal base64 data at input byte {place}")
    return text


def _quantity(value: Any, path: str, model: str) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise _mismatch(value, path, model, "resource.Quantity")
    try:
        return quantity.canonical(str(value))
    except ValueError as error:
        raise _TypeMismatchError(str(error)) from None


def _scalar(value: Any, kind: str, name: str, model: str, path: str) -> Any:
    fits: dict[str, bool] = {
        "string": isinstance(value, str),
        "bytes": isinstance(value, str),
        "time": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "integer": isinstance(value, int) and not isinstance(value, bool),
        "number": isinstance(value, (int, float)) and not isinstance(value, bool),
    }
    if kind == "bytes" and fits[kind]:
        return _encoded(value)
    if kind == "time" and fits[kind] and (why := times.complaint(value)):
        raise _TypeMismatchError(why)
    if kind == "any" or fits[kind]:
        return value
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind == "string" and name in ("sizeLimit", "divisor", "averageValue", "value"):
        return _quantity(value, path, model)
    raise _mismatch(value, path, model, _GO_TYPES.get(kind, "string"))
