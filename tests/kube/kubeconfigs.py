"""Writing kubeconfigs for the tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lain_tui.core.target import Target


def write(
    path: Path,
    server: str,
    *,
    user: dict[str, Any] | None = None,
    cluster: dict[str, Any] | None = None,
    name: str = "one",
    current: str | None = None,
) -> Path:
    """A kubeconfig of one context (JSON is YAML)."""
    config: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": server, **(cluster or {})}}],
        "contexts": [{"name": name, "context": {"cluster": name, **({"user": name} if user else {})}}],
        "current-context": name if current is None else current,
    }
    if user:
        config["users"] = [{"name": name, "user": user}]
    path.write_text(json.dumps(config))
    return path


def target(*files: Path, context: str = "") -> Target:
    return Target(namespace="dummy", cluster="test", kubeconfig=files, context=context)
