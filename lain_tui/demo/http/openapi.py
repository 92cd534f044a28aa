"""OpenAPI v3: enough for kubectl's and helm's validation, `kubectl explain` and apply."""

from __future__ import annotations

import asyncio
import re
from functools import cache
from typing import Any

from aiohttp import web

from .. import schema
from ..cluster import VERSION
from ..custom.structural import schema_of
from ..kinds import SERVED, Kind, Kinds
from ..protobuf import swagger
from ..storage import Obj, encode
from . import discovery
from .replies import reply, wants

_TYPES: dict[str, Obj] = {
    "string": {"type": "string"},
    "bytes": {"type": "string", "format": "byte"},
    "integer": {"type": "integer", "format": "int32"},
    "number": {"type": "number", "format": "double"},
    "boolean": {"type": "boolean"},
    "time": {"type": "string", "format": "date-time"},
    "any": {"x-kubernetes-preserve-unknown-fields": True},
}
_REF = "#/components/schemas/"
_WRITES = ("dryRun", "fieldManager", "fieldValidation")


PATHS = ("/openapi/v2", "/openapi/v3")


async def answer(request: web.BaseRequest, kinds: Kinds) -> web.Response:
    """Answer an OpenAPI path, whatever the method; 404 and 406 without a word, as it really is."""
    path = request.path
    if path == "/openapi/v3":
        served = {
            prefix: {"serverRelativeURL": f"/openapi/v3/{prefix}?hash=demo"} for prefix in _prefixes(kinds)
        }
        return reply(request, {"paths": served}, media="text/plain; charset=utf-8")
    prefix = path.removeprefix("/openapi/v3/")
    if path != "/openapi/v2" and prefix not in _prefixes(kinds):
        return web.Response(status=404)
    taken = [media for media, _ in wants(request)]
    if path == "/openapi/v2" and taken[0] in swagger.MEDIA:
        return reply(request, swagger.document(), media=swagger.MEDIA[0])
    if not any(media in _JSON or (media == _V3 and prefix != path) for media in taken):
        return web.Response(status=406)
    if path == "/openapi/v2":
        return reply(request, await asyncio.to_thread(_swagger))
    custom = tuple(kind for kind in kinds.custom if kind.base_path == f"/{prefix}")
    return reply(request, custom_document(custom) if custom else await asyncio.to_thread(document, prefix))


_JSON = ("application/json", "application/*", "*/*")
_V3 = "application/com.github.proto-openapi.spec.v3.v1.0+protobuf"
"""Has no answer of its own here: who asks for it takes JSON, too."""


@cache
def _swagger() -> bytes:
    """All documents in one, as version 2 has them."""
    told = [document(prefix) for prefix in _prefixes(Kinds())]
    whole = {
        "swagger": "2.0",
        "info": {"title": "Kubernetes", "version": VERSION},
        "paths": {path: item for one in told for path, item in one["paths"].items()},
        "definitions": {name: item for one in told for name, item in one["components"]["schemas"].items()},
    }
    return encode(whole).replace(_REF.encode(), b"#/definitions/")


def _prefixes(kinds: Kinds) -> list[str]:
    listed = ["api/v1"]
    listed += [
        f"apis/{group}/{v}" for group, versions in discovery.group_versions(kinds).items() for v in versions
    ]
    return listed


@cache
def document(prefix: str) -> Obj:
    """Make the document of one group and version."""
    kinds = [kind for kind in SERVED if kind.base_path == f"/{prefix}"]
    schemas: dict[str, Obj] = {}
    paths: dict[str, Obj] = {}
    for kind in kinds:
        _collect(kind.model_name, schemas)
        schemas[_called(kind.model_name)]["x-kubernetes-group-version-kind"] = [_gvk(kind)]
        paths |= _paths(kind)
    return _document(paths, schemas)


def custom_document(kinds: tuple[Kind, ...]) -> Obj:
    """Make the document of one group and version that users have defined; each kind may change."""
    schemas: dict[str, Obj] = {}
    paths: dict[str, Obj] = {}
    _collect("V1ObjectMeta", schemas)
    for kind in kinds:
        own = schema_of(kind)
        about = {
            "apiVersion": _TYPES["string"],
            "kind": _TYPES["string"],
            "metadata": {"allOf": [{"$ref": _REF + _called("V1ObjectMeta")}]},
        }
        schemas[_called(kind.model_name)] = {
            **own,
            "properties": {**about, **(own.get("properties") or {})},
            "x-kubernetes-group-version-kind": [_gvk(kind)],
        }
        paths |= _paths(kind)
    return _document(paths, schemas)


def _document(paths: dict[str, Obj], schemas: dict[str, Obj]) -> Obj:
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": VERSION},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _gvk(kind: Kind) -> Obj:
    return {"group": kind.group, "kind": kind.kind, "version": kind.version}


def _paths(kind: Kind) -> dict[str, Obj]:
    base = kind.base_path + ("/namespaces/{namespace}" if kind.namespaced else "")
    content = {"application/json": {"schema": {"$ref": _REF + _called(kind.model_name)}}}

    def operation(action: str) -> Obj:
        parameters = [
            {"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}}
            for name in _WRITES
        ]
        return {
            "x-kubernetes-action": action,
            "x-kubernetes-group-version-kind": _gvk(kind),
            "parameters": parameters if action != "get" else [],
            "responses": {"200": {"description": "OK", "content": content}},
        }

    one = {
        method: operation(action) for method, action in (("get", "get"), ("put", "put"), ("patch", "patch"))
    }
    return {
        f"{base}/{kind.plural}": {"get": operation("get"), "post": operation("post")},
        f"{base}/{kind.plural}/{{name}}": {**one, "delete": operation("get")},
    }


def _called(model: str) -> str:
    """A model's name as documents have it: people are shown the last part."""
    match = _MODEL.fullmatch(model)
    return f"io.k8s.{(match[1] or 'api').lower()}.{match[2].lower()}.{match[3]}" if match else model


_MODEL = re.compile(r"([A-Z][a-z]+)?(V\d+(?:(?:alpha|beta)\d+)?)([A-Z].*)")


def _collect(model: str, schemas: dict[str, Obj]) -> None:
    if _called(model) in schemas:
        return
    about, texts = schema.describe(model)
    entry: Obj = {"type": "object", "description": about, "properties": {}}
    schemas[_called(model)] = entry
    for name, field in schema.fields(model).items():
        entry["properties"][name] = _property(model, field, texts.get(name, ""))
        if field.model:
            _collect(field.model, schemas)
    required = sorted(schema.required(model))
    if required:
        entry["required"] = required


def _property(model: str, field: schema.Field, about: str) -> Obj:
    described: dict[str, Any] = {"description": about} if about else {}
    inner = {"$ref": _REF + _called(field.model)} if field.model else _TYPES[field.scalar]
    if field.shape == "list":
        described |= {"type": "array", "items": inner}
        key, keys = schema.patch_key(model, field.name), schema.list_keys(model, field.name)
        if key:
            described |= {"x-kubernetes-patch-merge-key": key, "x-kubernetes-patch-strategy": "merge"}
        if keys:
            described |= {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": list(keys)}
        else:
            described["x-kubernetes-list-type"] = "atomic"
    elif field.shape == "map":
        described |= {"type": "object", "additionalProperties": inner}
    elif field.shape == "object":
        described |= {"allOf": [inner]}
    else:
        described |= inner
    return described
