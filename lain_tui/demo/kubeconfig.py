"""The files a client needs: a kubeconfig, and the cluster values that say on which port its ingresses answer."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

CONTEXT = "demo"


def _write(path: Path, text: str) -> None:
    """Write a private file in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o600)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write(path: Path, url: str, token: str = "") -> None:
    """Write a kubeconfig with one context, ``demo``."""
    user = {"token": token} if token else {}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": CONTEXT,
        "clusters": [{"name": CONTEXT, "cluster": {"server": url}}],
        "users": [{"name": CONTEXT, "user": user}],
        "contexts": [
            {"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT, "namespace": "default"}}
        ],
    }
    _write(path, json.dumps(config, indent=1) + "\n")


def write_values(path: Path, port: int) -> Path:
    """Write lain's cluster values for this cluster."""
    text = f"""# Cluster values of the embedded demo cluster
namespace: default
registry: 127.0.0.1:{port}
internalRegistry: registry.demo.local
domain: localhost
ingress_internal_port: {port}
ingress_external_port: {port}
ingressClass: nginx
supportsIngressClassName: true
grafana_url: http://grafana.localhost:{port}/d/lain/apps
kibana: kibana.localhost:{port}
"""
    _write(path, text)
    return path
