"""Which docker engine is meant, as docker's own client finds it.

Order: what the user asked for here, DOCKER_HOST, DOCKER_CONTEXT, the context chosen with `docker context use`, the
local socket. Files: docker's config.json and contexts/ beside it.
"""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from lain_tui.core.errors import LainError

LOCAL = "unix:///var/run/docker.sock"


class DockerHost(msgspec.Struct, frozen=True, kw_only=True):
    """An engine's address, and the certificates to reach it with."""

    url: str
    """unix://, tcp:// or ssh://."""
    source: str
    """Where the address comes from, for messages: `DOCKER_HOST`, `context NAME` …"""
    certificates: Path | None = None
    """Folder of ca.pem, cert.pem and key.pem."""
    verify: bool = True

    @property
    def environment(self) -> dict[str, str]:
        """For a docker client that shall talk to just this engine."""
        settings = {"DOCKER_HOST": self.url, "DOCKER_CONTEXT": ""}
        if self.certificates is not None:
            settings["DOCKER_CERT_PATH"] = str(self.certificates)
            settings["DOCKER_TLS"] = "1"
            settings["DOCKER_TLS_VERIFY"] = "1" if self.verify else ""
        return settings

    def tls(self) -> ssl.SSLContext | None:
        """How to speak TLS to it; None when it is not spoken. Raises LainError for unreadable certificates."""
        if self.certificates is None:
            return None
        try:
            authority = self.certificates / "ca.pem"
            context = ssl.create_default_context(cafile=authority if authority.exists() else None)
            if not self.verify:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            if (self.certificates / "cert.pem").exists():
                context.load_cert_chain(self.certificates / "cert.pem", self.certificates / "key.pem")
        except (OSError, ssl.SSLError) as error:
            raise LainError(
                f"the certificates cannot be used: {error}", where=str(self.certificates)
            ) from error
        return context


def docker_config_folder(environment: Mapping[str, str]) -> Path:
    """Where docker keeps its settings and logins."""
    given = environment.get("DOCKER_CONFIG")
    return Path(given) if given else Path(environment.get("HOME") or Path.home()) / ".docker"


def resolve_host(environment: Mapping[str, str], *, remote: str = "") -> DockerHost:
    """The engine to use; `remote` (HOST:PORT or a URL) comes before everything else.

    Raises LainError for a context that is not there and an address that cannot be one.
    """
    if remote:
        return DockerHost(url=_checked(remote if "://" in remote else f"tcp://{remote}", "remote_docker"),
                          source="remote_docker", certificates=_certificates(environment),
                          verify=bool(environment.get("DOCKER_TLS_VERIFY")))  # fmt: skip
    if given := environment.get("DOCKER_HOST"):
        return DockerHost(url=_checked(given, "DOCKER_HOST"), source="DOCKER_HOST",
                          certificates=_certificates(environment),
                          verify=bool(environment.get("DOCKER_TLS_VERIFY")))  # fmt: skip
    folder = docker_config_folder(environment)
    name = environment.get("DOCKER_CONTEXT") or _json(folder / "config.json").get("currentContext") or ""
    if name and name != "default":
        return _context(folder, str(name))
    return DockerHost(url=LOCAL, source="default")


def _certificates(environment: Mapping[str, str]) -> Path | None:
    if environment.get("DOCKER_TLS_VERIFY") or environment.get("DOCKER_TLS"):
        return Path(environment.get("DOCKER_CERT_PATH") or docker_config_folder(environment))
    return None


def _context(folder: Path, name: str) -> DockerHost:
    # The folder's name is the digest of the context's (github.com/docker/cli, context/store).
    digest = hashlib.sha256(name.encode()).hexdigest()
    endpoint = _json(folder / "contexts" / "meta" / digest / "meta.json").get("Endpoints", {}).get("docker")
    if not endpoint or not endpoint.get("Host"):
        raise LainError(
            f"docker has no context {name}",
            where=str(folder),
            hint="docker context ls lists those there are.",
        )
    certificates = folder / "contexts" / "tls" / digest / "docker"
    return DockerHost(
        url=_checked(endpoint["Host"], f"context {name}"),
        source=f"context {name}",
        certificates=certificates if certificates.is_dir() else None,
        verify=not endpoint.get("SkipTLSVerify"),
    )


def _checked(url: str, source: str) -> str:
    scheme, _, rest = url.partition("://")
    if scheme not in {"unix", "tcp", "ssh", "http", "https"} or not rest:
        raise LainError(
            f"{url!r} is no address of a docker engine", where=source, hint="Such as tcp://10.0.0.1:2375."
        )
    return url


def _json(path: Path) -> dict[str, Any]:
    try:
        decoded = msgspec.json.decode(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError) as error:
        raise LainError(f"cannot read docker's settings: {error}", where=str(path)) from error
    return decoded if isinstance(decoded, dict) else {}
