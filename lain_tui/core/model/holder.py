"""Secrets and ConfigMaps opened: their values as bytes, who reads them, and what was changed and not yet applied.

Nothing here shows a value by accident: what holds values is represented by the names of its keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec

HolderKind = Literal["Secret", "ConfigMap"]


class Ref(msgspec.Struct, frozen=True, kw_only=True):
    """Which one is meant."""

    kind: HolderKind = "Secret"
    name: str
    namespace: str

    @property
    def title(self) -> str:
        """`Secret dummy-env`."""
        return f"{self.kind} {self.name}"


class Holder(msgspec.Struct, frozen=True, kw_only=True, repr_omit_defaults=True):
    """A Secret or ConfigMap as it was read."""

    ref: Ref
    data: Mapping[str, bytes] = {}
    """Each value byte for byte, by key."""
    exists: bool = True
    type: str = "Opaque"
    immutable: bool = False
    uid: str = ""
    version: str = ""
    """Its resourceVersion; empty while it does not exist."""
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    owner: str = ""
    """Who renews it, and would undo a change: a controller's kind and name, or `helm`; empty for nobody."""
    changed: datetime | None = None
    """When its data was last written."""

    def __repr__(self) -> str:
        return f"Holder({self.ref.title}, keys={sorted(self.data)}, version={self.version!r})"

    @property
    def masked(self) -> bool:
        """Its values are shown only when they are asked for."""
        return self.ref.kind == "Secret"


class Change(StrEnum):
    """What a draft does to a key."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """A key that both changed since they last agreed; None stands for a key that is not there."""

    key: str
    base: bytes | None
    ours: bytes | None
    theirs: bytes | None

    def __repr__(self) -> str:
        return f"Conflict({self.key})"


class Way(StrEnum):
    """How a key comes into a container."""

    ENV_FROM = "envFrom"
    ENV = "env"
    FILE = "file"
    """A mounted file; renewed in running pods within a minute or two."""
    SUB_PATH = "subPath"
    """One file mounted by itself: never renewed in a running container."""


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """One proc's container that is given a holder, or one key of it."""

    proc: str
    kind: str
    """The workload's kind: Deployment, CronJob …"""
    container: str
    way: Way
    key: str = ""
    """The one key that is read; empty for all."""
    name: str = ""
    """The variable's name or the file's path, where it is another than the key."""
    optional: bool = False

    @property
    def needs_restart(self) -> bool:
        return self.way is not Way.FILE


class Shadow(msgspec.Struct, frozen=True, kw_only=True):
    """Something else gives a container the variable, so that the key is not seen there."""

    key: str
    proc: str
    by: str
    """`values.yaml:14 env.DEBUG`, `env of the container`, `Secret other`."""


class Absent(msgspec.Struct, frozen=True, kw_only=True):
    """A key that a proc reads and that is not there."""

    key: str
    proc: str
    way: Way
    optional: bool = False


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Who reads a holder, from the live specs."""

    readers: tuple[Reader, ...] = ()
    shadows: tuple[Shadow, ...] = ()
    absent: tuple[Absent, ...] = ()
    outdated: tuple[str, ...] = ()
    """Pods whose containers started before the data was last written: they run the values before."""
    unknown: str = ""
    """Why it is not known who reads it: a permission that is missing."""

    def of(self, key: str) -> tuple[Reader, ...]:
        """Those that read one key."""
        return tuple(reader for reader in self.readers if not reader.key or reader.key == key)
