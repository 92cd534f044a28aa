"""Settings of a cluster that come from the user's environment: tokens and passwords that no file should hold.

`secrets_env: {harbor_token: HARBOR_TOKEN}`, or `{harbor_token: {env_name: …, hint: …, required: true}}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lain_tui.core.errors import LainError

KEY = "secrets_env"


def with_secrets(
    settings: Mapping[str, Any], environment: Mapping[str, str], *, needed: Iterable[str] = ()
) -> dict[str, Any]:
    """The settings with what the environment has for them.

    Raises LainError that names the variable when one of `needed` is required and not there; what nobody needs just
    now is not asked for.
    """
    named = settings.get(KEY)
    found = dict(settings)
    for key, entry in named.items() if isinstance(named, Mapping) else ():
        variable, hint, required = _entry(key, entry)
        value = environment.get(variable, "")
        if value:
            found[key] = value
        elif required and key in needed and not settings.get(key):
            raise LainError(
                f"the environment has no {variable}, which {key} comes from",
                where=f"{KEY}.{key}",
                hint=hint or f"Set {variable}.",
            )
    return found


def _entry(key: str, entry: Any) -> tuple[str, str, bool]:
    """The variable, what to say when it is missing, and whether it must be there."""
    if isinstance(entry, str):
        return entry, "", True
    if isinstance(entry, Mapping) and isinstance(entry.get("env_name"), str):
        return entry["env_name"], str(entry.get("hint") or ""), entry.get("required") is not False
    raise LainError("an entry is the name of a variable, or a map with env_name", where=f"{KEY}.{key}")
