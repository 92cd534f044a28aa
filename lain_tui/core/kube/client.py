"""Asking a Kubernetes API: typed objects, raw bytes, streams and changes, over one pool of connections."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar
from urllib.parse import quote

import msgspec

from lain_tui.core.kube.calls import Trace
from lain_tui.core.kube.decode import Page, Unreadable, decode_object, read_page
from lain_tui.core.kube.errors import Gone
from lain_tui.core.kube.opening import open_transport
from lain_tui.core.kube.resources import Kind
from lain_tui.core.model.meta import KubeObject
from lain_tui.core.target import Target

if TYPE_CHECKING:
    import aiohttp

    from lain_tui.core.kube.transport import Params, Transport

T = TypeVar("T", bound=KubeObject)

PAGE = 500
"""Objects a page, as kubectl asks for."""

PatchType = Literal["merge", "strategic", "json", "apply"]
_PATCHES: dict[PatchType, str] = {
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "json": "application/json-patch+json",
    "apply": "application/apply-patch+yaml",
}
FIELD_MANAGER = "lain-tui"

Propagation = Literal["Background", "Foreground", "Orphan"]
Body = bytes | Mapping[str, Any] | Sequence[Any] | msgspec.Struct


class Version(msgspec.Struct, frozen=True, rename="camel"):
    """What `/version` tells."""

    git_version: str = ""
    major: str = ""
    minor: str = ""
    platform: str = ""


class KubeClient:
    """A cluster's API. Opening it asks nothing of the network yet: the first request does.

    Every method raises KubeError (see `lain_tui.core.kube.errors`).
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._served: dict[str, list[_Resource]] = {}
        """What each API group serves, as far as it was asked for."""

    @classmethod
    @asynccontextmanager
    async def open(
        cls, target: Target, *, on_request: Callable[[Trace], None] | None = None
    ) -> AsyncIterator[Self]:
        """Open the target's cluster, and close every connection at the end.

        `on_request` is told of each request (`--verbose`). Raises LainError for a kubeconfig that cannot be read.
        """
        kube = cls(await open_transport(target, on_request))
        try:
            yield kube
        finally:
            await kube.close()

    async def close(self) -> None:
        await self._transport.close()

    def retry_now(self) -> None:
        """Let the next request ask for credentials again, even if that failed a moment ago."""
        self._transport.retry()

    # -- reading

    async def get(self, kind: Kind[T], name: str, namespace: str = "") -> T:
        """Read one object."""
        headers = {"Accept": _accept(kind)}
        body = await self._transport.send("GET", kind.path(namespace, name), headers=headers)
        return decode_object(body, kind.struct)

    async def get_raw(self, kind: Kind[Any], name: str, namespace: str = "") -> bytes:
        """One whole object as JSON; of a Secret its data, too."""
        return await self._transport.send("GET", kind.path(namespace, name))

    async def list(
        self, kind: Kind[T], namespace: str = "", *, selector: str = "", fields: str = ""
    ) -> list[T]:
        """All objects of a kind, in one namespace or (empty) in all."""
        page = await self.list_page(kind, namespace, selector=selector, fields=fields)
        return page.items

    async def list_page(
        self,
        kind: Kind[T],
        namespace: str = "",
        *,
        selector: str = "",
        fields: str = "",
        limit: int = PAGE,
        patient: bool = True,
        kept: Callable[[T], T] | None = None,
    ) -> Page[T]:
        """All objects of a kind as one page, however many it takes to fetch them.

        `kept` gives, for each object as it comes, the one that is kept in its place: one that somebody has already.

        The list is the newest (no resourceVersion is asked for: one served from a cache may be older than what was
        already shown) and consistent. When the snapshot behind it expires between two pages, it is read again
        whole.
        """
        params = _selectors(selector, fields)
        items: list[T] = []
        unreadable: list[Unreadable] = []
        token = ""
        while True:
            paging = {"limit": str(limit)} if limit else {}
            if token:
                paging["continue"] = token
            try:
                body = await self._transport.send(
                    "GET",
                    kind.path(namespace),
                    params={**params, **paging},
                    headers={"Accept": _accept(kind, of="List")},
                    timeout=60.0,
                    patient=patient,
                )
            except Gone:
                if not token:
                    raise
                items, unreadable, token, limit = [], [], "", 0
                continue
            page = await read_page(body, kind.struct)
            items += page.items if kept is None else map(kept, page.items)
            unreadable += page.unreadable
            token = page.continue_token
            if not token:
                return Page(items=items, version=page.version, continue_token="", unreadable=unreadable)

    def watch(
        self,
        kind: Kind[Any],
        namespace: str = "",
        *,
        version: str,
        selector: str = "",
        fields: str = "",
        timeout: float = 300.0,
        idle: float | None = None,
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """The raw bytes of a watch from a resourceVersion on, with bookmarks, for `timeout` seconds at most."""
        params = {
            **_selectors(selector, fields),
            "watch": "1",
            "resourceVersion": version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(int(timeout)),
        }
        headers = {"Accept": _accept(kind)}
        return self._transport.stream("GET", kind.path(namespace), params=params, headers=headers, idle=idle)

    # -- changing

    async def create(self, kind: Kind[T], body: Body, namespace: str = "", *, dry_run: bool = False) -> T:
        """Create an object."""
        return await self._change("POST", kind, kind.path(namespace), body, _dry(dry_run))

    async def replace(
        self, kind: Kind[T], name: str, body: Body, namespace: str = "", *, dry_run: bool = False
    ) -> T:
        """Replace a whole object; `metadata.resourceVersion` in the body makes it fail with Conflict if it moved."""
        return await self._change("PUT", kind, kind.path(namespace, name), body, _dry(dry_run))

    async def patch(
        self,
        kind: Kind[T],
        name: str,
        body: Body,
        namespace: str = "",
        *,
        type: PatchType = "merge",
        subresource: str = "",
        resource_version: str = "",
        field_manager: str = FIELD_MANAGER,
        force: bool = False,
        dry_run: bool = False,
    ) -> T:
        """Change part of an object.

        `apply` is server-side apply: the body is the manifest, `force` takes over fields that others own. A
        `resource_version` makes merge and strategic patches fail with Conflict if the object moved.
        """
        params = {**_dry(dry_run), "fieldManager": field_manager}
        if type == "apply" and force:
            params["force"] = "true"
        if resource_version:
            if type not in ("merge", "strategic") or not isinstance(body, Mapping):
                raise ValueError("a resource_version needs a merge or strategic patch given as a mapping")
            metadata = {**body.get("metadata", {}), "resourceVersion": resource_version}
            body = {**body, "metadata": metadata}
        path = kind.path(namespace, name, subresource)
        return await self._change("PATCH", kind, path, body, params, content_type=_PATCHES[type])

    async def delete(
        self,
        kind: Kind[Any],
        name: str,
        namespace: str = "",
        *,
        uid: str = "",
        resource_version: str = "",
        propagation: Propagation = "Background",
        grace: int | None = None,
        dry_run: bool = False,
    ) -> None:
        """Delete an object.

        `uid` and `resource_version` are preconditions (Conflict when they do not hold); `grace` is in seconds, None
        for the object's own.
        """
        await self._transport.send(
            "DELETE",
            kind.path(namespace, name),
            body=_encode(_delete_options(uid, resource_version, propagation, grace, dry_run)),
            headers={"Content-Type": "application/json"},
        )

    async def evict(
        self, name: str, namespace: str, *, uid: str = "", grace: int | None = None, dry_run: bool = False
    ) -> None:
        """Evict a pod; raises TooManyRequests when a disruption budget forbids it for now."""
        body = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": name, "namespace": namespace},
            "deleteOptions": _delete_options(uid, "", None, grace, dry_run),
        }
        await self._transport.send(
            "POST",
            f"/api/v1/namespaces/{quote(namespace, safe='')}/pods/{quote(name, safe='')}/eviction",
            params=_dry(dry_run),
            body=_encode(body),
            headers={"Content-Type": "application/json"},
            patient=False,
        )

    async def _change(
        self,
        method: str,
        kind: Kind[T],
        path: str,
        body: Body,
        params: dict[str, str],
        *,
        content_type: str = "application/json",
    ) -> T:
        params.setdefault("fieldManager", FIELD_MANAGER)
        answer = await self._transport.send(
            method,
            path,
            params=params,
            body=_encode(body),
            headers={"Content-Type": content_type, "Accept": _accept(kind)},
        )
        return decode_object(answer, kind.struct)

    # -- anything else

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Params = (),
        body: Body | None = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        timeout: float = 30.0,
    ) -> bytes:
        """Ask any path of the API and return the answer's bytes; `timeout` in seconds."""
        headers = {"Accept": accept}
        if body is not None:
            headers["Content-Type"] = content_type
        data = None if body is None else _encode(body)
        return await self._transport.send(
            method, path, params=params, body=data, headers=headers, timeout=timeout
        )

    def stream(
        self, path: str, *, params: Params = (), idle: float | None = None
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Open an answer that goes on, such as a followed log; `idle` seconds may pass without a byte."""
        return self._transport.stream("GET", path, params=params, headers={"Accept": "*/*"}, idle=idle)

    def websocket(
        self, path: str, *, params: Params = (), protocols: Sequence[str]
    ) -> AbstractAsyncContextManager[aiohttp.ClientWebSocketResponse]:
        """Open a websocket (exec, attach, port-forward)."""
        return self._transport.websocket(path, params=params, protocols=protocols)

    async def can_i(
        self, verb: str, kind: Kind[Any], namespace: str = "", *, name: str = "", subresource: str = ""
    ) -> bool:
        """Whether the API would allow it (SelfSubjectAccessReview)."""
        attributes = {
            "verb": verb,
            "group": kind.group,
            "version": kind.version,
            "resource": kind.plural,
            "subresource": subresource,
            "namespace": namespace,
            "name": name,
        }
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value}},
        }
        answer = await self.request(
            "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body=body
        )
        return msgspec.json.decode(answer, type=_Review).status.allowed

    async def server_version(self) -> Version:
        """The API server's version."""
        return msgspec.json.decode(await self.request("GET", "/version", timeout=10.0), type=Version)

    async def kind_of(self, api_version: str, name: str) -> Kind[KubeObject]:
        """The kind that a manifest names (`apps/v1`, `Deployment`), looked up in the cluster.

        Raises ApiAbsent when the cluster does not serve the group, LookupError when the group has no such kind.
        """
        group, _, version = api_version.rpartition("/")
        if api_version not in self._served:
            path = f"/apis/{api_version}" if group else f"/api/{version}"
            served = msgspec.json.decode(await self.request("GET", path), type=_Resources).resources
            self._served[api_version] = served
        for resource in self._served[api_version]:
            if resource.kind == name and "/" not in resource.name:
                return Kind(name, resource.name, KubeObject, group, version, namespaced=resource.namespaced)
        raise LookupError(f"{api_version} has no kind {name}")


class _Review(msgspec.Struct, frozen=True):
    class Status(msgspec.Struct, frozen=True):
        allowed: bool = False

    status: Status = Status()


class _Resource(msgspec.Struct, frozen=True):
    name: str
    kind: str
    namespaced: bool = False


class _Resources(msgspec.Struct, frozen=True):
    resources: list[_Resource] = []


def _accept(kind: Kind[Any], *, of: str = "") -> str:
    """The content to ask for: metadata alone where the kind says so, and then nothing else will do."""
    if kind.metadata_only:
        return f"application/json;as=PartialObjectMetadata{of};g=meta.k8s.io;v=v1"
    return "application/json"


def _selectors(selector: str, fields: str) -> dict[str, str]:
    params = {"labelSelector": selector, "fieldSelector": fields}
    return {key: value for key, value in params.items() if value}


def _dry(dry_run: bool) -> dict[str, str]:
    return {"dryRun": "All"} if dry_run else {}


def _delete_options(
    uid: str, resource_version: str, propagation: Propagation | None, grace: int | None, dry_run: bool
) -> dict[str, Any]:
    options: dict[str, Any] = {"apiVersion": "v1", "kind": "DeleteOptions"}
    preconditions = {"uid": uid, "resourceVersion": resource_version}
    if kept := {key: value for key, value in preconditions.items() if value}:
        options["preconditions"] = kept
    if propagation:
        options["propagationPolicy"] = propagation
    if grace is not None:
        options["gracePeriodSeconds"] = grace
    if dry_run:
        options["dryRun"] = ["All"]
    return options


def _encode(body: Body) -> bytes:
    return body if isinstance(body, bytes) else msgspec.json.encode(body)
