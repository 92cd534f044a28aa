"""Strategic merge patch, as k8s.io/apimachinery/pkg/util/strategicpatch describes it.

A list with a patchMergeKey merges item by item; ``$patch: delete|replace|merge``, ``$deleteFromPrimitiveList/x``,
``$setElementOrder/x`` and ``$retainKeys`` are obeyed; everything else is a merge patch.
"""

from __future__ import annotations

from typing import Any

from .. import errors, schema

Obj = dict[str, Any]


def strategic_patch(target: Obj, patch: Obj, model: str) -> Obj:
    """Merge ``patch`` into ``target``, whose fields are those of ``model``. Neither is changed."""
    if not isinstance(patch, dict):
        raise errors.bad_request(
            "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}"
        )
    return _merge_map(target, patch, model)


def go_map(value: Any) -> str:
    """Write a patch as Go prints it in a refusal: ``map[spec:map[replicas:x]]``."""
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{go_map(value[key])}' for key in sorted(value))}]"
    if isinstance(value, list):
        return f"[{' '.join(map(go_map, value))}]"
    return {None: "<nil>", True: "true", False: "false"}.get(value, str(value))


def _merge_map(target: Obj, patch: Obj, model: str) -> Obj:
    directive = patch.get("$patch")
    if directive == "replace":
        return {k: _clean(v) for k, v in patch.items() if not k.startswith("$")}
    if directive == "delete":
        return {}
    if directive not in (None, "merge"):
        raise errors.bad_request(f"unknown patch type: {directive}")
    merged = dict(target)
    retained = patch.get("$retainKeys")
    if isinstance(retained, list):
        merged = {k: v for k, v in merged.items() if k in retained}
    known = schema.fields(model)
    for key, value in patch.items():
        if key.startswith("$deleteFromPrimitiveList/"):
            name = key.partition("/")[2]
            if isinstance(merged.get(name), list):
                merged[name] = [item for item in merged[name] if item not in value]
    for key, value in patch.items():
        if key.startswith("$"):
            continue
        if value is None:
            merged.pop(key, None)
            continue
        field = known.get(key)
        merged[key] = _merge_value(merged.get(key), value, model, field, patch.get(f"$setElementOrder/{key}"))
    for key, order in patch.items():
        name = key.partition("/")[2]
        if key.startswith("$setElementOrder/") and name not in patch and isinstance(merged.get(name), list):
            merged[name] = _ordered(merged[name], order, schema.patch_key(model, name))
    return merged


def _merge_value(target: Any, value: Any, model: str, field: schema.Field | None, order: Any) -> Any:
    if isinstance(value, dict):
        inner = field.model if field is not None else ""
        return _merge_map(target if isinstance(target, dict) else {}, value, inner)
    if isinstance(value, list) and field is not None:
        key = schema.patch_key(model, field.name)
        if key:
            merged = _merge_list(target or [], value, field.model, key)
            return _ordered(_interleaved(merged, target or [], value, key), order, key)
        if (model, field.name) in schema.PATCH_SETS:
            kept = list(target or [])
            return _ordered(kept + [item for item in value if item not in kept], order, "")
    return _clean(value)


def _merge_list(target: list[Obj], patch: list[Obj], model: str, key: str) -> list[Obj]:
    if any(item.get("$patch") == "replace" and len(item) == 1 for item in patch):
        return [_clean(item) for item in patch if "$patch" not in item]
    merged = list(target)
    for item in patch:
        if key not in item:
            raise errors.bad_request(f"map: {item} does not contain declared merge key: {key}")
        place = next((i for i, old in enumerate(merged) if old.get(key) == item[key]), None)
        if item.get("$patch") == "delete":
            merged = [old for old in merged if old.get(key) != item[key]]
        elif place is None:
            merged.append(_merge_map({}, item, model))
        else:
            merged[place] = _merge_map(merged[place], item, model)
    return merged


def _interleaved(merged: list[Obj], target: list[Obj], patch: list[Obj], key: str) -> list[Obj]:
    """Put what the patch names in its order, each before what only the target has and does not precede it there."""
    places = {item.get(key): place for place, item in enumerate(target)}
    named = [item[key] for item in patch if "$patch" not in item]
    by_name = {item.get(key): item for item in merged}
    theirs = [item for item in merged if item.get(key) not in named]
    result: list[Obj] = []
    for name in named:
        if name not in by_name:
            continue
        while theirs and name in places and places[theirs[0].get(key)] < places[name]:
            result.append(theirs.pop(0))
        result.append(by_name.pop(name))
    return result + theirs


def _ordered(items: list[Any], order: Any, key: str) -> list[Any]:
    """Put items into the order the client asks for; those it doesn't name keep their place behind their neighbour."""
    if not isinstance(order, list):
        return items

    def name(item: Any) -> Any:
        return item.get(key) if key and isinstance(item, dict) else item

    rank = {name(item): i for i, item in enumerate(order)}
    wanted = iter(sorted((i for i in items if name(i) in rank), key=lambda item: rank[name(item)]))
    return [next(wanted) if name(item) in rank else item for item in items]


def _clean(value: Any) -> Any:
    """Drop directives and nulls from what is new, so that none is stored."""
    if isinstance(value, dict):
        return {k: _clean(v) for k, v in value.items() if v is not None and not k.startswith("$")}
    if isinstance(value, list):
        return [_clean(v) for v in value if not (isinstance(v, dict) and v.get("$patch") == "delete")]
    return value
