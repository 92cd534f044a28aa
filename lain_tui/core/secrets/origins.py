"""Where the app's values set a variable, for those that wonder why a key of a Secret is not seen."""

from __future__ import annotations

from collections.abc import Callable

from lain_tui.core.config.resolve import target_values
from lain_tui.core.errors import LainError
from lain_tui.core.target import Target

_GROUPS = ("deployments", "statefulSets", "cronjobs", "daemonSets", "jobs")


def values_origin(target: Target) -> Callable[[str, str], str]:
    """Answers `values.yaml:14 env.DEBUG` for a proc and a variable; empty when the values do not set it."""
    try:
        values = target_values(target)
    except LainError:
        return lambda proc, variable: ""

    def origin(proc: str, variable: str) -> str:
        for path in (*((group, proc, "env", variable) for group in _GROUPS), ("env", variable)):
            if (found := values.origin(*path)) is not None:
                return f"{found.file.name}:{found.line} {'.'.join(path)}"
        return ""

    return origin
