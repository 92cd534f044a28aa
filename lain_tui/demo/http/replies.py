"""Bodies in and out."""

from __future__ import annotations

import gzip

from aiohttp import web

from .. import errors
from ..errors import ApiError
from ..storage import Obj, encode

_GZIP_FROM = 128 * 1024
"""Bytes above which a real server compresses."""
_JSON = "application/json"
_OBJECTS = (_JSON, "application/yaml", "application/vnd.kubernetes.protobuf")
_GIVEN = (_JSON, "*/*", "application/*", "application/yaml")
_SHAPES = ("Table", "PartialObjectMetadata", "PartialObjectMetadataList")


def wants(request: web.BaseRequest) -> list[tuple[str, dict[str, str]]]:
    """Parse the Accept header: media types with their parameters, in the client's order."""
    wanted = []
    for part in request.headers.get("Accept", "*/*").split(","):
        media, *parameters = (piece.strip() for piece in part.split(";"))
        pairs = (p.partition("=") for p in parameters)
        wanted.append((media, {key.strip(): value.strip() for key, _, value in pairs}))
    return wanted


def form(request: web.BaseRequest) -> str:
    """Tell what the client wants objects turned into: "Table", "PartialObjectMetadata(List)" or "" for themselves.

    ApiError 406 when it takes nothing that can be given.
    """
    for media, parameters in wants(request):
        if media in _GIVEN:
            if parameters.get("g") == "apidiscovery.k8s.io":
                return ""
            shape = parameters.get("as", "")
            if not shape or (shape in _SHAPES and parameters.get("v", "v1") in ("v1", "v1beta1")):
                return shape
    message = f"only the following media types are accepted: {', '.join(_OBJECTS)}"
    raise ApiError(406, "NotAcceptable", message)


def check_accept(request: web.BaseRequest, *, streams: bool, objects: bool = True) -> None:
    """ApiError 406 when the client takes nothing that a path has to give, in whatever shape."""
    if any(media in _GIVEN for media, _ in wants(request)):
        return
    given: tuple[str, ...] = _OBJECTS if objects else _OBJECTS[:1]
    if streams and objects:
        given += tuple(f"{media};stream=watch" for media in (_OBJECTS[0], _OBJECTS[2]))
    raise errors.not_acceptable(", ".join(given))


def reply(
    request: web.BaseRequest, payload: bytes | Obj, code: int = 200, media: str = _JSON
) -> web.Response:
    """Answer with JSON, compressed when it is large and the client takes that."""
    raw = payload if isinstance(payload, bytes) else encode(payload)
    headers = {"Content-Type": media, "Cache-Control": "no-cache, private", "Audit-Id": "demo"}
    if len(raw) > _GZIP_FROM and "gzip" in request.headers.get("Accept-Encoding", ""):
        raw = gzip.compress(raw, compresslevel=1)
        headers["Content-Encoding"] = "gzip"
        headers["Vary"] = "Accept-Encoding"
    return web.Response(status=code, body=raw, headers=headers)


def refuse(request: web.BaseRequest, error: ApiError) -> web.Response:
    """Answer with a Status."""
    response = reply(request, error.status(), error.code)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    if error.code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="demo"'
    return response


def warn(response: web.Response, warnings: list[str]) -> web.Response:
    """Add Warning headers, which clients show to people."""
    for text in warnings:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        response.headers.add("Warning", f'299 - "{escaped}"')
    return response
