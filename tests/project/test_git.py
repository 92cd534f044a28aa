"""What git knows of a repository, in every state that one can be in."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from lain_tui.core.errors import LainError
from lain_tui.core.project.git import commit_of_tag, commits_between, find_commit, find_commits, read_facts

_ENV = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Tim",
    "GIT_AUTHOR_EMAIL": "tim@example.com",
    "GIT_COMMITTER_NAME": "Tim",
    "GIT_COMMITTER_EMAIL": "tim@example.com",
}


def git(folder: Path, *arguments: str, **env: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**_ENV, **env},
    )
    return done.stdout.strip()


def commit(folder: Path, subject: str, time: int = 1634699031) -> str:
    """Commit a change of its own, at a time in seconds; returns the image tag."""
    (folder / f"{subject}.txt").write_text(subject)
    git(folder, "add", "--all")
    git(folder, "commit", "-m", subject, GIT_AUTHOR_DATE=f"{time} +0800", GIT_COMMITTER_DATE=f"{time} +0800")
    return f"{time}-{git(folder, 'rev-parse', 'HEAD')}"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path.resolve() / "repository"
    folder.mkdir()
    git(folder, "init", "--initial-branch=main")
    return folder


async def test_head_branch_and_tag(repository: Path) -> None:
    tag = commit(repository, "添加 login | fix")
    inside = repository / "chart"
    inside.mkdir()
    facts = await read_facts(inside)
    assert facts is not None and facts.head is not None
    assert (facts.tag, facts.branch, facts.dirty) == (tag, "main", False)
    assert (facts.head.subject, facts.head.author) == ("添加 login | fix", "Tim")


async def test_before_the_first_commit(repository: Path) -> None:
    facts = await read_facts(repository)
    assert facts is not None
    assert (facts.head, facts.tag, facts.branch) == (None, "latest", "main")


async def test_a_changed_or_an_unknown_file_makes_it_dirty(repository: Path) -> None:
    commit(repository, "one")
    (repository / "new.txt").write_text("x")
    facts = await read_facts(repository)
    assert facts is not None and facts.dirty
    (repository / ".gitignore").write_text("new.txt\n")
    commit(repository, "two")
    (repository / "one.txt").write_text("changed")
    facts = await read_facts(repository)
    assert facts is not None and facts.dirty


async def test_a_detached_head_has_no_branch(repository: Path) -> None:
    commit(repository, "one")
    git(repository, "checkout", "--detach")
    facts = await read_facts(repository)
    assert facts is not None and facts.branch == "" and facts.head is not None


async def test_a_linked_work_tree_is_its_own(repository: Path, tmp_path: Path) -> None:
    commit(repository, "one")
    git(repository, "worktree", "add", "-b", "side", str(tmp_path / "side"))
    tag = commit(tmp_path / "side", "two")
    facts = await read_facts(tmp_path / "side")
    assert facts is not None
    assert (facts.tag, facts.branch) == (tag, "side")


async def test_a_submodule_is_its_own(repository: Path, tmp_path: Path) -> None:
    commit(repository, "one")
    outer = repository.parent / "outer"
    outer.mkdir()
    git(outer, "init")
    git(outer, "-c", "protocol.file.allow=always", "submodule", "add", str(repository), "inner")
    facts = await read_facts(outer / "inner")
    assert facts is not None and facts.head is not None and facts.head.subject == "one"


async def test_outside_of_git(tmp_path: Path) -> None:
    assert await read_facts(tmp_path) is None


async def test_without_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tag = commit(repository, "one")
    monkeypatch.setenv("PATH", str(repository))
    assert await read_facts(repository) is None
    assert await find_commit(repository, tag) is None
    with pytest.raises(LainError, match="this needs git"):
        await commits_between(repository, tag)


async def test_a_broken_repository_is_told(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: nowhere\n")
    with pytest.raises(LainError, match="git refuses: not a git repository"):
        await read_facts(tmp_path)


async def test_commits_by_their_image_tags(repository: Path) -> None:
    one, two = commit(repository, "one"), commit(repository, "two", 1634700331)
    unknown = "1634600000-" + "ab" * 20
    found = await find_commits(repository, [two, unknown, "v1.0", one])
    assert {tag: known.subject for tag, known in found.items()} == {one: "one", two: "two"}
    assert await find_commit(repository, unknown) is None
    by_dirty_tag = await find_commit(repository, f"{one}-dirty")
    assert by_dirty_tag is not None and by_dirty_tag.subject == "one"
    assert commit_of_tag("latest") == ""


async def test_what_a_deploy_would_bring(repository: Path) -> None:
    one = commit(repository, "one")
    git(repository, "checkout", "-b", "side")
    commit(repository, "side work", 1634700001)
    git(repository, "checkout", "main")
    commit(repository, "two", 1634700002)
    git(repository, "merge", "--no-edit", "--no-ff", "side", GIT_COMMITTER_DATE="1634700003 +0000")
    assert [known.subject for known in await commits_between(repository, one)] == ["two", "side work"]
    assert await commits_between(repository, git(repository, "rev-parse", "HEAD"), one) == []


async def test_a_shallow_clone_says_how_to_get_the_rest(repository: Path, tmp_path: Path) -> None:
    old = commit(repository, "one")
    commit(repository, "two")
    git(tmp_path, "clone", "--depth=1", f"file://{repository}", "shallow")
    facts = await read_facts(tmp_path / "shallow")
    assert facts is not None and facts.head is not None and facts.head.subject == "two"
    with pytest.raises(LainError, match=r"does not know the commit .*git fetch --unshallow"):
        await commits_between(tmp_path / "shallow", old)


async def test_nothing_is_written(repository: Path) -> None:
    commit(repository, "one")
    index = repository / ".git" / "index"
    os.utime(repository / "one.txt", (1, 1))  # stale in the index: a plain git status would refresh it
    before = index.read_bytes()
    await read_facts(repository)
    assert index.read_bytes() == before
