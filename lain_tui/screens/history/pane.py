"""What stands beneath the list: one revision's diff, values, manifest or notes."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import NamedTuple

from lain_tui.core.diff.manifest import without_secrets
from lain_tui.core.diff.report import changes_in_words, restarts_in_words
from lain_tui.core.diff.server import read_live
from lain_tui.core.diff.three import compare
from lain_tui.core.helm.history import History, objects_of
from lain_tui.core.helm.values import values_yaml
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.model.diff import ReleaseDiff
from lain_tui.core.model.release import Revision


class View(StrEnum):
    DIFF = "diff"
    LIVE = "against live"
    VALUES = "values"
    MANIFEST = "manifest"
    NOTES = "notes"


class Shown(NamedTuple):
    """What to show: a diff, or a text."""

    title: str
    diff: ReleaseDiff | None = None
    words: tuple[tuple[str, str], ...] = ()
    text: str = ""


async def load(
    kube: KubeClient, history: History, view: View, revision: Revision, other: Revision | None
) -> Shown:
    """Raises KubeError, and LainError for a damaged record."""
    record = await history.record(revision)
    name = f"revision {revision.revision}"
    if view is View.VALUES:
        return Shown(f"values given to {name}", text=values_yaml(record.config or {}))
    if view is View.MANIFEST:
        return Shown(f"manifest of {name}", text=without_secrets(record.manifest))
    if view is View.NOTES:
        return Shown(f"notes of {name}", text=record.info.notes or "The chart has none.")
    own = objects_of(record)
    if view is View.LIVE:
        live = await read_live(kube, history.namespace, own)
        diff = await asyncio.to_thread(compare, own, own, live, namespace=history.namespace)
        calm = () if diff.drifted else (("Nothing lives otherwise.", "quiet"),)
        return Shown(f"{name} → what lives", diff=diff, words=calm)
    before = objects_of(await history.record(other)) if other is not None else []
    diff = await asyncio.to_thread(compare, before, own, namespace=history.namespace)
    title = f"revision {other.revision} → {revision.revision}" if other is not None else f"{name}, the first"
    words = [(changes_in_words(diff), "quiet")]
    words += [(restarts_in_words(diff), "quiet")] if diff.changes else []
    return Shown(title, diff=diff, words=tuple(words))
