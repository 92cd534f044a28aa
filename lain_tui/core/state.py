"""Where lain-tui keeps what outlives a run and is no setting: reports of bugs, changes that were cut off."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def state_folder(env: Mapping[str, str] | None = None) -> Path:
    """The folder by the XDG base directories; it need not exist."""
    env = os.environ if env is None else env
    base = Path(env.get("XDG_STATE_HOME") or Path(env.get("HOME") or Path.home()) / ".local" / "state")
    return base / "lain-tui"
