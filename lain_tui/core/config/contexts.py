"""The contexts of kubeconfig files: just enough to choose one, without loading a Kubernetes client.

Credentials and everything else are read by `lain_tui.core.kube.kubeconfig` when the cluster is first asked.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from lain_tui.core.config.names import known_names
from lain_tui.core.errors import LainError
from lain_tui.core.values.reader import parse_tree, read_text


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """One context: a cluster, a user and a namespace under a name."""

    name: str
    namespace: str = ""
    """Empty when the file names none: `default`."""
    file: Path


class Contexts(msgspec.Struct, frozen=True, kw_only=True):
    """The contexts of several files, merged as kubectl merges them: the first file to say something wins."""

    files: tuple[Path, ...]
    current: str
    by_name: dict[str, Context]

    def choose(self, name: str = "") -> Context:
        """The context of that name, or the current one; raises LainError naming those that exist."""
        places = ", ".join(map(str, self.files))
        wanted = name or self.current
        if not wanted:
            hint = f"Choose one with --context. {known_names('', self.by_name, noun='contexts')}"
            raise LainError("no current context is set", where=places, hint=hint)
        if wanted not in self.by_name:
            hint = known_names(wanted, self.by_name, noun="contexts")
            raise LainError(f"there is no context {wanted!r}", where=places, hint=hint)
        return self.by_name[wanted]


def kubeconfig_files(env: Mapping[str, str]) -> tuple[Path, ...]:
    """The files that kubectl would read: those of $KUBECONFIG that exist, else ~/.kube/config, links followed."""
    named = env.get("KUBECONFIG", "")
    if named:
        files = [Path(part).expanduser() for part in named.split(os.pathsep) if part]
    else:
        files = [kube_folder(env) / "config"]
    return tuple(file.resolve() for file in files if file.exists())


def kube_folder(env: Mapping[str, str]) -> Path:
    """`~/.kube`."""
    return Path(env.get("HOME") or Path.home()) / ".kube"


def read_contexts(files: Sequence[Path]) -> Contexts:
    """Read the files; raises LainError for one that is missing, unreadable or no kubeconfig."""
    current = ""
    by_name: dict[str, Context] = {}
    for file in files:
        body = parse_tree(read_text(file), file, repeats=True).plain()
        if not isinstance(body, dict | None):
            raise LainError("this is no kubeconfig", where=str(file))
        body = body or {}
        current = current or str(body.get("current-context") or "")
        for entry in _maps(body.get("contexts")):
            name = str(entry.get("name") or "")
            inner = entry.get("context")
            namespace = str(inner.get("namespace") or "") if isinstance(inner, dict) else ""
            by_name.setdefault(name, Context(name=name, namespace=namespace, file=file))
    return Contexts(files=tuple(files), current=current, by_name=by_name)


def _maps(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
