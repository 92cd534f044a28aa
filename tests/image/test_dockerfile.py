"""The Dockerfile of each stage, and the files that a context leaves out."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from lain_tui.core.errors import LainError
from lain_tui.core.image.dockerfile import render_dockerfile
from lain_tui.core.image.quoting import NEWLINE
from lain_tui.core.image.spec import Stage, read_spec
from lain_tui.core.values.layers import read_layers
from tests.image.conftest import Repository

META = "1619925143-97f3d5f810a61823de72ea0a6f3fdd06f9f3cce9"
DUMMY = {
    "base": "python:latest",
    "prepare": {
        "keep": ["treasure.txt"],
        "script": ["pip3 install -r requirements.txt", 'echo "treasure" > treasure.txt'],
    },
    "script": ["pip3 install -r requirements.txt"],
}


def lines(repository: Repository, stage: Stage | None = None, **values: Any) -> list[str]:
    spec = read_spec(repository.values(**values))
    registry = "ccr.ccs.tencentyun.com/yashi"
    return render_dockerfile(spec, registry=registry, meta=META, stage=stage).text.splitlines()


def test_the_build_of_the_workflow_document(repository: Repository) -> None:
    assert lines(repository, build=DUMMY) == [
        "FROM ccr.ccs.tencentyun.com/yashi/dummy:prepare AS build",
        "WORKDIR /lain/app",
        f"ENV LAIN_META={META}",
        "ADD --chown=1001:1001 . /lain/app",
        "RUN (pip3 install -r requirements.txt)",
        "USER 1001",
    ]


def test_the_prepare_of_the_workflow_document(repository: Repository) -> None:
    prepare = lines(repository, Stage.PREPARE, build=DUMMY)
    assert prepare[:4] == [
        "FROM python:latest AS prepare",
        "WORKDIR /lain/app",
        "ADD --chown=1001:1001 . /lain/app",
        'RUN (pip3 install -r requirements.txt) && (echo "treasure" > treasure.txt)',
    ]
    assert "treasure.txt" in prepare[4]
    assert not any(line.startswith("USER") for line in prepare), "prepare runs as root"


def test_prepare_switched_off_builds_from_base(repository: Repository) -> None:
    build = {**DUMMY, "base": "python:3.9", "prepare": None}
    assert lines(repository, build=build)[0] == "FROM python:3.9 AS build"


def test_release_copies_out_of_build(repository: Repository) -> None:
    release = {
        "dest_base": "nginx",
        "copy": ["/path", {"src": "/etc/nginx"}, {"src": "/a b", "dest": "/c"}],
        "env": {"A": "b"},
        "script": ["nginx -t"],
    }
    assert lines(repository, build={"base": "node"}, release=release)[5:] == [
        "FROM nginx AS release",
        "WORKDIR /lain/app",
        f"ENV LAIN_META={META}",
        "COPY --chown=1001:1001 --from=build /path /path",
        "COPY --chown=1001:1001 --from=build /etc/nginx /etc/nginx",
        'COPY --chown=1001:1001 --from=build ["/a b", "/c"]',
        'ENV A="b"',
        "RUN (nginx -t)",
        "USER 1001",
    ]


def test_release_starts_from_builds_base_unless_told_otherwise(repository: Repository) -> None:
    assert "FROM node AS release" in lines(repository, build={"base": "node"}, release={"copy": ["/a"]})
    only = lines(repository, Stage.BUILD, build={"base": "node"}, release={"copy": ["/a"]})
    assert (only[0], only[-1]) == ("FROM node AS build", "USER 1001")


def test_references_to_what_is_not_set_here_are_build_arguments(repository: Repository) -> None:
    env = {"PATH": "/x:${PATH}", "A": "1", "B": "${A}", "C": "${TOKEN}", "D": "$NOT", "E": "${F:-7}"}
    spec = read_spec(repository.values(build={"base": "b", "env": env}))
    dockerfile = render_dockerfile(spec)
    assert dockerfile.arguments == ("PATH", "TOKEN", "F")
    assert [line for line in dockerfile.text.splitlines() if line.startswith("ARG")] == [
        "ARG PATH",
        "ARG TOKEN",
        "ARG F",
    ]
    assert 'ENV D="\\$NOT"' in dockerfile.text
    given = dockerfile.argument_values({"PATH": "/usr/bin", "TOKEN": "t", "OTHER": "o"})
    assert given == {"TOKEN": "t"}, "this machine's own PATH stays here"


def test_a_line_break_travels_as_an_argument(repository: Repository) -> None:
    dockerfile = render_dockerfile(read_spec(repository.values(build={"base": "b", "env": {"A": "1\n2"}})))
    assert dockerfile.argument_values({}) == {NEWLINE: "\n"}
    assert f'ENV A="1${{{NEWLINE}}}2"' in dockerfile.text


def test_each_instruction_names_the_key_that_it_comes_from(repository: Repository) -> None:
    dockerfile = render_dockerfile(read_spec(repository.values(build={**DUMMY, "env": {"A": "b"}})))
    keys = {instruction.text.split()[0]: instruction.key for instruction in dockerfile.instructions}
    assert keys["RUN"] == "build.script"
    assert keys["FROM"] == "build.prepare"
    assert any(instruction.key == "build.env.A" for instruction in dockerfile.instructions)


def test_a_cluster_can_build_otherwise(repository: Repository) -> None:
    repository.values(build=DUMMY)
    repository.write("chart/values-test.yaml", "build: {base: 'python:3.9', prepare: }\n")
    values = read_layers(repository.folder / "chart", cluster="test")
    assert render_dockerfile(read_spec(values)).text.startswith("FROM python:3.9 AS build\n")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, "no build"),
        ({"build": {"script": []}}, "base is missing"),
        ({"build": {"base": "b", "prepare": {"keep": ["a"]}}}, "script is missing"),
        ({"build": {"base": "b", "env": {"A B": "c"}}}, "cannot name a variable"),
    ],
)
def test_what_is_wrong_in_the_values_is_told_with_its_place(
    repository: Repository, values: dict[str, Any], says: str
) -> None:
    with pytest.raises(LainError, match=says):
        render_dockerfile(read_spec(repository.values(**values)))


@pytest.mark.parametrize("stage", [Stage.PREPARE, Stage.RELEASE])
def test_a_stage_that_the_values_do_not_have(repository: Repository, stage: Stage) -> None:
    with pytest.raises(LainError):
        render_dockerfile(read_spec(repository.values(build={"base": "b"})), stage=stage)


def test_rendering_takes_no_time(repository: Repository) -> None:
    values = repository.values(build=DUMMY, release={"copy": ["/a"] * 50})
    render_dockerfile(read_spec(values))
    began = time.process_time()
    for _ in range(20):
        render_dockerfile(read_spec(values))
    assert (time.process_time() - began) / 20 < 0.005


def test_nothing_is_written_into_the_repository(repository: Repository, tmp_path: Path) -> None:
    lines(repository, build=DUMMY)
    assert {path.name for path in repository.folder.iterdir()} == {".git", "chart"}
