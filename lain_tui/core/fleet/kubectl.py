"""How far the kubectl on PATH is from a cluster: lain-tui needs none, but scripts and fingers that use it do."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import Mapping

from lain_tui.core.errors import LainError
from lain_tui.core.fleet.skew import apart
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.model.text import counted, plain
from lain_tui.core.target import Target

PATIENCE = 3.0
"""Seconds that either of the two is given."""
SUPPORTED = 1
"""Minor versions that kubectl may be apart (kubernetes.io, "Version Skew Policy")."""


async def kubectl_skew(target: Target, env: Mapping[str, str], *, patience: float = PATIENCE) -> str:
    """What to say of it; empty when it is near enough, or when one of the two cannot be known."""
    program = shutil.which("kubectl", path=env.get("PATH"))
    if program is None:
        return ""
    client, server = await asyncio.gather(
        asyncio.to_thread(_client_version, program, env, patience), _server_version(target, patience)
    )
    minors = apart(client, server)
    if minors is None or abs(minors) <= SUPPORTED:
        return ""
    way = "older" if minors > 0 else "newer"
    return f"kubectl {plain(client)} is {counted(abs(minors), 'minor version')} {way} than {target.cluster}, {server}: one is supported"


def _client_version(program: str, env: Mapping[str, str], patience: float) -> str:
    asked = [program, "version", "--client", "-o", "json"]
    try:
        told = subprocess.run(
            asked, env=dict(env), stdin=subprocess.DEVNULL, capture_output=True, timeout=patience, check=True
        )
        return str(json.loads(told.stdout)["clientVersion"]["gitVersion"])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return ""


async def _server_version(target: Target, patience: float) -> str:
    try:
        async with asyncio.timeout(patience), KubeClient.open(target) as kube:
            return (await kube.server_version()).git_version
    except (TimeoutError, LainError):
        return ""
