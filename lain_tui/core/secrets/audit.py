"""Telling of a change: annotations, the app's webhook, an Event in the namespace. Names of keys, never a value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from lain_tui.core.errors import LainError
from lain_tui.core.kube.client import FIELD_MANAGER, KubeClient
from lain_tui.core.kube.errors import Forbidden
from lain_tui.core.kube.resources import EVENTS
from lain_tui.core.model.holder import Change, Holder
from lain_tui.core.model.text import listed
from lain_tui.core.notify.notice import Notice, executor
from lain_tui.core.target import Target

CHANGED_BY = "lain-tui/changed-by"
CHANGED_AT = "lain-tui/changed-at"

Changes = Mapping[str, Change]


def stamps(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """The annotations that a change leaves on the object: who and when."""
    return {
        CHANGED_BY: executor(env) or "unknown",
        CHANGED_AT: datetime.now(UTC).isoformat(timespec="seconds"),
    }


def in_words(changes: Changes, *, most: int = 12) -> str:
    """`added A, changed B and C, removed D`."""
    parts = []
    for change in Change:
        keys = [key for key, done in changes.items() if done is change]
        if keys:
            parts.append(f"{change.value} {listed(keys, most=most)}")
    return ", ".join(parts)


def notice_of(target: Target, holder: Holder, changes: Changes) -> Notice:
    """What the webhook is told."""
    fields = [
        ("cluster", target.cluster),
        ("namespace", target.namespace),
        ("executor", holder.annotations.get(CHANGED_BY, "") or executor()),
        (holder.ref.kind.lower(), holder.ref.name),
    ]
    for change in Change:
        keys = [key for key, done in changes.items() if done is change]
        fields.append((change.value, ", ".join(keys)))
    return Notice(
        title=f"changed {holder.ref.title} of {target.app or target.namespace}", fields=tuple(fields)
    )


async def leave_event(kube: KubeClient, holder: Holder, changes: Changes) -> str:
    """Write an Event about the holder; return why that could not be, empty when it could."""
    now = datetime.now(UTC)
    who = holder.annotations.get(CHANGED_BY, "")
    stamp = now.isoformat(timespec="seconds").replace("+00:00", "Z")
    body = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": f"{holder.ref.name[:200]}.{int(now.timestamp() * 1e6):x}",
            "namespace": holder.ref.namespace,
        },
        "involvedObject": {
            "apiVersion": "v1",
            "kind": holder.ref.kind,
            "name": holder.ref.name,
            "namespace": holder.ref.namespace,
            "uid": holder.uid,
        },
        "type": "Normal",
        "reason": "ConfigurationChanged",
        "message": f"{who or 'somebody'} {in_words(changes)}"[:1000],
        "source": {"component": FIELD_MANAGER},
        "firstTimestamp": stamp,
        "lastTimestamp": stamp,
        "count": 1,
    }
    try:
        await kube.create(EVENTS, body, holder.ref.namespace)
    except Forbidden:
        return "you may not create events"
    except LainError as error:
        return error.what
    return ""
