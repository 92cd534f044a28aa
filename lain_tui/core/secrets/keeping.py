"""Drafts kept safe while they are not applied: in memory, and in the kernel's keyring for when the process dies.

Plaintext never touches a disk: the keyring is the kernel's own memory and is not swapped. What that survives and what it
cannot is told in docs/secrets.md.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

import msgspec

from lain_tui.core.model.holder import Holder, Ref
from lain_tui.core.secrets.draft import Draft
from lain_tui.core.secrets.keyring import Keyring, is_alive, start_time

_PREFIX = "lain-tui:draft:"


class _Kept(msgspec.Struct, frozen=True):
    """A draft as it is kept: its edits, and what they were made over."""

    base: Mapping[str, bytes | None]
    edits: Mapping[str, bytes | None]
    at: float


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A draft of a process that is gone."""

    draft: Draft
    at: float
    """When it was kept, in seconds since 1970."""


class Keeper:
    """Keeps the drafts of one run of the app, and finds those of runs that ended or died."""

    def __init__(self, cluster: str, keyring: Keyring | None = None) -> None:
        """`cluster` tells the clusters of one user apart."""
        self._cluster = cluster
        self._keyring = keyring or Keyring()
        self._own = f"{os.getpid()}:{start_time()}"
        self._held: dict[Ref, tuple[str, Mapping[str, bytes | None]]] = {}
        """The name and the edits that are kept."""

    def keep(self, draft: Draft) -> bool:
        """Keep it as it is now; an empty one is forgotten. False when only this process's memory holds it."""
        name = self._stem(draft.base) + self._own
        edits = draft.edits
        if self._held.get(draft.ref) == (name, edits):
            return True
        if not edits or self._held.get(draft.ref, (name,))[0] != name:
            self.forget(draft.ref)
        if not edits:
            return True
        base = {key: draft.base.data.get(key) for key in edits}
        body = msgspec.msgpack.encode(_Kept(base, edits, time.time()))
        if not self._keyring.put(name, body):
            self._held.pop(draft.ref, None)
            return False
        self._held[draft.ref] = name, edits
        return True

    def forget(self, ref: Ref) -> None:
        name, _ = self._held.pop(ref, ("", None))
        if name:
            self._keyring.drop(name)

    def find(self, holder: Holder) -> Found | None:
        """The newest draft of this holder that a run left behind; it is this one's from now on.

        It is merged with what the cluster holds now: what was changed since is a conflict of the draft.
        """
        best: tuple[float, _Kept] | None = None
        stem = self._stem(holder)
        for name in self._keyring.names(stem):
            pid, _, started = name.removeprefix(stem).partition(":")
            if not (pid.isdigit() and started.isdigit()):
                continue
            mine = name.removeprefix(stem) == self._own and holder.ref not in self._held
            if not mine and is_alive(int(pid), int(started)):
                continue
            body = self._keyring.get(name)
            self._keyring.drop(name)
            try:
                kept = msgspec.msgpack.decode(body or b"", type=_Kept)
            except msgspec.DecodeError:
                continue
            if best is None or kept.at > best[0]:
                best = kept.at, kept
        if best is None:
            return None
        kept = best[1]
        then = {**holder.data, **kept.base}
        known = {key: value for key, value in then.items() if value is not None}
        draft = Draft(msgspec.structs.replace(holder, data=known), kept.edits)
        draft.rebase(holder)
        self.keep(draft)
        return Found(draft=draft, at=kept.at) if draft else None

    def _stem(self, holder: Holder) -> str:
        """By its uid, too: one of the same name on another cluster, or made anew, is another one."""
        ref = holder.ref
        return f"{_PREFIX}{self._cluster}/{ref.namespace}/{ref.kind}/{ref.name}/{holder.uid}:"
