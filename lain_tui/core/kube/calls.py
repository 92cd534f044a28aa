"""What one request to the API asks, in the API's own terms (verb, resource, namespace), for errors and logs."""

from __future__ import annotations

import msgspec

_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A request as role-based access control sees it."""

    verb: str
    """get, list, watch, create, update, patch or delete."""
    resource: str
    """The plural with its subresource: `pods`, `pods/log`; the path itself for what is no resource."""
    group: str = ""
    namespace: str = ""
    name: str = ""

    @property
    def subject(self) -> str:
        """What it is about, for messages: `deployments dummy/web`."""
        name = "/".join(part for part in (self.namespace, self.name) if part) if self.name else ""
        return f"{self.resource} {name}".rstrip()


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """One request as it went, for `--verbose`: no header, no body, no secret."""

    method: str
    url: str
    status: int | None
    """None when no answer came."""
    seconds: float
    """Until the answer's headers, or until it failed."""
    error: str = ""


def parse_call(method: str, path: str, *, watch: bool = False) -> Call:
    """Name what a request asks, from its method and path.

    The paths are those of the Kubernetes API reference: `/api/v1/…` or `/apis/GROUP/VERSION/…`, then
    optionally `namespaces/NAMESPACE`, the plural, a name, a subresource.
    """
    parts = [part for part in path.split("/") if part]
    if len(parts) >= 3 and parts[0] == "api":
        group, rest = "", parts[2:]
    elif len(parts) >= 4 and parts[0] == "apis":
        group, rest = parts[1], parts[3:]
    else:
        return Call(verb=_VERBS.get(method, "get"), resource=path)
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2:
        namespace, rest = rest[1], rest[2:]
    name = rest[1] if len(rest) > 1 else ""
    resource = "/".join([rest[0], *rest[2:3]])
    if method == "GET":
        verb = "watch" if watch else "get" if name else "list"
    else:
        verb = _VERBS.get(method, method.lower())
    return Call(verb=verb, resource=resource, group=group, namespace=namespace, name=name)
