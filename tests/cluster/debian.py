"""What the real node takes from Debian, and how it gets there."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.cluster.binary import Unavailable, locked

# What must be there, and the package that brings it.
_NEEDED = {
    "/usr/bin/containerd": "containerd",
    "/usr/bin/ctr": "containerd",
    "/usr/sbin/runc": "runc",
    "/usr/lib/cni/bridge": "containernetworking-plugins",
    "/usr/bin/docker-registry": "docker-registry",
    "/usr/sbin/iptables": "iptables",
}


def missing() -> set[str]:
    """The packages whose files are not there."""
    return {package for file, package in _NEEDED.items() if not Path(file).exists()}


def unavailable() -> str | None:
    """Why the node's parts are not to be had here; None when they are there or can be installed."""
    if os.geteuid() != 0:
        return "a real node needs root"
    lacking = sorted(missing())
    if lacking and shutil.which("apt-get") is None:
        return f"a real node needs {', '.join(lacking)}, and there is no apt-get to install them"
    return None


def install() -> None:
    """Install what is missing. Raises Unavailable with apt's last words."""
    if (reason := unavailable()) is not None:
        raise Unavailable(reason)
    with locked("debian"):
        if not (lacking := sorted(missing())):
            return
        install_command = ["apt-get", "install", "-y", "--no-install-recommends", *lacking]
        # Installed from lists at hand when they will do: to fetch them takes longer than the packages.
        for command in (install_command, ["apt-get", "update"], install_command):
            done = _run(command)
            if not missing():
                return
        raise Unavailable(f"apt-get install {' '.join(lacking)} failed: {done.stdout.strip()[-1000:]}")


def unpack(packages: list[str], into: Path) -> None:
    """Unpack packages into a folder, installing nothing. Raises Unavailable with apt's last words."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["apt-get", "download", *packages]
        for step in (command, ["apt-get", "update"], command):
            done = _run(step, cwd=folder)
            if fetched := sorted(Path(folder).glob("*.deb")):
                break
        if len(fetched) < len(packages):
            raise Unavailable(f"{' '.join(command)} failed: {done.stdout.strip()[-1000:]}")
        for package in fetched:
            subprocess.run(["dpkg-deb", "--extract", package, into], check=True)


def _run(command: list[str], cwd: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
