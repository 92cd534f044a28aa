"""Names kept for a while, so that the next press of tab is quick, and works while the cluster is away."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.target import Target

FRESH = 30.0
"""Seconds in which the cluster is not asked again."""


def names(kind: str, target: Target, env: Mapping[str, str]) -> list[tuple[str, str]]:
    """The names of a kind with a word about each; old ones, or none, when they cannot be had now. Never raises."""
    file = _file(kind, target, env)
    kept = _read(file)
    if kept is not None and _age(file) < FRESH:
        return kept
    from lain_tui.core.names.live import ask

    try:
        found = [(name.text, name.about) for name in asyncio.run(ask(kind, target, env))]
    except (LainError, TimeoutError, OSError):
        return kept or []
    _write(file, found)
    return found


def _file(kind: str, target: Target, env: Mapping[str, str]) -> Path:
    where = (kind, *map(str, target.kubeconfig), target.context, target.cluster, target.namespace, target.app)
    base = env.get("XDG_CACHE_HOME") or Path(env.get("HOME") or Path.home()) / ".cache"
    key = hashlib.sha256("\0".join(where).encode()).hexdigest()[:32]
    return Path(base) / "lain-tui" / "names" / f"{key}.json"


def _age(file: Path) -> float:
    return time.time() - file.stat().st_mtime


def _read(file: Path) -> list[tuple[str, str]] | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=list[tuple[str, str]])
    except (OSError, msgspec.DecodeError):
        return None


def _write(file: Path, found: list[tuple[str, str]]) -> None:
    fresh = file.with_suffix(f".{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh.write_bytes(msgspec.json.encode(found))
        fresh.replace(file)
    except OSError:
        fresh.unlink(missing_ok=True)
