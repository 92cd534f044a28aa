"""Whether the user's key map names actions that exist; loads every screen to know, so it is asked in the background."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from importlib import import_module

from textual.binding import Binding


def unknown_actions(named: Iterable[str]) -> list[str]:
    """A sentence for each name that no screen and no widget has, with the nearest that exists."""
    known = set(_actions())
    return [
        f"The key map names {name!r}, which nothing has.{_nearest(name, known)} ? shows the names."
        for name in named
        if name not in known and not name.startswith("plugin.")
    ]


def _nearest(name: str, known: set[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def _actions() -> Iterator[str]:
    for package in ("lain_tui.screens", "lain_tui.widgets"):
        for module in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
            for member in vars(import_module(module.name)).values():
                for binding in getattr(member, "BINDINGS", ()) if isinstance(member, type) else ():
                    if isinstance(binding, Binding) and binding.id:
                        yield binding.id
    yield from ("app.quit", "app.palette")
