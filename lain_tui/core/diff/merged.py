"""What a live object becomes: helm changes what its charts speak of, and leaves the rest as somebody made it.

So do both of its ways, the three-way patch of helm 3 and the server-side apply of helm 4: a field that neither the
release nor what follows has stays; one that the release had and what follows has not goes. Lists whose items have a
name are merged item by item, others replaced (`patchMergeKey` and `listMapKey` in k8s.io/api).
"""

from __future__ import annotations

from typing import Any

Body = dict[str, Any]

_BY = {
    "containers": "name",
    "initContainers": "name",
    "ephemeralContainers": "name",
    "env": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
    "volumeDevices": "devicePath",
    "imagePullSecrets": "name",
    "hostAliases": "ip",
    "topologySpreadConstraints": "topologyKey",
    "webhooks": "name",
}
_PORTS = ("containerPort", "port")
"""Ports of containers have the one, those of Services the other."""


def merged(release: Body | None, live: Body, following: Body) -> Body:
    """The live object after the change; all three as they are written, before anything is normalised."""
    body: Body = _merged(release or {}, live, following)
    return body


def _merged(release: Any, live: Any, following: Any, field: str = "") -> Any:
    if isinstance(live, dict) and isinstance(following, dict):
        return _maps(release if isinstance(release, dict) else {}, live, following)
    if isinstance(live, list) and isinstance(following, list) and (key := _key(field, live, following)):
        before = release if isinstance(release, list) else []
        tables = [{item.get(key): item for item in items} for items in (before, live, following)]
        return list(_maps(*tables).values())
    return following


def _maps(release: Body, live: Body, following: Body) -> Body:
    become = {
        key: _merged(release.get(key), live[key], value, key) if key in live else value
        for key, value in following.items()
        if value is not None
    }
    return become | {key: value for key, value in live.items() if key not in following and key not in release}


def _key(field: str, *lists: list[Any]) -> str:
    """By which its items are told apart; empty for a list that is replaced as a whole."""
    items = [item for one in lists for item in one]
    if not all(isinstance(item, dict) for item in items):
        return ""
    keys = _PORTS if field == "ports" else (_BY.get(field, ""),)
    return next((key for key in keys if key and all(key in item for item in items)), "")
