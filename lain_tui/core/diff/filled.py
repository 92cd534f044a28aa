"""What is in a live object though no chart says it, and nobody changed: helm's label, a custom kind's defaults."""

from __future__ import annotations

import re
from typing import Any

Body = dict[str, Any]

_LABEL = ("app.kubernetes.io/managed-by", "Helm")
_OWN_GROUPS = re.compile(r"(?:[^/.]+|[^/]+\.k8s\.io)/[^/]+|v1")
"""Of Kubernetes itself, whose defaults are known (`normal.py`)."""


def without_filled(live: Body, release: Body) -> Body:
    """The normalised live object as the release would have it, where only helm and the server have added to it."""
    if not _OWN_GROUPS.fullmatch(str(live.get("apiVersion", ""))):
        metadata = live.get("metadata")
        live = _spoken_of(live, release) | ({"metadata": metadata} if metadata is not None else {})
    return _without_label(live, release)


def _without_label(live: Body, release: Body) -> Body:
    metadata = live.get("metadata") or {}
    labels = dict(metadata.get("labels") or {})
    key, value = _LABEL
    if labels.get(key) != value or key in ((release.get("metadata") or {}).get("labels") or {}):
        return live
    del labels[key]
    kept = {name: inner for name, inner in metadata.items() if name != "labels"}
    return {**live, "metadata": kept | ({"labels": labels} if labels else {})}


def _spoken_of(live: Any, release: Any) -> Any:
    """Without the fields that the release says nothing of: its schema may have a default for each."""
    if isinstance(live, dict) and isinstance(release, dict):
        return {key: _spoken_of(value, release[key]) for key, value in live.items() if key in release}
    if isinstance(live, list) and isinstance(release, list) and len(live) == len(release):
        return [_spoken_of(one, other) for one, other in zip(live, release, strict=True)]
    return live
