"""Naming what exists when a name is wrong."""

from __future__ import annotations

from collections.abc import Iterable


def known_names(name: str, known: Iterable[str], *, noun: str) -> str:
    """A hint: the nearest known name, then the known ones (`noun` is their plural)."""
    import difflib

    names = sorted(known)
    if not names:
        return f"There are no {noun}."
    listed = f"Known {noun}: {', '.join(names[:30])}{' …' if len(names) > 30 else ''}."
    near = difflib.get_close_matches(name.lower(), {other.lower(): other for other in names}, n=1)
    nearest = next((other for other in names if near and other.lower() == near[0]), "")
    return f"Did you mean {nearest!r}? {listed}" if nearest else listed
