"""JSON patch, RFC 6902, with the refusals of the real server."""

from __future__ import annotations

import json
from typing import Any

from .. import errors
from ..storage import copy

Obj = dict[str, Any]
LIMIT = 10_000


def json_patch(target: Obj, operations: Any) -> Obj:
    """Apply a list of operations in order. ApiError when one of them can't be."""
    if not isinstance(operations, list):
        raise errors.bad_request(
            "error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch"
        )
    if len(operations) > LIMIT:
        raise errors.ApiError(
            413, "RequestEntityTooLarge", f"The allowed maximum operations in a JSON patch is {LIMIT}"
        )
    document: Any = copy(target)
    for operation in operations:
        document = _apply(document, operation)
    if not isinstance(document, dict):
        raise errors.bad_request("the patch leaves no object")
    return document


def _refused() -> errors.ApiError:
    """Refuse an operation: the server says no more than this, whatever the reason is."""
    return errors.ApiError(
        422, "Invalid", "the server rejected our request due to an error in our request", {}
    )


def _apply(document: Any, operation: Obj) -> Any:
    op, path = operation.get("op"), operation.get("path")
    if not isinstance(path, str):
        raise _refused()
    parts = _split(path)
    if op == "test":
        found = _find(document, parts)
        if found != operation.get("value"):
            raise _refused()
        return document
    if op == "remove":
        return _removed(document, parts)
    if op in ("add", "replace"):
        return _placed(document, parts, operation.get("value"), replace=op == "replace")
    if op in ("copy", "move"):
        source = str(operation.get("from"))
        value = _find(document, _split(source))
        value = json.loads(json.dumps(value))
        if op == "move":
            document = _removed(document, _split(source))
        return _placed(document, parts, value, replace=False)
    raise _refused()


def _split(path: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


def _index(items: list[Any], part: str, *, end: int) -> int:
    if part == "-":
        return len(items)
    try:
        index = int(part)
    except ValueError:
        raise _refused() from None
    if not -len(items) <= index < end:
        raise _refused()
    return index


def _find(document: Any, parts: list[str]) -> Any:
    for part in parts:
        if isinstance(document, dict) and part in document:
            document = document[part]
        elif isinstance(document, list):
            document = document[_index(document, part, end=len(document))]
        else:
            raise _refused()
    return document


def _removed(document: Any, parts: list[str]) -> Any:
    parent = _find(document, parts[:-1])
    last = parts[-1]
    if isinstance(parent, list):
        del parent[_index(parent, last, end=len(parent))]
    elif isinstance(parent, dict) and last in parent:
        del parent[last]
    else:
        raise _refused()
    return document


def _placed(document: Any, parts: list[str], value: Any, *, replace: bool) -> Any:
    if not parts:
        return value
    parent = _find(document, parts[:-1])
    last = parts[-1]
    if isinstance(parent, list):
        if replace:
            parent[_index(parent, last, end=len(parent))] = value
        else:
            parent.insert(_index(parent, last, end=len(parent) + 1), value)
    elif isinstance(parent, dict):
        if replace and last not in parent:
            raise _refused()
        parent[last] = value
    else:
        raise _refused()
    return document
