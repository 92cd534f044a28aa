"""How far the clusters' Kubernetes versions are apart."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lain_tui.core.model.fleet import Standing
from lain_tui.core.model.text import counted

_VERSION = re.compile(r"v?(\d+)\.(\d+)")


def skews(standings: Iterable[Standing]) -> dict[str, str]:
    """For each cluster that is behind the newest one: by how many minor versions, and behind which."""
    known = {
        one.cluster: (int(match[1]), int(match[2]))
        for one in standings
        if (match := _VERSION.match(one.version)) is not None
    }
    if not known:
        return {}
    newest = max(known, key=lambda name: known[name])
    major, minor = known[newest]
    return {
        name: f"{counted(minor - version[1], 'minor version')} behind {newest}"
        if version[0] == major
        else f"a major version behind {newest}"
        for name, version in known.items()
        if version < (major, minor)
    }


def apart(one: str, other: str) -> int | None:
    """How many minor versions the first is older than the other; None when that cannot be said."""
    first, second = _VERSION.match(one), _VERSION.match(other)
    if first is None or second is None or first[1] != second[1]:
        return None
    return int(second[2]) - int(first[2])
