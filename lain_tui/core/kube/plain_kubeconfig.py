"""The commonest kubeconfig, read without the Kubernetes libraries, which take longer to load than all else together.

That is one file, and a context whose cluster and user carry their credentials with them: certificates as data, or a
token. Everything else (plugins, logins, files beside it, several kubeconfigs) and whatever looks odd is left to the
official loader in `kubeconfig`, which also words what is wrong; a test holds the two to the same answer.
"""

from __future__ import annotations

import base64
import os
import tempfile
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from lain_tui.core.errors import LainError
from lain_tui.core.kube import tls
from lain_tui.core.kube.access import Settings, bearer
from lain_tui.core.kube.proxy import proxy_for

_OF_CLUSTER = {
    "server",
    "certificate-authority-data",
    "insecure-skip-tls-verify",
    "tls-server-name",
    "extensions",
}
_OF_USER = {"token", "client-certificate-data", "client-key-data"}


def read_plain(files: tuple[Path, ...], context: str = "") -> Settings | None:
    """The settings of a context; None when the official loader has to look. Blocks."""
    if len(files) != 1:
        return None
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        config = yaml.load(files[0].read_bytes(), loader)
        chosen = _only(config["contexts"], context or config["current-context"], "context")
        cluster = _only(config["clusters"], chosen["cluster"], "cluster")
        user = _only(config["users"], chosen["user"], "user") if chosen.get("user") else {}
        if cluster.keys() - _OF_CLUSTER or user.keys() - _OF_USER:
            return None
        return _settings(cluster, user)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, yaml.YAMLError, LainError):
        return None


def _only(entries: list[dict[str, Any]], name: str, part: str) -> dict[str, Any]:
    """What the one entry of that name holds. Raises ValueError when there is none, or more than one."""
    (found,) = [entry for entry in entries if entry["name"] == name]
    held: dict[str, Any] = found[part]
    return {key: value for key, value in held.items() if value not in (None, "")}


def _settings(cluster: dict[str, Any], user: dict[str, Any]) -> Settings:
    server = cluster["server"].rstrip("/")
    token = user.get("token", "")
    if not server.startswith(("http://", "https://")) or token != token.strip():
        raise ValueError(server)
    certificate = _decoded(user, "client-certificate-data")
    context = None
    if server.startswith("https"):
        # Python's TLS takes certificates from files alone.
        with tempfile.TemporaryDirectory(prefix="lain-tui-") as folder:  # mode 0700
            context = tls.client_context(
                ca_file=_file(folder, "ca", _decoded(cluster, "certificate-authority-data")),
                cert_file=_file(folder, "certificate", certificate),
                key_file=_file(folder, "key", _decoded(user, "client-key-data")),
                verify=not cluster.get("insecure-skip-tls-verify", False),
            )
    return Settings(
        server=server,
        tls=context,
        server_name=cluster.get("tls-server-name"),
        proxy=proxy_for(server, None, os.environ),
        authorization=bearer(token) if token else "",
        certificate_expires=tls.expiry(certificate) if certificate and context else None,
    )


def _decoded(held: dict[str, Any], key: str) -> bytes | None:
    return base64.b64decode(held[key], validate=True) if key in held else None


def _file(folder: str, name: str, content: bytes | None) -> Path | None:
    if content is None:
        return None
    path = Path(folder) / name
    path.write_bytes(content)
    return path
