"""Credential plugins: programs that print a token or a client certificate.

Protocol: client.authentication.k8s.io/v1 (and v1beta1), Kubernetes reference "client-go credential plugins". A plugin
never gets the terminal: it belongs to the screen. It runs in a session of its own, so that it can neither read a
password from the terminal nor draw on it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from lain_tui.core.kube.errors import CredentialsFailed

TIMEOUT = 120.0
"""Seconds a plugin may take; some open a browser and wait for a login."""


class Credential(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a plugin answered (ExecCredential.status)."""

    token: str = ""
    client_certificate_data: str = ""
    client_key_data: str = ""
    expiration_timestamp: datetime | None = None

    def __repr__(self) -> str:
        return f"Credential(expires={self.expiration_timestamp})"


class _Answer(msgspec.Struct, frozen=True, rename="camel"):
    api_version: str
    kind: str
    status: Credential = Credential()


async def run_plugin(
    spec: Mapping[str, Any], *, folder: Path, cluster: Mapping[str, Any], timeout: float = TIMEOUT
) -> Credential:
    """Run the plugin of a kubeconfig user (`exec:`) and return what it answered.

    `folder` is the kubeconfig's: a relative command with a slash starts there. `cluster` goes to the plugin when
    the kubeconfig says `provideClusterInfo`. Raises CredentialsFailed with the plugin's own last words.
    """
    command = str(spec.get("command") or "")
    version = str(spec.get("apiVersion") or "")
    name = Path(command).name
    if not command or not version:
        raise CredentialsFailed("the kubeconfig's credential plugin needs a command and an apiVersion")
    if spec.get("interactiveMode") == "Always":
        raise CredentialsFailed(
            f"the credential plugin {name} insists on asking on the terminal",
            hint="Sign in from a shell first, or set interactiveMode: IfAvailable in the kubeconfig.",
        )
    if "/" in command and not Path(command).is_absolute():
        command = str(folder / command)
    environment = dict(os.environ)
    environment.update({str(item["name"]): str(item["value"]) for item in spec.get("env") or ()})
    environment["KUBERNETES_EXEC_INFO"] = _exec_info(version, spec, cluster)
    output = await _run([command, *map(str, spec.get("args") or ())], environment, name, spec, timeout)
    try:
        answer = msgspec.json.decode(output, type=_Answer)
    except msgspec.DecodeError:
        raise CredentialsFailed(
            f"the credential plugin {name} did not print an ExecCredential",
            hint="Run it in a shell to see what it says.",
        ) from None
    if answer.api_version != version:
        raise CredentialsFailed(
            f"the credential plugin {name} answers in {answer.api_version}, the kubeconfig expects {version}"
        )
    status = answer.status
    if not status.token and not (status.client_certificate_data and status.client_key_data):
        raise CredentialsFailed(
            f"the credential plugin {name} gave neither a token nor a certificate with its key"
        )
    return status


def _exec_info(version: str, spec: Mapping[str, Any], cluster: Mapping[str, Any]) -> str:
    info: dict[str, Any] = {"interactive": False}
    if spec.get("provideClusterInfo"):
        told = {key: cluster[key] for key in _CLUSTER_KEYS if cluster.get(key) is not None}
        for extension in cluster.get("extensions") or ():
            if extension.get("name") == "client.authentication.k8s.io/exec":
                told["config"] = extension.get("extension")
        info["cluster"] = told
    body = {"apiVersion": version, "kind": "ExecCredential", "spec": info}
    return msgspec.json.encode(body).decode()


_CLUSTER_KEYS = (
    "server",
    "tls-server-name",
    "insecure-skip-tls-verify",
    "certificate-authority-data",
    "proxy-url",
    "disable-compression",
)


async def _run(
    argv: list[str], environment: dict[str, str], name: str, spec: Mapping[str, Any], timeout: float
) -> bytes:
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except FileNotFoundError:
        hint = (
            str(spec.get("installHint") or "").strip() or "Install it, or mend the kubeconfig's exec command."
        )
        raise CredentialsFailed(f"the credential plugin {name} is not installed", hint=hint) from None
    except OSError as error:
        raise CredentialsFailed(f"the credential plugin {name} cannot be run: {error.strerror}") from None
    try:
        async with asyncio.timeout(timeout):
            output, complaints = await process.communicate()
    except TimeoutError:
        raise CredentialsFailed(
            f"the credential plugin {name} gave no answer within {timeout:.0f} s",
            hint="Sign in from a shell, then retry.",
        ) from None
    finally:
        if process.returncode is None:
            # The whole session: plugins are often scripts that wait for a child.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if process.returncode:
        words = complaints.decode("utf-8", "replace").strip().splitlines()
        last = f": {words[-1].strip()[:200]}" if words else ""
        raise CredentialsFailed(
            f"the credential plugin {name} failed with exit {process.returncode}{last}",
            hint="Sign in from a shell, then retry.",
        )
    return output
