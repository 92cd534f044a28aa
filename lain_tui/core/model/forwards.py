"""A port of a pod on this machine, as a list shows it."""

from __future__ import annotations

import msgspec


class ForwardRow(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    """The proc or pod it was asked for."""
    pod: str
    """The pod that the last connection went to; empty before the first."""
    local: int
    remote: int
    connections: int = 0
    """Open now."""
    sent: int = 0
    received: int = 0
    """Bytes to the pod and from it, since the start."""
    error: str = ""
    """Why the last connection failed; empty when it did not."""

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.local}"
