"""The image for CI, built by a real engine from a Debian root: small enough, nobody's root, with what a job needs.

Minutes, and root: `make test-image` runs it.
"""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docker_daemon import Daemon, docker_daemon
from tests.packaging.sbom import PYPROJECT

_MIRROR = "http://deb.debian.org/debian"


@pytest.fixture(scope="module")
def image(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """An engine that holds `lain-tui`, built by the Dockerfile as it is."""
    if request.config.getoption("--cluster") != "real":
        pytest.skip("make test-image builds the image: it takes minutes")
    if shutil.which("debootstrap") is None:
        pytest.skip("debootstrap is not installed (Debian: apt-get install debootstrap)")
    with docker_daemon() as daemon:
        root = tmp_path_factory.mktemp("debian") / "root"
        subprocess.run(
            ["debootstrap", "--variant=minbase", "trixie", root, _MIRROR], check=True, capture_output=True
        )
        _import(daemon, root, "debian:trixie-slim")
        daemon.docker("build", "--network=host", "-t", "lain-tui", str(PYPROJECT.parent))
        yield daemon


def _import(daemon: Daemon, root: Path, name: str) -> None:
    """Make an image of a folder; it trusts whom this machine trusts."""
    changes = []
    if (trusted := ssl.get_default_verify_paths().cafile) is not None:
        shutil.copy(trusted, root / "etc" / "machine-ca.pem")
        changes = ["--change", "ENV PIP_CERT=/etc/machine-ca.pem"]
    packed = subprocess.run(["tar", "-C", root, "-c", "."], check=True, capture_output=True).stdout
    daemon.docker("import", *changes, "-", name, stdin=packed)


def run(daemon: Daemon, script: str) -> str:
    return daemon.docker("run", "--rm", "--network=none", "lain-tui", "sh", "-ec", script).stdout


def test_it_is_nobodys_root_and_holds_what_a_job_needs(image: Daemon) -> None:
    assert run(image, "id -u") == "1001\n"
    told = run(image, "lain-tui --version; git --version; docker --version; kubectl version --client")
    assert all(word in told for word in ("lain-tui 0.", "git version", "Docker version", "Client Version"))


def test_the_embedded_cluster_runs_in_it(image: Daemon) -> None:
    assert "hello on demo" in run(image, "lain-tui --demo --app hello status --once")


def test_a_chart_is_rendered_without_a_helm_on_path(image: Daemon) -> None:
    script = (
        "cd /tmp && git init -q . && lain-tui init hello > /dev/null && ! command -v helm\n"
        "echo 'domain: example.com' > more.yaml && lain-tui -f more.yaml template"
    )
    assert "kind: Deployment" in run(image, script)


def test_the_official_clients_kubeconfig_loader_is_whole_without_its_calls(image: Daemon) -> None:
    loader = "from kubernetes.config import incluster_config, kube_config; from kubernetes.client import ApiClient; ApiClient()"
    run(image, f'/opt/lain-tui/bin/python -c "{loader}"')


def test_a_job_works_in_a_checkout_that_is_somebody_elses(image: Daemon, tmp_path: Path) -> None:
    """As runners mount it: root's, and nobody else may write there."""
    for command in ("git init -q -b main", "mkdir chart", "git add -A"):
        subprocess.run(command.split(), cwd=tmp_path, check=True)
    (tmp_path / "chart" / "values.yaml").write_text("appname: shop\nbuild: {base: b, script: [make]}\n")
    commit = ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "first"]
    subprocess.run(["git", *commit], cwd=tmp_path, check=True)
    tmp_path.chmod(0o755)
    ran = image.docker(
        "run", "--rm", "--network=none", "-v", f"{tmp_path}:/src", "lain-tui", "lain-tui", "image"
    )
    head = subprocess.check_output(["git", "log", "-1", "--format=%ct-%H"], cwd=tmp_path, text=True)
    assert ran.stdout == f"shop:{head}"


def test_it_is_no_larger_than_it_was(image: Daemon) -> None:
    """Bytes above the base: helm's library and kubectl are a third of them."""
    sizes = [
        int(image.docker("image", "inspect", "-f", "{{.Size}}", name).stdout)
        for name in ("lain-tui", "debian:trixie-slim")
    ]
    assert sizes[0] - sizes[1] < 450e6
