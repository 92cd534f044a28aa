"""The user's settings: `~/.config/lain-tui/config.yaml`, then variables of the environment over it.

A field `logs.lines` is `logs:` with `lines:` beneath in the file, and LAIN_TUI_LOGS_LINES in the environment, where
lists are written `a,b` and maps `key=value,key=value`. The file's place follows the XDG base directories.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_type_hints

import msgspec

from lain_tui.core.config.names import known_names
from lain_tui.core.errors import LainError
from lain_tui.core.values.node import KeyPath, Node
from lain_tui.core.values.reader import read_table

PREFIX = "LAIN_TUI_"


class LogSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The Logs screen."""

    lines: int = 200_000
    """How many lines are kept for scrolling back; the oldest go first."""
    tail: int = 200
    """How many past lines of each container are shown at first."""


class Beats(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often, in seconds, what cannot be watched is asked for."""

    metrics: float = 15.0
    """CPU and memory; the metrics API has new figures every 15 seconds at best."""
    urls: float = 30.0
    """Every URL of the app's ingresses."""


class Plugin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command of the user's, bound to a key of the Status screen. It is shown, resolved, before it runs."""

    key: str
    """The key, as Textual names it: `H`, `ctrl+t`, `f5`."""
    command: tuple[str, ...]
    """The program and its arguments; `$POD`, `$NAMESPACE`, `$PROC` … are the selection's. No shell reads them."""
    label: str = ""
    """A word or two for the footer; the plugin's own name when it is empty."""
    changes: bool = True
    """It may change something: refused when read-only, and asked about by name on a protected cluster."""
    pause: bool = True
    """Wait for enter when it has ended, so that what it printed can be read."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that can be set."""

    theme: str = ""
    """The name of a theme; empty for lain-tui's own."""
    ascii: bool = False
    """Draw with ASCII characters only."""
    mouse: bool = True
    """Let the mouse click and scroll; off leaves it to the terminal."""
    read_only: bool | tuple[str, ...] = False
    """Refuse every change, as --read-only does; or patterns of the clusters and contexts where to."""
    protected: tuple[str, ...] = ("prod", "prod-*", "*-prod", "production")
    """Patterns of clusters and contexts where a change asks for the app's name to be typed."""
    colours: dict[str, str] = {}
    """The colour of a cluster's name, by pattern of clusters and contexts: a name of CSS or `#rrggbb`."""
    webhooks: dict[str, str] = {}
    """Whom to tell of changes when the app's own values name no webhook: an address by pattern of clusters."""
    keymap: dict[str, str] = {}
    """Other keys for actions, by the action's name as the keys screen shows it."""
    logs: LogSettings = LogSettings()
    beats: Beats = Beats()
    plugins: dict[str, Plugin] = {}
    """Commands of yours by name."""

    def reads_only(self, *names: str) -> bool:
        """Whether nothing may be changed on a cluster of one of these names."""
        return self.read_only if isinstance(self.read_only, bool) else fits(self.read_only, *names)


def fits(patterns: Iterable[str], *names: str) -> bool:
    """One of the patterns fits one of the names of a cluster."""
    return any(fnmatchcase(name, pattern) for name in names if name for pattern in patterns)


def for_cluster(by_pattern: Mapping[str, str], *names: str) -> str:
    """What the first pattern that fits one of the names holds; empty without one."""
    return next((value for pattern, value in by_pattern.items() if fits([pattern], *names)), "")


def settings_file(env: Mapping[str, str]) -> Path:
    """Where the file is looked for."""
    base = env.get("XDG_CONFIG_HOME") or Path(env.get("HOME") or Path.home()) / ".config"
    return Path(base) / "lain-tui" / "config.yaml"


def load_settings(env: Mapping[str, str] | None = None) -> Settings:
    """The settings in force; raises LainError naming file, line and key, with the nearest right key."""
    return load_with_origins(env)[0]


def load_with_origins(env: Mapping[str, str] | None = None) -> tuple[Settings, dict[str, str]]:
    """The settings, and where each came from by its dotted name: `FILE:LINE`, `$VARIABLE` or `default`."""
    env = os.environ if env is None else env
    file = settings_file(env)
    root = Node(read_table(file) if file.exists() else {}, file, 1)
    given: dict[str, Any] = root.plain()
    settings = _convert(given, root)
    origins = {".".join(path): _file_origin(root, path) for path, _ in _fields(Settings)}
    variables = _variables()
    for name in sorted(name for name in env if name.startswith(PREFIX)):
        if name not in variables:
            raise LainError(
                f"there is no setting behind the variable {name}",
                hint=known_names(name, variables, noun="variables"),
            )
        path, kind = variables[name]
        settings = _with(settings, path, _from_text(env[name], kind, name))
        origins[".".join(path)] = f"${name}"
    return settings, origins


def _fields(struct: type[msgspec.Struct], above: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Every single setting: its path and its type."""
    for name, kind in get_type_hints(struct).items():
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            yield from _fields(kind, (*above, name))
        else:
            yield (*above, name), kind


def _variables() -> dict[str, tuple[KeyPath, Any]]:
    return {PREFIX + "_".join(path).upper(): (path, kind) for path, kind in _fields(Settings)}


def _file_origin(root: Node, path: KeyPath) -> str:
    node = root.find(path)
    return "default" if node is None else node.where


_AT = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_UNKNOWN = re.compile(r"unknown field `(?P<name>[^`]*)`")


def _convert(given: dict[str, Any], root: Node) -> Settings:
    try:
        return msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        message = str(error)
    at = _AT.search(message)
    path = tuple(re.findall(r"[^.\[\]]+", at["path"].replace("[...]", ".*"))) if at else ()
    unknown = _UNKNOWN.search(message)
    path = _named(path, root, unknown["name"] if unknown else "")
    node = root.find(path) or root.find(path[:-1]) or root
    place = f"{node.where}: {'.'.join(path)}"
    if unknown:
        known = _struct_at(path[:-1]).__struct_fields__
        what = f"there is no setting {'.'.join(path)}"
        raise LainError(what, where=place, hint=known_names(path[-1], known, noun="settings there"))
    what = message[: at.start()] if at else message
    raise LainError(f"{what[:1].lower()}{what[1:]}", where=place)


def _named(path: KeyPath, root: Node, unknown: str) -> KeyPath:
    """The path with the name in place of the `*` that msgspec puts for a map's key, and the unknown key at its end."""
    if "*" in path:
        star = path.index("*")
        above, below = path[:star], path[star + 1 :]
        node = root.find(above)
        for name in node.plain() if node is not None else ():
            entry = root.find((*above, name))
            assert entry is not None
            if entry.find((*below, unknown)) if unknown else not _fits(entry, above):
                path = (*above, name, *below)
                break
    return (*path, unknown) if unknown else path


def _fits(entry: Node, above: KeyPath) -> bool:
    """Whether a map's entry is what its map holds."""
    try:
        msgspec.convert(entry.plain(), _kind_of(above), strict=False)
    except msgspec.ValidationError:
        return False
    return True


def _kind_of(path: KeyPath) -> Any:
    """The type of a map's entries."""
    return get_args(get_type_hints(_struct_at(path[:-1]))[path[-1]])[1]


def _struct_at(path: KeyPath) -> Any:
    here: Any = Settings
    for key in path:
        here = get_type_hints(here)[key] if hasattr(here, "__struct_fields__") else get_args(here)[1]
    return here


def _from_text(text: str, kind: Any, name: str) -> Any:
    value: Any = text
    if isinstance(kind, UnionType) and text.lower() not in ("true", "false", "1", "0"):
        kind = next(each for each in get_args(kind) if get_args(each))  # the list in place of one word
    if getattr(kind, "__origin__", kind) is tuple:
        value = [part.strip() for part in text.split(",") if part.strip()]
    elif getattr(kind, "__origin__", kind) is dict:
        value = dict(part.split("=", 1) for part in text.split(",") if "=" in part)
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        raise LainError(f"${name}: {str(error)[:1].lower()}{str(error)[1:]}, not {text!r}") from None


def _with(settings: Settings, path: KeyPath, value: Any) -> Settings:
    if len(path) == 1:
        return msgspec.structs.replace(settings, **{path[0]: value})
    group = msgspec.structs.replace(getattr(settings, path[0]), **{path[1]: value})
    return msgspec.structs.replace(settings, **{path[0]: group})
