"""Server-side apply: who owns which field, what conflicts, and what goes when its last owner lets go."""

from __future__ import annotations

import json
from typing import Any

from . import errors, schema
from .fieldsets import Flat, Obj, Path, dotted, flatten, from_fields, is_atomic, item_key, to_fields
from .kinds import Kind

Entry = Obj


def _entry(kind: Kind, manager: str, operation: str, paths: set[Path], now: str, subresource: str) -> Entry:
    entry: Entry = {
        "manager": manager,
        "operation": operation,
        "apiVersion": kind.api_version,
        "time": now,
        "fieldsType": "FieldsV1",
        "fieldsV1": to_fields(paths),
    }
    if subresource:
        entry["subresource"] = subresource
    return entry


def _is(entry: Entry, manager: str, operation: str, subresource: str) -> bool:
    return (
        entry.get("manager") == manager
        and entry.get("operation") == operation
        and entry.get("subresource", "") == subresource
    )


def track(kind: Kind, old: Obj | None, new: Obj, manager: str, now: str, subresource: str = "") -> None:
    """Note in ``new``, in place, that ``manager`` set what differs from ``old``."""
    scope = "status" if subresource == "status" else ""
    after = flatten(kind, new, scope, maps=True)
    before = flatten(kind, old, scope, maps=True) if old is not None else {}
    changed = {path for path, value in after.items() if path not in before or before[path] != value}
    gone = set(before) - set(after)
    if not changed and not gone and old is not None:
        return
    entries: list[Entry] = []
    own: set[Path] = set()
    for entry in new["metadata"].get("managedFields") or []:
        paths = from_fields(entry.get("fieldsV1") or {})
        if _is(entry, manager, "Update", subresource):
            own = paths - gone
            continue
        left = paths - gone - changed
        if left == paths:
            entries.append(entry)
        elif left:
            entries.append({**entry, "fieldsV1": to_fields(left)})
    own |= changed
    if own:
        entries.append(_entry(kind, manager, "Update", own, now, subresource))
    new["metadata"]["managedFields"] = entries


def first(kind: Kind, applied: Obj, manager: str, now: str) -> Obj:
    """Make the object that an apply creates: all it names is the manager's."""
    paths = set(flatten(kind, applied))
    applied["metadata"]["managedFields"] = [_entry(kind, manager, "Apply", paths, now, "")]
    return applied


def merge(
    kind: Kind, live: Obj, applied: Obj, manager: str, now: str, force: bool, subresource: str = ""
) -> Obj:
    """Apply a configuration to a live object. ApiError 409, naming owners and fields, unless ``force``."""
    scope = "status" if subresource == "status" else ""
    wanted, found = flatten(kind, applied, scope), flatten(kind, live, scope)
    entries: list[Entry] = live["metadata"].get("managedFields") or []
    others = [
        (entry, from_fields(entry.get("fieldsV1") or {}))
        for entry in entries
        if not _is(entry, manager, "Apply", subresource)
    ]
    disputed = {path for path, value in wanted.items() if path in found and found[path] != value}
    clashes = [(entry, sorted(paths & disputed)) for entry, paths in others if paths & disputed]
    if clashes and not force:
        raise _conflict(clashes)
    owned = {
        path for e in entries if _is(e, manager, "Apply", subresource) for path in from_fields(e["fieldsV1"])
    }
    merged = _merged(live, applied, kind.model_name, top=True, keep_status=kind.status and not scope)
    held = set().union(*(paths for _, paths in others))
    # An item of a list before what is in it: without its name it is not found any more.
    for path in sorted(owned - set(wanted), key=len):
        if path not in held and not any(h[: len(path)] == path for h in (*held, *wanted)):
            _drop(merged, path)
    kept: list[Entry] = []
    for entry, paths in others:
        left = paths - disputed
        if left:
            kept.append(entry if left == paths else {**entry, "fieldsV1": to_fields(left)})
    previous = next((e for e in entries if _is(e, manager, "Apply", subresource)), None)
    entry = _entry(kind, manager, "Apply", set(wanted), now, subresource)
    if previous is not None and previous["fieldsV1"] == entry["fieldsV1"] and _same(found, wanted):
        entry["time"] = previous["time"]
    merged["metadata"]["managedFields"] = [entry, *kept]
    return merged


def _same(found: Flat, wanted: Flat) -> bool:
    return all(path in found and found[path] == value for path, value in wanted.items())


def _conflict(clashes: list[tuple[Entry, list[Path]]]) -> errors.ApiError:
    causes: list[Obj] = []
    parts: list[str] = []
    for entry, paths in clashes:
        sub = f' with subresource "{entry["subresource"]}"' if entry.get("subresource") else ""
        who = f'"{entry["manager"]}"{sub}'
        if entry.get("operation") == "Update":
            who += f" using {entry['apiVersion']}"
        fields = [dotted(path) for path in paths]
        causes += [
            {"reason": "FieldManagerConflict", "message": f"conflict with {who}", "field": each}
            for each in fields
        ]
        if len(fields) == 1:
            parts.append(f"conflict with {who}: {fields[0]}")
        else:
            parts.append(f"conflicts with {who}:\n" + "\n".join(f"- {each}" for each in fields))
    noun = "conflict" if len(causes) == 1 else "conflicts"
    message = f"Apply failed with {len(causes)} {noun}: " + "\n".join(parts)
    return errors.ApiError(409, "Conflict", message, {"causes": causes})


def _merged(live: Obj, applied: Obj, model: str, *, top: bool = False, keep_status: bool = False) -> Obj:
    result = dict(live)
    known = schema.fields(model)
    for name, value in applied.items():
        if top and (name in ("apiVersion", "kind") or (name == "status" and keep_status)):
            continue
        field = known.get(name)
        result[name] = _merged_value(live.get(name), value, field, model)
    return result


def _merged_value(live: Any, value: Any, field: schema.Field | None, model: str) -> Any:
    if isinstance(value, dict) and isinstance(live, dict) and not is_atomic(field, model):
        return _merged(live, value, field.model if field is not None and field.shape == "object" else "")
    if isinstance(value, list) and isinstance(live, list) and field is not None:
        keys = schema.list_keys(model, field.name)
        if keys:
            return _merged_list(live, value, field, keys)
        if (model, field.name) in schema.LIST_SETS:
            return live + [item for item in value if item not in live]
    return value


def _merged_list(
    live: list[Obj], applied: list[Obj], field: schema.Field, keys: tuple[str, ...]
) -> list[Obj]:
    old = {item_key(item, keys): item for item in live}
    new = {item_key(item, keys): item for item in applied}
    if field.model in schema.ATOMIC_MODELS:
        return list({**old, **new}.values())
    merged = {key: _merged(old.get(key, {}), item, field.model) for key, item in new.items()}
    return list({**{key: merged.get(key, item) for key, item in old.items()}, **merged}.values())


def _drop(node: Any, path: Path) -> None:
    """Remove what a path names, wherever it still is; a map goes with the last of its keys."""
    above: list[tuple[Obj, str]] = []
    for depth, element in enumerate(path):
        last = depth == len(path) - 1
        kind, _, body = element.partition(":")
        if kind == "f":
            if not isinstance(node, dict) or body not in node:
                return
            if last:
                del node[body]
                while above and not node:
                    node, body = above.pop()
                    del node[body]
                return
            node[body] = _own(node[body])
            above.append((node, body))
            node = node[body]
        else:
            if not isinstance(node, list):
                return
            place = _place(node, kind, body)
            if place is None:
                return
            if last:
                del node[place]
                return
            node[place] = _own(node[place])
            above.clear()
            node = node[place]


def _own(value: Any) -> Any:
    """Copy one level, so that what the storage holds is not changed."""
    return value.copy() if isinstance(value, (dict, list)) else value


def _place(items: list[Any], kind: str, body: str) -> int | None:
    wanted = json.loads(body)
    for i, item in enumerate(items):
        if kind == "v" and item == wanted:
            return i
        if kind == "k" and all(item.get(k, schema.DEFAULT_KEYS.get(k)) == v for k, v in wanted.items()):
            return i
    return None
