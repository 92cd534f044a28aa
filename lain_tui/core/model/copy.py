"""What came of copying files into or out of a container."""

from __future__ import annotations

import msgspec


class CopyOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """A copy that was made, whole."""

    source: str
    """As one would name it again: `dummy-web-x2kqp:/lain/app/run.py`, `./run.py`."""
    destination: str
    files: int
    bytes: int
    seconds: float
    verified: str
    """`sha256` or `md5` of every file on both sides, or `size` where the container has neither program."""
    by_size: int = 0
    """Files that could only be held to their size after all."""
    grown: tuple[str, ...] = ()
    """Files that grew meanwhile, such as logs: what was copied is how they began."""
    left_out: tuple[str, ...] = ()
    """What was not copied: links that lead out of the folder, sockets and devices."""
