"""The user's own commands: their words filled in from the selection, and run without a shell."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence

from lain_tui.core.config.names import known_names
from lain_tui.core.config.settings import Plugin
from lain_tui.core.errors import LainError
from lain_tui.core.process import attend
from lain_tui.core.target import Target

_NAME = re.compile(r"\$(?:\$|([A-Z_]+)|\{([A-Z_]+)\})")

NAMES = {
    "APP": "the app",
    "RELEASE": "its helm release",
    "CLUSTER": "the cluster, as the header has it",
    "CONTEXT": "the kubeconfig's context",
    "NAMESPACE": "the namespace",
    "KUBECONFIG": "the kubeconfig's path",
    "PROC": "the proc of the selected row",
    "RESOURCE": "the proc's object: `dummy-web`",
    "KIND": "the kind of that object: `Deployment`",
    "POD": "the selected pod",
    "NODE": "the node that it runs on",
}
"""What may stand behind a `$`."""

_MISSING = {"POD": "a pod", "NODE": "a pod that has a node"}


def of_target(target: Target) -> dict[str, str]:
    """The names that do not depend on a row."""
    return {
        "APP": target.app,
        "RELEASE": target.release or target.app,
        "CLUSTER": target.cluster,
        "CONTEXT": target.context,
        "NAMESPACE": target.namespace,
        "KUBECONFIG": os.pathsep.join(map(str, target.kubeconfig)),
    }


def resolved(name: str, plugin: Plugin, selection: Mapping[str, str]) -> tuple[str, ...]:
    """The command's words with the selection in them; `$$` is a dollar.

    Raises LainError for a name that does not exist, and for one that the selection has not.
    """

    def fill(match: re.Match[str]) -> str:
        key = match[1] or match[2]
        if key is None:
            return "$"
        if key not in NAMES:
            hint = known_names(key, NAMES, noun="names")
            raise LainError(f"there is no ${key}", where=f"plugin {name}", hint=hint)
        if not selection.get(key):
            raise LainError(f"{name} needs {_MISSING.get(key, NAMES[key])}: select one first")
        return selection[key]

    return tuple(_NAME.sub(fill, word) for word in plugin.command)


def check(name: str, plugin: Plugin) -> None:
    """Raise LainError when it can never be run."""
    if not plugin.command:
        raise LainError("a plugin needs a command", where=f"plugin {name}")
    resolved(name, plugin, dict.fromkeys(NAMES, "x"))


async def run(argv: Sequence[str], selection: Mapping[str, str]) -> int:
    """Run it on the terminal, the kubeconfig being that of the app; return its exit code. Raises LainError."""
    env = {**os.environ, "KUBECONFIG": selection["KUBECONFIG"]} if selection.get("KUBECONFIG") else None
    return await attend(argv, environment=env, hint="Mend the plugin's command.")
