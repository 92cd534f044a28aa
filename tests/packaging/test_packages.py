"""What is built can be installed where there is nothing else, and holds what it should."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from lain_tui import __version__
from tests.packaging.man import PAGE, man
from tests.packaging.sbom import PYPROJECT, bill, direct_dependencies

ROOT = PYPROJECT.parent


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel and the source archive."""
    folder = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    (wheel,), (archive,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, archive


def test_the_wheel_runs_in_a_clean_environment(built: tuple[Path, Path], tmp_path: Path) -> None:
    """Its dependencies are those of this environment, linked in: what is ours is what is tested."""
    wheel, _ = built
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    # --no-deps: our wheel from this folder, and nothing of the source tree on the path.
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", wheel],
        check=True,
    )
    (site,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    here = Path(next(path for path in sys.path if path.endswith("site-packages")))
    for entry in here.iterdir():
        if "lain_tui" not in entry.name and not (site / entry.name).exists() and entry.suffix != ".pth":
            (site / entry.name).symlink_to(entry)
    program = tmp_path / "venv" / "bin" / "lain-tui"
    env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *arguments], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )

    assert run("--version").stdout == f"lain-tui {__version__}\n"
    assert run("init", "hello").returncode == 0, "the chart's templates are in the wheel"
    done = run("--demo", "--app", "hello", "status", "--once")
    assert (done.returncode, done.stderr) == (0, ""), "the embedded cluster is in the wheel"
    where = subprocess.run(
        [python, "-c", "import lain_tui; print(lain_tui.__file__)"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert where.stdout.startswith(str(site))


def test_the_wheel_holds_the_licence_the_types_and_the_man_page(built: tuple[Path, Path]) -> None:
    names = zipfile.ZipFile(built[0]).namelist()
    assert "lain_tui/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert any(name.endswith("share/man/man1/lain-tui.1") for name in names)
    assert not any(name.startswith("tests/") or "__pycache__" in name for name in names)


def test_the_source_archive_can_be_built_and_tested(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "pyproject.toml",
        "LICENSE",
        "CHANGELOG.md",
        "Makefile",
        "tests/conftest.py",
        "docs/README.md",
    } <= names
    assert "snapshots/status-120x40.svg" in names


def test_the_man_page_is_current() -> None:
    assert PAGE.read_text() == man(), "make docs writes it anew"


def test_the_man_page_is_understood() -> None:
    reader = shutil.which("man")
    if reader is None:
        pytest.skip("there is no man here")
    done = subprocess.run(
        [reader, "--warnings", "-l", str(PAGE)],
        env={"PATH": "/usr/bin:/bin", "MANWIDTH": "80", "LANG": "C.UTF-8"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr == "" and "EXIT STATUS" in done.stdout


def test_the_bill_names_every_direct_dependency_with_its_reason() -> None:
    document = json.loads(json.dumps(bill()))
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    components = {component["name"].lower(): component for component in document["components"]}
    for dependency in direct_dependencies():
        assert components[dependency.name.lower()]["description"] == dependency.why
    refs = {component["bom-ref"] for component in document["components"]}
    assert all(set(row["dependsOn"]) <= refs for row in document["dependencies"])


def test_every_dependency_says_why() -> None:
    project = tomllib.loads(PYPROJECT.read_text())["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["helm"]]
    names = [re.split(r"[\[>]", one)[0] for one in asked]
    assert [dependency.name for dependency in direct_dependencies()] == names


def test_the_changelog_has_the_version_or_says_unreleased() -> None:
    titles = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert titles[0] == "Unreleased" or titles[0].startswith(f"[{__version__}]")
