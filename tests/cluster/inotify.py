"""Room for several clusters in the kernel's limit of inotify instances, which is one for all that a user runs.

A cluster with a node takes twenty, and Linux's default of 128 is soon used up: what starts then ends with "too many open
files". The limit is raised while clusters run, and put back by whoever finds that none does.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from tests.cluster.binary import cache

_LIMIT = Path("/proc/sys/fs/inotify/max_user_instances")
_ENOUGH = 1024


def raise_limit() -> None:
    """Have enough; without the right to, or where there is enough, nothing changes. Call it under the folders' lock."""
    with contextlib.suppress(OSError):
        if (now := int(_LIMIT.read_text())) < _ENOUGH:
            _before().write_text(str(now))
            _LIMIT.write_text(str(_ENOUGH))


def put_back() -> None:
    """The limit as it was before the first cluster. Call it under the folders' lock, when no cluster runs."""
    with contextlib.suppress(OSError):
        before = _before().read_text()
        if int(_LIMIT.read_text()) == _ENOUGH:  # and not what someone else has made it since
            _LIMIT.write_text(before)
        _before().unlink()


def _before() -> Path:
    return cache() / "inotify-limit-before"
