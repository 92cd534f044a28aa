"""Bodies in: read, and refused in the words of Go's decoders when they are none."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from .. import errors, identity, protobuf
from ..kinds import Kind

LARGEST_BODY = 3 << 20
"""Bytes."""
_OBJECTS = ("application/json", "application/yaml", "application/vnd.kubernetes.protobuf")


async def sent(request: web.BaseRequest) -> bytes:
    """The bytes of a body. ApiError 413 when there are too many."""
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise errors.too_large(LARGEST_BODY) from None


async def anything(request: web.BaseRequest) -> Any:
    """Whatever JSON a body is, {} for none. ApiError 400 when it is neither."""
    raw = await sent(request)
    try:
        return _parsed(request, raw) if raw else {}
    except ValueError as error:
        raise errors.bad_request(f"error decoding the request's body: {error}") from None


async def of_kind(request: web.BaseRequest, kind: Kind) -> Any:
    """An object of that kind, in JSON, YAML or protobuf. ApiError 400, 413 or 415 when it is none."""
    check_media(request)
    raw = await sent(request)
    try:
        given = _parsed(request, raw)
    except ValueError as error:
        raise errors.bad_request(identity.unrecognized(kind, str(error), raw)) from None
    if why := identity.unreadable(given):
        raise errors.bad_request(identity.unrecognized(kind, why, raw))
    return given or {}


async def options(request: web.BaseRequest) -> dict[str, Any]:
    """The DeleteOptions of a body, {} for none. ApiError 400, 413 or 415 when it is something else."""
    raw = await sent(request)
    if not raw:
        return {}
    check_media(request)
    try:
        given = _parsed(request, raw)
    except ValueError as error:
        raise errors.bad_request(str(error)) from None
    if why := identity.unreadable(given):
        raise errors.bad_request(why)
    body: dict[str, Any] = given or {}
    if body.get("kind", "DeleteOptions") != "DeleteOptions":
        version = str(body.get("apiVersion") or "v1").rpartition("/")[2]
        raise errors.bad_request(
            f"converting ({version}.{body['kind']}) to (v1.DeleteOptions): unknown conversion"
        )
    return body


async def patch(request: web.BaseRequest) -> Any:
    """A patch, whatever its kind. ApiError 400 in the words that its kind's decoder has."""
    raw = await sent(request)
    media = request.content_type
    if media.startswith("application/apply-patch"):
        return _applied(raw)
    before = "" if "strategic" in media else "error decoding patch: "
    try:
        given = identity.read_json(raw)
    except ValueError as error:
        raise errors.bad_request(f"{before}{error}") from None
    if given is None and "merge" in media and not before:
        return {}
    if given is None:
        raise errors.bad_request("Invalid JSON Patch")
    wanted = list if "json-patch" in media else dict
    if not isinstance(given, wanted):
        into = "[]handlers.jsonPatchOp" if wanted is list else "map[string]interface {}"
        why = f"json: cannot unmarshal {identity.go_type(given)} into Go value of type {into}"
        raise errors.bad_request(before + why)
    return given


def check_media(request: web.BaseRequest) -> None:
    """ApiError 415 when a body is said to be what objects are not written in. None said is JSON."""
    if request.headers.get("Content-Type") and request.content_type not in _OBJECTS:
        raise errors.unsupported_media(", ".join(_OBJECTS))


def _parsed(request: web.BaseRequest, raw: bytes) -> Any:
    """ValueError with the decoder's words."""
    if raw.startswith(protobuf.MAGIC):
        try:
            return protobuf.decode(raw)
        except protobuf.MalformedError as error:
            raise ValueError(str(error)) from None
    if "yaml" in request.content_type:
        return _yaml(raw)
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    try:
        return identity.read_json(raw)  # for its words
    except ValueError as error:
        raise ValueError(f"couldn't get version/kind; json parse error: {error}") from None


def _applied(raw: bytes) -> Any:
    before = "error decoding YAML: error "
    try:
        given = _yaml(raw) if raw else {}
    except ValueError as error:
        raise errors.bad_request(f"{before}converting YAML to JSON: {error}") from None
    if not isinstance(given, dict):
        why = f"json: cannot unmarshal {identity.go_type(given)} into Go value of type map[string]interface {{}}"
        raise errors.bad_request(f"{before}unmarshaling JSON: while decoding JSON: {why}")
    return given


def _yaml(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except msgspec.DecodeError:
        pass
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return YAML(typ="safe", pure=True).load(raw)
    except MarkedYAMLError as error:
        line = error.problem_mark.line if error.problem_mark else 0
        raise ValueError(f"yaml: line {max(1, line)}: {_go_yaml(error.problem or '')}") from None
    except YAMLError as error:
        raise ValueError(f"yaml: {error}") from None


def _go_yaml(problem: str) -> str:
    """What Go's YAML says where Python's says this: the two share libyaml's words but for what was got instead."""
    words = problem.partition(", but got")[0].partition(", but found")[0].replace("expected the", "expected")
    return f"did not find {words}" if words.startswith("expected") else words
