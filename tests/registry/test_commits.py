"""Tags beside the commits that they were built from."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from lain_tui.core.errors import LainError
from lain_tui.core.image.names import archive_name, image_name, parse_reference
from lain_tui.core.registry.tags import join_commits, newest_first
from tests.image.conftest import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


async def test_each_tag_with_its_commit_and_whether_this_branch_has_it(repository: Repository) -> None:
    first = repository.commit("first")
    repository.git("checkout", "-q", "-b", "other")
    elsewhere = repository.commit("elsewhere")
    repository.git("checkout", "-q", "main")
    second = repository.commit("second: 中文")
    unknown = f"1600000000-{'a' * 40}"
    tags = {
        tag.name: tag
        for tag in await join_commits(repository.folder, [first, elsewhere, second, unknown, "v1"])
    }
    assert tags[second].commit is not None
    assert (tags[second].commit.subject, tags[second].commit.author) == ("second: 中文", "Dev")
    assert tags[first].in_branch
    assert tags[second].in_branch
    assert not tags[elsewhere].in_branch
    assert tags[elsewhere].commit is not None
    assert tags[unknown].commit is None
    assert tags["v1"].commit is None


async def test_outside_git_and_before_the_first_commit(tmp_path: Path, repository: Repository) -> None:
    tags = [f"1600000000-{'a' * 40}", "latest"]
    for folder in (None, tmp_path / "chart"):
        assert [tag.name for tag in await join_commits(folder, tags)] == tags


@pytest.fixture
def long_history(repository: Repository) -> list[str]:
    """3,000 commits, made in one go; gives their tags."""
    stream = "".join(
        f"commit refs/heads/main\ncommitter Dev <d@e> {1600000000 + n} +0000\ndata 2\nc{n % 10}\n"
        for n in range(3000)
    )
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=repository.folder, input=stream.encode(), check=True
    )
    return repository.git("log", "--format=%ct-%H").split()


async def test_three_thousand_tags_are_joined_at_once(
    repository: Repository, long_history: list[str]
) -> None:
    began = time.process_time()
    joined = await join_commits(repository.folder, newest_first(long_history))
    assert time.process_time() - began < 0.3
    assert len(joined) == 3000
    assert all(tag.commit is not None and tag.in_branch for tag in joined)


@pytest.mark.parametrize(
    ("name", "host", "path", "tag"),
    [
        ("nginx", "docker.io", "library/nginx", ""),
        ("team/app:1", "docker.io", "team/app", "1"),
        ("localhost/app", "localhost", "app", ""),
        ("reg.example.com:5000/a/b/c:tag-1", "reg.example.com:5000", "a/b/c", "tag-1"),
        ("host:5000/app", "host:5000", "app", ""),
        (f"reg.io/app@sha256:{'a' * 64}", "reg.io", "app", ""),
    ],
)
def test_references(name: str, host: str, path: str, tag: str) -> None:
    reference = parse_reference(name)
    assert (reference.host, reference.path, reference.tag) == (host, path, tag)


@pytest.mark.parametrize(
    "name", ["", "UPPER/case", "a b", "reg.io/", "a:b:c", "-x", "reg.io/a//b", "a:" + "x" * 129]
)
def test_what_is_no_reference(name: str) -> None:
    with pytest.raises(LainError, match="no image name"):
        parse_reference(name)


def test_names() -> None:
    assert image_name("reg.io/team", "app", "t") == "reg.io/team/app:t"
    assert image_name("", "app", "t") == "app:t"
    assert archive_name("reg.io:5000/team/app:v1") == "app_v1.tar.gz"
