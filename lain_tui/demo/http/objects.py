"""The verbs over HTTP."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from .. import errors, finalize, views
from ..api import (
    APPLY_PATCH,
    JSON_PATCH,
    MERGE_PATCH,
    PATCHES,
    STRATEGIC_PATCH,
    Options,
    check_applied,
    patched,
)
from ..cluster import Cluster
from ..decode import decode
from ..eviction import EVICTION, evict
from ..finalize import DeleteOptions
from ..kinds import ENDPOINTS, METRICS, POD, SERVICE_ACCOUNT, Kind
from ..storage import Obj, Stored, copy
from . import bodies, forms, logs, options, portforward, scale, sessions, watches
from .lists import Lists
from .replies import check_accept, form, reply, warn
from .route import Route, allows


class Objects:
    """Answers requests for resources of one cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._api = cluster.api
        self.lists = Lists(cluster.storage)

    async def serve(self, request: web.BaseRequest, route: Route, verb: str) -> web.StreamResponse:
        """Answer one request. ApiError when it is refused."""
        kind = route.kind
        query = dict(request.query)
        if route.subresource == "proxy":  # there is nothing behind one
            self._api.found(kind, route.namespace, route.name)
            raise errors.no_such_resource()
        if not allows(route, verb):
            raise errors.watch_not_supported(kind) if verb == "watch" else errors.method_not_allowed()
        if kind in METRICS:
            return self._metrics(request, route, query)
        if route.subresource in ("", "status", "scale"):
            check_accept(request, streams=verb in ("list", "watch"))
        answer = await self._answer(request, route, verb, query)
        if kind is ENDPOINTS and isinstance(answer, web.Response):
            warn(answer, ["v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"])
        return answer

    async def _answer(
        self, request: web.BaseRequest, route: Route, verb: str, query: dict[str, str]
    ) -> web.StreamResponse:
        kind = route.kind
        if route.subresource not in ("", "status"):
            return await self._subresource(request, route, verb, query)
        if verb == "watch":
            options.check_list(query, watching=True)
            watch = watches.Watch(
                self._cluster.storage,
                self._cluster.clock,
                kind,
                route.namespace,
                route.name,
                query,
                form(request),
            )
            return await watch.serve(request, self._cluster.faults)
        if verb == "list":
            page = self.lists.page(kind, route.namespace, query)
            include = query.get("includeObject", "Metadata")
            now = self._cluster.clock.now()
            return reply(request, forms.many(kind, page.items, page.meta, form(request), now, include))
        if verb == "get":
            options.check_get(query)
            if int(query.get("resourceVersion") or 0) > self._cluster.storage.version:
                raise errors.too_new(int(query["resourceVersion"]), self._cluster.storage.version)
            return self._one(
                request, kind, self._api.found(views.stored_as(kind), route.namespace, route.name)
            )
        if verb in ("delete", "deletecollection"):
            return await self._delete(request, route, verb, query)
        return await self._write(request, route, verb, query)

    def _one(
        self,
        request: web.BaseRequest,
        kind: Kind,
        stored: Stored,
        code: int = 200,
        said: Options | None = None,
    ) -> web.Response:
        include = request.query.get("includeObject", "Metadata")
        payload = forms.one(kind, stored, form(request), self._cluster.clock.now(), include)
        return warn(reply(request, payload, code), said.warnings if said else [])

    async def _write(
        self, request: web.BaseRequest, route: Route, verb: str, query: dict[str, str]
    ) -> web.Response:
        kind, media = route.kind, request.content_type
        if verb == "patch" and media not in PATCHES:
            raise errors.unknown_patch()
        if verb == "patch" and media == STRATEGIC_PATCH and kind.custom is not None:
            raise errors.unsupported_media(", ".join((JSON_PATCH, MERGE_PATCH, APPLY_PATCH)))
        given = await (bodies.patch(request) if verb == "patch" else bodies.of_kind(request, kind))
        said = options.writing(request, query, verb, route.subresource)
        into = views.stored_as(kind)
        if into is not kind and media != APPLY_PATCH:
            if verb == "patch":
                before = views.shown(kind, self._api.found(into, route.namespace, route.name).obj)
                verb, given = "update", patched(kind, before, media, given)
            given, warnings = decode(kind, given, said.field_validation)
            said.warnings += warnings
        elif into is not kind:
            check_applied(kind, given)
        given = views.taken(kind, given)
        if verb == "create":
            stored = self._api.create(into, route.namespace, given, said)
            return self._one(request, kind, stored, 201, said)
        if verb == "update":
            stored = self._api.update(into, route.namespace, route.name, given, said)
            return self._one(request, kind, stored, 200, said)
        stored, created = self._api.patch(into, route.namespace, route.name, media, given, said)
        return self._one(request, kind, stored, 201 if created else 200, said)

    async def _delete(
        self, request: web.BaseRequest, route: Route, verb: str, query: dict[str, str]
    ) -> web.Response:
        options.number(query, "gracePeriodSeconds")
        wanted = DeleteOptions.read(await bodies.options(request), query)
        kind, storage, clock = views.stored_as(route.kind), self._cluster.storage, self._cluster.clock
        if verb == "deletecollection":
            page = self.lists.page(kind, route.namespace, {k: v for k, v in query.items() if k != "limit"})
            for item in page.items:
                current = storage.stored(kind, *item.key)
                if current is not None:
                    finalize.delete(storage, clock, kind, current, wanted)
            return reply(request, forms.many(route.kind, page.items, page.meta, form(request), clock.now()))
        stored = self._api.found(kind, route.namespace, route.name)
        obj, gone = finalize.delete(storage, clock, kind, stored, wanted)
        if gone and kind is not POD:
            return reply(request, _deleted(route.kind, obj))
        return self._one(request, route.kind, Stored(stored.key, obj, storage.version))

    async def _subresource(
        self, request: web.BaseRequest, route: Route, verb: str, query: dict[str, str]
    ) -> web.StreamResponse:
        kind, name = route.kind, route.subresource
        if name == "scale":
            said = options.writing(request, query, verb, "scale")
            changed = verb != "get"
            reading = bodies.patch(request) if verb == "patch" else bodies.of_kind(request, scale.SCALE)
            given = await reading if changed else {}
            return reply(request, scale.serve(self._api, route, verb, request.content_type, given, said))
        if name == "log" and verb == "get":
            return await logs.serve(request, self._cluster, route, query)
        if name in ("exec", "attach"):
            return await sessions.serve(request, self._cluster, route)
        if name == "portforward":
            return await portforward.serve(request, self._cluster, route)
        if name == "eviction" and verb == "create":
            evict(self._api, route.namespace, route.name, await bodies.of_kind(request, EVICTION), query)
            return reply(
                request,
                {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201},
                201,
            )
        if name == "binding" and verb == "create":
            pod = copy(self._api.found(POD, route.namespace, route.name).obj)
            pod["spec"]["nodeName"] = (await bodies.anything(request)).get("target", {}).get("name", "")
            self._cluster.storage.put(POD, pod)
            return reply(
                request, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}, 201
            )
        if kind is SERVICE_ACCOUNT and name == "token":
            self._api.found(kind, route.namespace, route.name)
            return reply(request, _token(await bodies.anything(request), route), 201)
        if name in ("ephemeralcontainers", "resize"):
            if verb == "get":
                return self._one(
                    request, kind, self._api.found(views.stored_as(kind), route.namespace, route.name)
                )
            return await self._write(request, Route(kind, route.namespace, route.name, ""), verb, query)
        raise errors.no_such_resource()

    def _metrics(self, request: web.BaseRequest, route: Route, query: dict[str, str]) -> web.Response:
        payload = self._cluster.metrics.answer(route.kind, route.namespace, route.name, query)
        return reply(request, payload)


def _deleted(kind: Kind, obj: Obj) -> Obj:
    details: Obj = {"name": obj["metadata"]["name"]}
    if kind.group:
        details["group"] = kind.group
    details |= {"kind": kind.plural, "uid": obj["metadata"]["uid"]}
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}


def _token(asked: Any, route: Route) -> Obj:
    spec = asked.get("spec", {}) if isinstance(asked, dict) else {}
    return {
        "kind": "TokenRequest",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {"name": route.name, "namespace": route.namespace},
        "spec": {"audiences": [], "expirationSeconds": 3600, **spec},
        "status": {"token": "demo-token", "expirationTimestamp": None},
    }
