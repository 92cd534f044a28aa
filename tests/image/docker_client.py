"""Docker's clients from version 23 on, which build with a plugin of their own, buildx."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from lain_tui.core.image.buildkit import BUILTIN_UNTIL
from tests.cluster import programs
from tests.cluster.binary import Unavailable

MODULE = Path(__file__).parent / "docker-buildx"
PACKAGE = "github.com/docker/buildx/cmd/buildx"


def newer_client() -> Path | None:
    """One on PATH without BuildKit in it."""
    for folder in os.get_exec_path():
        found = shutil.which("docker", path=folder)
        if found is not None and _version(found) > BUILTIN_UNTIL:
            return Path(found)
    return None


def with_buildx(folder: Path, environment: dict[str, str]) -> dict[str, str]:
    """The environment in which a newer client and its plugin are all there is. Raises Unavailable when they are not here.

    The plugin is the one that is installed, or the one that `make buildx` has built.
    """
    client = newer_client()
    if client is None:
        raise Unavailable("there is no docker client of version 23 or newer here")
    (folder / "bin").mkdir()
    (folder / "bin" / "docker").symlink_to(client)
    settings = {**environment, "PATH": str(folder / "bin"), "DOCKER_CONFIG": str(folder)}
    if subprocess.run(
        [client, "buildx", "version"], env=settings, capture_output=True, check=False
    ).returncode:
        plugin = programs.built(MODULE)
        if not plugin.exists():
            raise Unavailable(
                "docker's plugin buildx is not here: make buildx builds it, which takes minutes"
            )
        (folder / "cli-plugins").mkdir()
        (folder / "cli-plugins" / "docker-buildx").symlink_to(plugin)
    return settings


def _version(client: str) -> int:
    """Its major version; 0 when it says none, as podman does."""
    said = subprocess.run([client, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"Docker version (\d+)", said)
    return int(match[1]) if match else 0


if __name__ == "__main__":
    try:
        print(programs.build(MODULE, PACKAGE))
    except Unavailable as reason:
        sys.exit(str(reason))
