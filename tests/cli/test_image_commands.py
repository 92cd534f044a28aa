"""The commands about charts and images, as far as they need neither docker nor a cluster."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Program

VALUES = "appname: shop\nenv: {API_TOKEN: hush}\nbuild: {base: 'base:1', script: [make]}\n"


@pytest.fixture
def app(program: Program) -> Program:
    shutil.rmtree(program.repository / ".git")
    (program.chart / "values.yaml").write_text(VALUES)
    for words in ("init -q -b main", "add -A", "-c user.name=a -c user.email=a@b commit -qm first"):
        subprocess.run(["git", *words.split()], cwd=program.repository, check=True)
    return program


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "protocol.file.allow=always")
    ran = subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True)
    return ran.stdout.strip()


def tag_of(folder: Path) -> str:
    return git(folder, "log", "-1", "--format=%ct-%H")


@pytest.mark.parametrize("kind", ["detached", "shallow", "worktree", "submodule"])
def test_the_image_is_named_after_the_commit_in_every_kind_of_checkout(
    app: Program, tmp_path: Path, kind: str
) -> None:
    git(app.repository, "commit", "-q", "--allow-empty", "-m", "second")
    here = tmp_path / kind
    if kind == "detached":
        git(app.repository, "checkout", "-q", "--detach", "HEAD~1")
        here = app.repository
    elif kind == "shallow":
        git(tmp_path, "clone", "-q", "--depth=1", f"file://{app.repository}", str(here))
    elif kind == "worktree":
        git(app.repository, "worktree", "add", "-q", str(here), "HEAD~1")
    else:
        here.mkdir()
        git(here, "init", "-q")
        git(here, "submodule", "add", "-q", str(app.repository), "app")
        here = here / "app"
    app.repository = here
    assert app("image").stdout == f"shop:{tag_of(here)}\n"
    assert f"ENV LAIN_META={tag_of(here)}\n" in app("dockerfile").stdout


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("no git", "there is no git on PATH"),
        ("no repository", "this is no git repository"),
        ("no commit", "there is no commit yet"),
    ],
)
def test_without_a_commit_the_image_is_latest_and_says_why(
    app: Program, tmp_path: Path, kind: str, why: str
) -> None:
    if kind == "no git":
        tools = tmp_path / "tools"
        tools.mkdir()
        app.env["PATH"] = str(tools)
    else:
        shutil.rmtree(app.repository / ".git")
        if kind == "no commit":
            git(app.repository, "init", "-q")
    done = app("image")
    assert (done.returncode, done.stdout) == (0, "shop:latest\n")
    assert done.stderr == f"The image is called latest: {why}.\n"
    assert f"The image is called latest: {why}." in app("build", "--allow-dirty", "--dry-run").stderr


def test_a_full_disk_leaves_the_compose_file_as_it_was(app: Program) -> None:
    if os.geteuid() != 0:
        pytest.skip("a disk of a test's own needs root")
    assert app("compose").returncode == 0
    written = (app.repository / "docker-compose.yaml").read_text()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "nr_inodes=6", "none", str(app.repository)], check=True)
    try:
        app.chart.mkdir()
        (app.chart / "values.yaml").write_text(VALUES)
        (app.repository / "docker-compose.yaml").write_text(written)
        for name in ("a", "b"):
            (app.repository / name).write_text("")
        done = app("compose", "--force")
        assert done.returncode == 1
        assert done.stderr.endswith("docker-compose.yaml: cannot write it: No space left on device\n")
        assert (app.repository / "docker-compose.yaml").read_text() == written
        assert sorted(path.name for path in app.repository.iterdir()) == [
            "a",
            "b",
            "chart",
            "docker-compose.yaml",
        ]
    finally:
        subprocess.run(["umount", str(app.repository)], check=True)


def test_a_dirty_tree_is_refused_where_nobody_can_be_asked(app: Program) -> None:
    (app.repository / "new.py").write_text("")
    done = app("build")
    assert done.returncode == 4
    assert "uncommitted changes" in done.stderr and "--allow-dirty builds all the same" in done.stderr


def test_a_large_context_is_refused_where_nobody_can_be_asked(app: Program) -> None:
    (app.chart / "values.yaml").write_text(VALUES.replace("script", "prepare: {script: [a]}, script"))
    with (app.repository / "model.bin").open("wb") as file:
        os.truncate(file.fileno(), 201 * 2**20)
    done = app("build", "--allow-dirty")
    assert done.returncode == 4
    assert (
        "2 files, 210.8 MB go to the docker engine, 210.8 MB of it in model.bin; ignore what" in done.stderr
    )
    assert app("build", "--allow-dirty", "--allow-large", DOCKER_HOST="unix:///nowhere").returncode == 1
    assert app("prepare").returncode == 4
    assert app("prepare", "--allow-large", DOCKER_HOST="unix:///nowhere").returncode == 1


@pytest.mark.parametrize("command", ["push", "prepare", "build --push"])
def test_read_only_refuses_what_changes_a_registry(app: Program, command: str) -> None:
    done = app("--read-only", *command.split())
    assert (done.returncode, "read-only" in done.stderr) == (4, True)


def test_without_an_engine_it_is_one_sentence(app: Program) -> None:
    for command in ("build", "push", "save"):
        done = app(command, DOCKER_HOST="unix:///nowhere/docker.sock")
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1].startswith(
            "lain-tui: unix:///nowhere/docker.sock (DOCKER_HOST): no docker"
        )


def test_secrets_are_masked_unless_asked_for(app: Program) -> None:
    for arguments in (["values"], ["values", "--provenance"], ["values", "-o", "json", "--provenance"]):
        assert "hush" not in app(*arguments).stdout
        assert "hush" in app(*arguments, "--reveal").stdout


def test_lint_asks_a_cluster_only_when_one_is_there(app: Program) -> None:
    (app.chart / "values.yaml").write_text("appname: shop\nenv: {A: 1}\n")
    done = app("lint", "-o", "json")
    assert done.returncode == 3
    assert [finding["key"] for finding in json.loads(done.stdout)["findings"]] == ["env.A"]


@pytest.mark.parametrize("command", ["build", "prepare", "push", "save", "run"])
def test_without_an_engine_each_command_says_the_same_sentence(app: Program, command: str) -> None:
    (app.chart / "values.yaml").write_text(
        f"{VALUES}registry: reg.example.com\n".replace("script:", "prepare: {script: [make]}, script:")
    )
    git(app.repository, "commit", "-qam", "prepare")
    done = app(command, DOCKER_HOST=f"unix://{app.home}/none.sock")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == (
        f"lain-tui: unix://{app.home}/none.sock (DOCKER_HOST): no docker engine runs here."
        " Start docker, or name another engine with DOCKER_HOST or --remote-docker."
    )


@pytest.mark.parametrize("command", ["image", "tags", "push", "run", "save", "compose", "build"])
def test_a_chart_of_another_kind_says_what_works_on_it(app: Program, command: str) -> None:
    (app.chart / "values.yaml").write_text("image: {repository: nginx}\nbuild: {base: b}\n")
    done = app(command, "--allow-dirty") if command == "build" else app(command)
    assert done.returncode == 1
    assert "no appname" in done.stderr
    assert not (app.repository / "docker-compose.yaml").exists()
    assert "nginx" in app("values").stdout, "values works on any chart"
