"""Which objects of two states of a release are the same one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from lain_tui.core.helm.objects import Rendered
from lain_tui.core.model.text import listed

Body = dict[str, Any]


class ObjectKey(NamedTuple):
    """What makes two objects the same one: its version is not part of it."""

    group: str
    kind: str
    name: str
    namespace: str = ""
    """Empty for the release's own, and for what lives in none."""

    @classmethod
    def of(cls, body: Mapping[str, Any], namespace: str = "") -> ObjectKey:
        """The key; `namespace` is the release's own."""
        group = str(body.get("apiVersion", "")).rpartition("/")[0]
        metadata = body.get("metadata")
        metadata = metadata if isinstance(metadata, Mapping) else {}
        place = str(metadata.get("namespace") or "")
        return cls(
            group,
            str(body.get("kind", "")),
            str(metadata.get("name", "")),
            place if place != namespace else "",
        )


Live = Mapping[ObjectKey, Body | None]
"""The live objects that were looked at; None where there is none."""


def keyed(objects: Iterable[Rendered], namespace: str = "") -> dict[ObjectKey, Rendered]:
    """By key. Helm's tests are left out: they are no part of what runs."""
    return {ObjectKey.of(one.body, namespace): one for one in objects if not is_test(one.body)}


def is_test(body: Mapping[str, Any]) -> bool:
    """Helm runs it when it tests the release, and at no other time."""
    events = hook_events(body)
    return bool(events) and all(event.startswith("test") for event in events)


def hook_events(body: Mapping[str, Any]) -> list[str]:
    """The events at which helm runs it beside the release; none for what is part of the release."""
    metadata = body.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    text = (annotations or {}).get("helm.sh/hook", "")
    return [event.strip() for event in str(text).split(",") if event.strip()]


def takes_part(body: Mapping[str, Any], change: str) -> bool:
    """Whether it is part of the release, or a hook that helm runs at this change (`upgrade`, `rollback`)."""
    events = hook_events(body)
    return not events or not {f"pre-{change}", f"post-{change}"}.isdisjoint(events)


def twice(objects: Iterable[Rendered], namespace: str = "") -> Iterator[str]:
    """A sentence for each object that several templates make: helm makes one of them only, or fails."""
    sources: dict[ObjectKey, list[str]] = {}
    for one in objects:
        if not is_test(one.body):
            sources.setdefault(ObjectKey.of(one.body, namespace), []).append(one.source)
    for key, places in sources.items():
        if len(places) > 1:
            where = listed(list(dict.fromkeys(places)))
            yield f"{key.kind} {key.name} is rendered {len(places)} times, by {where}: only the last is compared."
