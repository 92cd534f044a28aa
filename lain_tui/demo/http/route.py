"""From a path to what it names."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from ..kinds import Kind, Kinds


@dataclass(frozen=True)
class Route:
    """One resource path: a kind, and as much of namespace, name and subresource as it has."""

    kind: Kind
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    rest: str = ""


def resource(path: str, kinds: Kinds) -> Route | None:
    """Parse ``/api/v1/namespaces/x/pods/y/log``. None when there is no such resource."""
    parts = [unquote(part) for part in path.removeprefix("/").removesuffix("/").split("/")]
    if "" in parts:
        return None
    if len(parts) >= 3 and parts[:2] == ["api", "v1"]:
        group, version, parts = "", "v1", parts[2:]
    elif len(parts) >= 4 and parts[0] == "apis":
        group, version, parts = parts[1], parts[2], parts[3:]
    else:
        return None
    namespace = ""
    if parts[0] == "watch":
        parts = parts[1:]
    if len(parts) >= 3 and parts[0] == "namespaces" and kinds.at(group, version, parts[2]):
        namespace, parts = parts[1], parts[2:]
    kind = kinds.at(group, version, parts[0]) if parts else None
    if kind is None or (namespace and not kind.namespaced):
        return None
    name = parts[1] if len(parts) > 1 else ""
    subresource = parts[2] if len(parts) > 2 else ""
    if name and kind.namespaced and not namespace:
        return None
    if subresource and not has_subresource(kind, subresource):
        return None
    return Route(kind, namespace, name, subresource, "/".join(parts[3:]))


def has_subresource(kind: Kind, name: str) -> bool:
    return name in kind.subresources or (name == "status" and kind.status) or name == "proxy"


SUBVERBS: dict[str, tuple[str, ...]] = {
    "status": ("get", "patch", "update"),
    "scale": ("get", "patch", "update"),
    "log": ("get",),
    "exec": ("create", "get"),
    "attach": ("create", "get"),
    "portforward": ("create", "get"),
    "eviction": ("create",),
    "binding": ("create",),
    "ephemeralcontainers": ("get", "patch", "update"),
    "resize": ("get", "patch", "update"),
    "token": ("create",),
    "finalize": ("update",),
}
"""What can be done with each subresource."""
_OF_ONE = {"delete", "get", "patch", "update", "watch"}
_OF_MANY = {"create", "deletecollection", "list", "watch"}


def allows(route: Route, verb: str) -> bool:
    """Whether that can be done at all with what a path names."""
    if route.subresource:
        return verb in SUBVERBS.get(route.subresource, ())
    if route.name:
        return verb in route.kind.verbs and verb in _OF_ONE
    everywhere = route.kind.namespaced and not route.namespace
    return (
        verb in route.kind.verbs
        and verb in _OF_MANY
        and not (everywhere and verb in ("create", "deletecollection"))
    )


def verb(method: str, route: Route, watching: bool) -> str:
    """Name the API verb of a request, as authorisation and faults know it."""
    if method == "GET":
        if watching:
            return "watch"
        return "get" if route.name else "list"
    if method == "DELETE":
        return "delete" if route.name else "deletecollection"
    return {"POST": "create", "PUT": "update", "PATCH": "patch"}.get(method, method.lower())
