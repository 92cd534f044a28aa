"""The settings as a reader meets them: what each is for, what it is now, and where that was said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_type_hints
from urllib.parse import urlsplit

import msgspec

from lain_tui.core.config.settings import PREFIX, Settings, load_with_origins
from lain_tui.core.model.described import sentences
from lain_tui.core.values.node import KeyPath


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One setting."""

    name: str
    """Dotted: `logs.lines`."""
    value: Any
    default: Any
    origin: str
    """`FILE:LINE`, `$VARIABLE`, `--flag` or `default`."""
    about: str
    variable: str
    """The variable of the environment that sets it."""


def describe(env: Mapping[str, str], flags: Mapping[str, Any]) -> list[Setting]:
    """All of them, in the order of the documentation; `flags` are what the command line said of settings."""
    current, origins = load_with_origins(env)
    told = dict(_told(Settings))
    found = []
    for path, default in _leaves(Settings()):
        name = ".".join(path)
        value: Any = current
        for key in path:
            value = getattr(value, key)
        origin = origins[name]
        if name in flags:
            value, origin = flags[name], f"--{name.replace('_', '-')}"
        variable = PREFIX + "_".join(path).upper()
        found.append(
            Setting(
                name=name, value=_shown(name, value), default=default, origin=origin,
                about=told.get(path, ""), variable=variable,
            )
        )  # fmt: skip
    return found


def _shown(name: str, value: Any) -> Any:
    """A webhook's address is a password: who has it can write to the chat."""
    if name != "webhooks":
        return msgspec.to_builtins(value)
    return {pattern: f"{urlsplit(url).scheme}://{urlsplit(url).hostname}/…" for pattern, url in value.items()}


def _leaves(struct: msgspec.Struct, above: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    for name in struct.__struct_fields__:
        value = getattr(struct, name)
        if isinstance(value, msgspec.Struct):
            yield from _leaves(value, (*above, name))
        else:
            yield (*above, name), msgspec.to_builtins(value)


def _told(struct: type[msgspec.Struct], above: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """The sentence beneath each field, from the source: written once, told everywhere."""
    for name, kind in get_type_hints(struct).items():
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            yield from _told(kind, (*above, name))
    yield from (((*above, name), about) for name, about in sentences(struct).items())
