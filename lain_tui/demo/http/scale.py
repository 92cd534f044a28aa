"""The scale subresource."""

from __future__ import annotations

from typing import Any

from .. import errors
from ..api import JSON_PATCH, Api, Options
from ..decode import decode
from ..kinds import Kind
from ..patch import json_patch, merge_patch
from ..storage import Obj, Stored, copy, encode
from ..tables.columns import selector_text
from .route import Route

SCALE = Kind("Scale", "scales", "autoscaling")


def _shown(stored: Stored) -> Obj:
    obj = stored.obj
    meta = {
        k: v
        for k, v in obj["metadata"].items()
        if k in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    }
    selector = obj["spec"].get("selector")
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": meta,
        "spec": {"replicas": obj["spec"].get("replicas", 0)},
        "status": {
            "replicas": (obj.get("status") or {}).get("replicas", 0),
            "selector": selector_text(selector) if selector else "",
        },
    }


def serve(api: Api, route: Route, verb: str, media: str, given: Any, options: Options) -> Obj:
    """Read or change the number of replicas. ApiError when it can't be."""
    stored = api.found(route.kind, route.namespace, route.name)
    if verb == "get":
        return _shown(stored)
    if verb == "update":
        scale = given
    elif verb == "patch":
        scale = (
            json_patch(_shown(stored), given) if media == JSON_PATCH else merge_patch(_shown(stored), given)
        )
    else:
        raise errors.method_not_allowed()
    shown = encode(scale).decode() if verb == "patch" else None
    scale, _ = decode(SCALE, scale, patch=shown)
    given_name = scale["metadata"].get("name")
    if not given_name:
        raise errors.bad_request(
            f"the name of the object ({route.name} based on URL) was undeterminable: name must be provided"
        )
    if given_name != route.name:
        raise errors.bad_request(
            f"the name of the object ({given_name}) does not match the name on the URL ({route.name})"
        )
    replicas = (scale.get("spec") or {}).get("replicas", 0)
    if replicas < 0:
        message = f"Invalid value: {replicas}: must be greater than or equal to 0"
        raise errors.invalid(SCALE, route.name, [("FieldValueInvalid", message, "spec.replicas")])
    wanted = (scale.get("metadata") or {}).get("resourceVersion")
    obj = copy(stored.obj)
    obj["spec"]["replicas"] = replicas
    if wanted:
        obj["metadata"]["resourceVersion"] = wanted
    return _shown(api.update(route.kind, route.namespace, route.name, obj, options))
