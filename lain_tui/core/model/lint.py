"""What is wrong, or risky, in an app's chart and values."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class LintSeverity(StrEnum):
    ERROR = "error"
    """It will not work; lint fails."""
    WARNING = "warning"
    """It works, and is probably not what was meant."""


class LintFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to mend, at one place."""

    rule: str
    """Stable name for scripts: `env-not-text`, `cron-schedule` …"""
    severity: LintSeverity
    what: str
    """What is wrong, as a clause without a full stop."""
    mend: str = ""
    """What to write instead; empty when `what` says it all."""
    file: str = ""
    line: int = 0
    """Counted from 1; 0 when it is about the file as a whole."""
    key: str = ""
    """The key's path: `deployments.web.resources.limits.memory`."""
