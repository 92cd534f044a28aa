"""A container's environment and files, put together from specs, Secrets and ConfigMaps, or the reason it can't be."""

from __future__ import annotations

import base64
import re
from typing import Any

from ..kinds import CLAIM, CONFIG_MAP, SECRET, Kind
from ..storage import Obj, Storage


class ConfigError(Exception):
    """A container can't be created: in the kubelet's words."""


def _plain(kind: Kind, obj: Obj) -> dict[str, str]:
    data = dict(obj.get("data") or {})
    if kind is SECRET:
        data = {key: base64.b64decode(value).decode(errors="replace") for key, value in data.items()}
    return data


def _source(storage: Storage, kind: Kind, namespace: str, reference: Obj) -> dict[str, str] | None:
    """Read a Secret or ConfigMap; None when it is absent and may be."""
    name = reference.get("name", "")
    obj = storage.get(kind, namespace, name)
    if obj is None:
        if reference.get("optional"):
            return None
        raise ConfigError(f'{kind.singular} "{name}" not found')
    return _plain(kind, obj)


def variables(storage: Storage, pod: Obj, container: Obj) -> dict[str, str]:
    """Give a container's environment. ConfigError when something it needs is not there."""
    meta = pod["metadata"]
    namespace = meta["namespace"]
    env = {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOSTNAME": meta["name"],
        "HOME": "/",
        "KUBERNETES_SERVICE_HOST": "10.96.0.1",
        "KUBERNETES_SERVICE_PORT": "443",
    }
    for source in container.get("envFrom") or []:
        prefix = source.get("prefix", "")
        for field, kind in (("configMapRef", CONFIG_MAP), ("secretRef", SECRET)):
            if field in source:
                found = _source(storage, kind, namespace, source[field]) or {}
                env.update({prefix + key: value for key, value in found.items()})
    for variable in container.get("env") or []:
        name = variable["name"]
        value = variable.get("value", "")
        if "valueFrom" in variable:
            looked_up = _value(storage, pod, container, variable["valueFrom"])
            if looked_up is None:
                continue
            value = looked_up
        else:
            value = re.sub(r"\$\((\w+)\)", lambda m: env.get(m[1], m[0]), value)
        env[name] = value
    return env


def _value(storage: Storage, pod: Obj, container: Obj, source: Obj) -> str | None:
    namespace = pod["metadata"]["namespace"]
    for field, kind, word in (
        ("secretKeyRef", SECRET, "Secret"),
        ("configMapKeyRef", CONFIG_MAP, "ConfigMap"),
    ):
        reference = source.get(field)
        if reference is None:
            continue
        found = _source(storage, kind, namespace, reference)
        if found is None:
            return None
        key = reference["key"]
        if key not in found:
            if reference.get("optional"):
                return None
            raise ConfigError(f"couldn't find key {key} in {word} {namespace}/{reference['name']}")
        return found[key]
    if "fieldRef" in source:
        return _field(pod, source["fieldRef"]["fieldPath"])
    if "resourceFieldRef" in source:
        wanted = source["resourceFieldRef"]["resource"]
        group, _, name = wanted.partition(".")
        return str(((container.get("resources") or {}).get(group) or {}).get(name, "0"))
    return ""


def _field(pod: Obj, path: str) -> str:
    match = re.fullmatch(r"metadata\.(labels|annotations)\['(.+)'\]", path)
    if match:
        return str((pod["metadata"].get(match[1]) or {}).get(match[2], ""))
    value: Any = pod
    for part in path.split("."):
        value = value.get(part, "") if isinstance(value, dict) else ""
    return str(value)


def missing_volume(storage: Storage, pod: Obj) -> tuple[str, str] | None:
    """Find a volume that can't be mounted: its name, and why in the kubelet's words."""
    namespace = pod["metadata"]["namespace"]
    for volume in pod["spec"].get("volumes") or []:
        secret, config = volume.get("secret"), volume.get("configMap")
        try:
            if secret is not None:
                reference = {"name": secret.get("secretName", ""), "optional": secret.get("optional")}
                _check_items(_source(storage, SECRET, namespace, reference), secret, "secret")
            elif config is not None:
                _check_items(_source(storage, CONFIG_MAP, namespace, config), config, "configmap")
        except ConfigError as error:
            return volume["name"], str(error)
        claim = (volume.get("persistentVolumeClaim") or {}).get("claimName")
        if claim and storage.get(CLAIM, namespace, claim) is None:
            return volume["name"], f'persistentvolumeclaim "{claim}" not found'
    return None


def _check_items(data: dict[str, str] | None, source: Obj, word: str) -> None:
    for item in source.get("items") or []:
        if data is not None and item["key"] not in data and not source.get("optional"):
            raise ConfigError(f"references non-existent {word} key: {item['key']}")


def missing_subpath(storage: Storage, pod: Obj, container: Obj) -> str:
    """Find a mounted subPath that its Secret does not have, which makes the start fail; "" when all is well."""
    volumes = {volume["name"]: volume for volume in pod["spec"].get("volumes") or []}
    for mount in container.get("volumeMounts") or []:
        secret = (volumes.get(mount["name"]) or {}).get("secret")
        if secret and mount.get("subPath"):
            obj = storage.get(SECRET, pod["metadata"]["namespace"], secret.get("secretName", ""))
            if obj is not None and mount["subPath"] not in (obj.get("data") or {}):
                return str(mount["subPath"])
    return ""


def files(storage: Storage, pod: Obj, container: Obj) -> dict[str, str]:
    """Give the files a container sees, by their paths."""
    namespace = pod["metadata"]["namespace"]
    seen = {
        "/etc/hostname": pod["metadata"]["name"] + "\n",
        "/etc/os-release": 'PRETTY_NAME="Demo Linux"\nID=demo\n',
        "/lain/app/run.py": "print('hello')\n",
        "/var/run/secrets/kubernetes.io/serviceaccount/namespace": namespace,
    }
    volumes = {volume["name"]: volume for volume in pod["spec"].get("volumes") or []}
    for mount in container.get("volumeMounts") or []:
        volume = volumes.get(mount["name"], {})
        for field, kind, name in (("secret", SECRET, "secretName"), ("configMap", CONFIG_MAP, "name")):
            if field not in volume:
                continue
            obj = storage.get(kind, namespace, volume[field].get(name, ""))
            data = _plain(kind, obj) if obj else {}
            if mount.get("subPath"):
                if mount["subPath"] in data:
                    seen[mount["mountPath"]] = data[mount["subPath"]]
            else:
                seen.update({f"{mount['mountPath'].rstrip('/')}/{key}": value for key, value in data.items()})
    return seen
