"""A release, what lives of it, and what would be: object by object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from lain_tui.core.diff.normal import normal
from lain_tui.core.diff.restarts import restarts
from lain_tui.core.diff.secrets import masked
from lain_tui.core.diff.text import CONTEXT, diff_lines
from lain_tui.core.diff.written import written
from lain_tui.core.helm.objects import Rendered
from lain_tui.core.model.diff import ChangeKind, DiffLine, ObjectDiff, ReleaseDiff

Body = dict[str, Any]


class ObjectKey(NamedTuple):
    """What makes two objects the same one: its version is not part of it."""

    group: str
    kind: str
    name: str

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> ObjectKey:
        group = str(body.get("apiVersion", "")).rpartition("/")[0]
        metadata = body.get("metadata")
        name = metadata.get("name", "") if isinstance(metadata, Mapping) else ""
        return cls(group, str(body.get("kind", "")), str(name))


Live = Mapping[ObjectKey, Body | None]
"""The live objects that were looked at; None where there is none."""


def keyed(objects: Iterable[Rendered]) -> dict[ObjectKey, Rendered]:
    """By key. Helm's tests are left out: they are no part of what runs."""
    return {
        ObjectKey.of(one.body): one
        for one in objects
        if not any(event.startswith("test") for event in hook_events(one.body))
    }


def hook_events(body: Mapping[str, Any]) -> list[str]:
    """The events at which helm runs it beside the release; none for what is part of the release."""
    metadata = body.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    text = (annotations or {}).get("helm.sh/hook", "")
    return [event.strip() for event in str(text).split(",") if event.strip()]


def compare(
    release: Iterable[Rendered],
    following: Iterable[Rendered],
    live: Live | None = None,
    *,
    context: int = CONTEXT,
    notes: Iterable[str] = (),
) -> ReleaseDiff:
    """Compare the release with what would follow it, and both with what lives where that is known."""
    old, new = keyed(release), keyed(following)
    scaled = _autoscaled((*old.values(), *new.values()))
    objects, unchanged, notes = [], 0, list(notes)
    for key in sorted({*old, *new}, key=_order):
        one = _object(key, old.get(key), new.get(key), live, replicas=key[1:] not in scaled, context=context)
        if one is None:
            unchanged += 1
        else:
            objects.append(one)
            if one.change is ChangeKind.REMOVED and _is_kept(key, old[key], live):
                notes.append(
                    f"{one.title} leaves the release and stays in the cluster: its {_POLICY} is keep."
                )
    return ReleaseDiff(
        objects=tuple(objects), unchanged=unchanged, notes=tuple(notes), asked_live=live is not None
    )


def _is_kept(key: ObjectKey, old: Rendered, live: Live | None) -> bool:
    """Helm leaves it where it is; the live object's annotation is what helm goes by."""
    alive = live.get(key) if live is not None else None
    metadata = (alive if alive is not None else old.body).get("metadata") or {}
    return str((metadata.get("annotations") or {}).get(_POLICY, "")).strip().lower() == "keep"


_POLICY = "helm.sh/resource-policy"
_LAST = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job")


def _order(key: ObjectKey) -> tuple[int, str, str]:
    """What runs first: that is what people look for."""
    return (_LAST.index(key.kind) if key.kind in _LAST else len(_LAST), key.kind, key.name)


def _autoscaled(objects: Iterable[Rendered]) -> set[tuple[str, str]]:
    """Kind and name of the workloads whose number of pods an autoscaler sets."""
    found = set()
    for one in objects:
        if one.kind == "HorizontalPodAutoscaler":
            target = (one.body.get("spec") or {}).get("scaleTargetRef") or {}
            found.add((str(target.get("kind", "")), str(target.get("name", ""))))
    return found


def _object(
    key: ObjectKey,
    old: Rendered | None,
    new: Rendered | None,
    live: Live | None,
    *,
    replicas: bool,
    context: int,
) -> ObjectDiff | None:
    """The object's diff; None when it is the same everywhere."""
    hook = any(hook_events(one.body) for one in (old, new) if one is not None)
    looked = live is not None and key in live and not hook
    alive = live[key] if live is not None and looked else None
    if not looked and old is not None and new is not None and old.body == new.body:
        return None
    was = normal(old.body, replicas=replicas) if old is not None else None
    will = normal(new.body, replicas=replicas) if new is not None else None
    lives = normal(alive, replicas=replicas) if alive is not None else None
    change = _change(was, will)
    drifted = looked and was is not None and lives != was
    # Gone from the cluster and about to be made again: that is drift, too.
    if change is ChangeKind.UNCHANGED and not drifted:
        return None
    base = lives if looked else was
    return ObjectDiff(
        kind=key.kind,
        name=key.name,
        change=change,
        hook=hook,
        lines=_lines(was, will, context) if change is not ChangeKind.UNCHANGED else (),
        live_lines=_lines(lives, will, context) if looked else (),
        drift=_lines(was, lives, context) if drifted else (),
        live=alive is not None if looked else None,
        restarts=""
        if hook or (will is None and old and _is_kept(key, old, live))
        else _restarts(base, will, alive, new),
    )


def _change(was: Body | None, will: Body | None) -> ChangeKind:
    if was is None:
        return ChangeKind.ADDED
    if will is None:
        return ChangeKind.REMOVED
    return ChangeKind.UNCHANGED if was == will else ChangeKind.CHANGED


def _lines(old: Body | None, new: Body | None, context: int) -> tuple[DiffLine, ...]:
    if "Secret" in {body.get("kind") for body in (old, new) if body is not None}:
        old, new = masked(old, new)
    return diff_lines(written(old) if old else (), written(new) if new else (), context=context)


def _restarts(base: Body | None, will: Body | None, alive: Body | None, new: Rendered | None) -> str:
    """With the number of pods that there are, where an autoscaler has set it."""
    for body, whole in ((base, alive), (will, alive or (new.body if new is not None else None))):
        if body is not None and whole is not None and "replicas" not in (spec := body.get("spec") or {}):
            count = (whole.get("spec") or {}).get("replicas")
            if count is not None:
                spec["replicas"] = count
    return restarts(base, will)
