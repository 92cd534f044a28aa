"""Bodies in and out."""

from __future__ import annotations

import gzip
from typing import Any

import msgspec
from aiohttp import web

from .. import errors, protobuf
from ..errors import ApiError
from ..storage import Obj, encode

_GZIP_FROM = 128 * 1024
"""Bytes above which a real server compresses."""
_JSON = "application/json"
LARGEST_BODY = 3 << 20
"""Bytes."""


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
        if media in (_JSON, "*/*", "application/*", "application/yaml"):
            shape = parameters.get("as", "")
            if shape in ("", "Table", "PartialObjectMetadata", "PartialObjectMetadataList"):
                return shape
    message = (
        "only the following media types are accepted: application/json, application/yaml, "
        "application/vnd.kubernetes.protobuf, application/cbor"
    )
    raise ApiError(406, "NotAcceptable", message)


async def body(request: web.BaseRequest) -> Any:
    """Read a JSON or YAML body. ApiError 400 or 415 when it is neither."""
    try:
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise errors.too_large(LARGEST_BODY) from None
    if not raw:
        return {}
    media = request.content_type
    if raw.startswith(protobuf.MAGIC):
        try:
            return protobuf.decode(raw)
        except protobuf.MalformedError as error:
            raise errors.bad_request(f"error decoding the request's body: {error}") from None
    if media in ("application/cbor", "application/apply-patch+cbor"):
        raise errors.unsupported_media(
            "application/json, application/yaml, application/vnd.kubernetes.protobuf"
        )
    try:
        return msgspec.json.decode(raw)
    except msgspec.DecodeError as error:
        if "yaml" not in media:
            raise errors.bad_request(f"error decoding the request's body: {error}") from None
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe", pure=True).load(raw)
    except YAMLError as error:
        raise errors.bad_request(f"error decoding YAML: {error}") from None


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
