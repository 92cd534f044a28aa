"""What mends a finding, as the command that does it."""

from __future__ import annotations

from lain_tui.core.model.finding import Remedy


def command_for(remedy: Remedy, app: str) -> str:
    """The command without the options that say where; empty where none does it."""
    said = remedy.arguments
    own = said.get("secret", "") in (f"{app}-env", f"{app}-secret")
    match remedy.verb:
        case "env.add" if own:
            return f"env set {said['key']}=-"
        case "env.edit" if own:
            return "env edit"
        case "secret.edit" if own:
            return "secret edit"
        case "logs":
            return f"logs {said['pod']}{' --previous' if said.get('previous') else ''}"
        case "restart" if said.get("proc"):
            return f"restart {said['proc']}"
        case "rollback" | "deploy":
            return remedy.verb
    return ""
