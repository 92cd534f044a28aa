"""A release, what lives of it, and what would be: object by object."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from lain_tui.core.diff.filled import without_filled
from lain_tui.core.diff.keys import Live, ObjectKey, hook_events, keyed, twice
from lain_tui.core.diff.merged import merged
from lain_tui.core.diff.normal import normal
from lain_tui.core.diff.renames import renames
from lain_tui.core.diff.restarts import restarts
from lain_tui.core.diff.secrets import masked, revealed
from lain_tui.core.diff.text import CONTEXT, diff_lines
from lain_tui.core.diff.written import written
from lain_tui.core.helm.objects import Rendered
from lain_tui.core.model.diff import ChangeKind, DiffLine, ObjectDiff, ReleaseDiff

Body = dict[str, Any]


def compare(
    release: Iterable[Rendered],
    following: Iterable[Rendered],
    live: Live | None = None,
    *,
    namespace: str = "",
    context: int = CONTEXT,
    reveal: bool = False,
    notes: Iterable[str] = (),
) -> ReleaseDiff:
    """Compare the release with what would follow it, and both with what lives where that is known.

    `namespace` is the release's own; `reveal` shows what Secrets hold.
    """
    lines = partial(_lines, context=context, reveal=reveal)
    release, following = list(release), list(following)
    old, new = keyed(release, namespace), keyed(following, namespace)
    scaled = _autoscaled((*old.values(), *new.values()))
    renamed = _renamed(old, new, live)
    gone = set(renamed.values())
    objects, unchanged, notes = [], 0, [*notes, *twice(following, namespace)]
    for key in sorted({*old, *new} - gone, key=_order):
        before = renamed.get(key, key)
        one = _object(
            before, key, old.get(before), new.get(key), live, lines,
            replicas=_kind_and_name(key) not in scaled
        )  # fmt: skip
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


def _renamed(
    old: Mapping[ObjectKey, Rendered], new: Mapping[ObjectKey, Rendered], live: Live | None
) -> dict[ObjectKey, ObjectKey]:
    """The old key of each new object that is an old one under another name. What is kept goes nowhere."""
    removed = {
        key: normal(one.body) for key, one in old.items() if key not in new and not _is_kept(key, one, live)
    }
    added = {key: normal(one.body) for key, one in new.items() if key not in old}
    return renames(removed, added)


def _is_kept(key: ObjectKey, old: Rendered, live: Live | None) -> bool:
    """Helm leaves it where it is; the live object's annotation is what helm goes by."""
    alive = live.get(key) if live is not None else None
    metadata = (alive if alive is not None else old.body).get("metadata") or {}
    return str((metadata.get("annotations") or {}).get(_POLICY, "")).strip().lower() == "keep"


_POLICY = "helm.sh/resource-policy"
_FIRST = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job")


def _order(key: ObjectKey) -> tuple[int, str, str, str]:
    """What runs first: that is what people look for."""
    place = _FIRST.index(key.kind) if key.kind in _FIRST else len(_FIRST)
    return (place, key.kind, key.name, key.namespace)


def _kind_and_name(key: ObjectKey) -> tuple[str, str]:
    return key.kind, key.name


def _autoscaled(objects: Iterable[Rendered]) -> set[tuple[str, str]]:
    """Kind and name of the workloads whose number of pods an autoscaler sets."""
    found = set()
    for one in objects:
        if one.kind == "HorizontalPodAutoscaler":
            target = (one.body.get("spec") or {}).get("scaleTargetRef") or {}
            found.add((str(target.get("kind", "")), str(target.get("name", ""))))
    return found


def _object(
    before: ObjectKey,
    key: ObjectKey,
    old: Rendered | None,
    new: Rendered | None,
    live: Live | None,
    lines: Callable[..., tuple[DiffLine, ...]],
    *,
    replicas: bool,
) -> ObjectDiff | None:
    """The object's diff; None when it is the same everywhere. `before` is its key in the release."""
    hook = any(hook_events(one.body) for one in (old, new) if one is not None)
    looked = live is not None and before in live and not hook
    alive = live[before] if live is not None and looked else None
    if not looked and old is not None and new is not None and old.body == new.body:
        return None
    was = normal(old.body, replicas=replicas) if old is not None else None
    will = normal(new.body, replicas=replicas) if new is not None else None
    lives = normal(alive, replicas=replicas) if alive is not None else None
    # What will be in the cluster: what others wrote there, and no chart speaks of, stays.
    becomes = will
    if alive is not None and new is not None and before == key:
        becomes = normal(merged(old.body if old is not None else None, alive, new.body), replicas=replicas)
    change = _change(was, will)
    if before != key:
        # Paths hold names, such as those of containers, which often change with the object's own.
        change, lines = ChangeKind.RENAMED, partial(lines, paths=False)
    plain = without_filled(lives, was) if lives is not None and was is not None else lives
    drifted = looked and was is not None and plain != was
    # Gone from the cluster and about to be made again: that is drift, too.
    if change is ChangeKind.UNCHANGED and not drifted:
        return None
    base = lives if looked else was
    return ObjectDiff(
        kind=key.kind,
        name=key.name,
        namespace=key.namespace,
        was=before.name if before != key else "",
        change=change,
        hook=hook,
        lines=lines(was, will) if change is not ChangeKind.UNCHANGED else (),
        live_lines=lines(lives, becomes) if looked else (),
        drift=lines(was, plain) if drifted else (),
        live=alive is not None if looked else None,
        restarts=""
        if hook or (will is None and old and _is_kept(key, old, live))
        else _made_anew(base, will, alive, new)
        if before != key
        else _restarts(base, becomes, alive, new),
    )


def _change(was: Body | None, will: Body | None) -> ChangeKind:
    if was is None:
        return ChangeKind.ADDED
    if will is None:
        return ChangeKind.REMOVED
    return ChangeKind.UNCHANGED if was == will else ChangeKind.CHANGED


def _lines(
    old: Body | None, new: Body | None, *, context: int, reveal: bool, paths: bool = True
) -> tuple[DiffLine, ...]:
    """The differing lines; without `paths` equal lines are one wherever they stand."""
    if "Secret" in {body.get("kind") for body in (old, new) if body is not None}:
        if reveal:
            old, new = (revealed(body) if body is not None else None for body in (old, new))
        else:
            old, new = masked(old, new)
    before, after = (written(body) if body else [] for body in (old, new))
    if not paths:
        before, after = ([(text, "") for text, _ in lines] for lines in (before, after))
    return diff_lines(before, after, context=context)


def _made_anew(base: Body | None, will: Body | None, alive: Body | None, new: Rendered | None) -> str:
    """`ends 3 pods, starts 3 pods`: another name is another workload."""
    parts = (_restarts(base, None, alive, None), _restarts(None, will, None, new))
    return ", ".join(filter(None, parts))


def _restarts(base: Body | None, will: Body | None, alive: Body | None, new: Rendered | None) -> str:
    """With the number of pods that there are, where an autoscaler has set it."""
    for body, whole in ((base, alive), (will, alive or (new.body if new is not None else None))):
        if body is not None and whole is not None and "replicas" not in (spec := body.get("spec") or {}):
            count = (whole.get("spec") or {}).get("replicas")
            if count is not None:
                spec["replicas"] = count
    return restarts(base, will)
