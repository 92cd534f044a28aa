"""What git knows of the app's repository, asked through the git program.

Nothing here changes the repository, not even its index. Every question is asked without waiting for a user: no
prompt, no pager, no lock.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from lain_tui.core.errors import LainError

_FORMAT = "%H%x00%ct%x00%an%x00%s"
_TAG = re.compile(r"\d{9,}-(?P<sha>[0-9a-f]{40}|[0-9a-f]{64})(?:-dirty)?")
_CREDENTIALS = re.compile(r"^(\w+://)[^/@]*@")
_SHA = re.compile(r"[0-9a-f]{7,64}")
_SAFE = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_PAGER": "", "LC_ALL": "C.UTF-8"}
TIME_OUT = 20.0
"""Seconds that git may take; a huge work tree on a slow disk needs some for its status."""


class Commit(msgspec.Struct, frozen=True, kw_only=True):
    """One commit."""

    sha: str
    time: datetime
    author: str
    subject: str

    @property
    def tag(self) -> str:
        """The image tag that belongs to it: commit time in seconds, a dash, the whole hash."""
        return f"{int(self.time.timestamp())}-{self.sha}"


class GitFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A work tree as it is."""

    head: Commit | None
    """None before the first commit."""
    branch: str
    """Empty when HEAD is detached."""
    dirty: bool
    """Tracked files changed, or files that are neither tracked nor ignored."""

    @property
    def tag(self) -> str:
        """The image tag of HEAD; `latest` before the first commit."""
        return self.head.tag if self.head is not None else "latest"


_COMMITS: dict[str, Commit] = {}
"""Those that HEAD was seen at, by hash: they never change."""


async def read_facts(folder: Path) -> GitFacts | None:
    """What git says of the work tree that `folder` lies in; None outside of one, and where there is no git.

    Raises LainError when git refuses (a repository owned by somebody else, a broken one).
    """
    if not _in_work_tree(folder):
        return None
    question = "status", "--porcelain=v2", "--branch", "--no-ahead-behind", "--ignore-submodules=none", "-z"
    try:
        code, out, err = await _git(folder, *question)
        if code:
            raise LainError(f"git refuses: {_first_line(err)}", where=str(folder))
        entries = [entry for entry in out.split("\0") if entry]
        headers = dict(entry.split(" ", 2)[1:] for entry in entries if entry.startswith("# "))
        sha = headers.get("branch.oid", "")
        if sha not in _COMMITS:
            _COMMITS.update({commit.sha: commit for commit in await _log(folder, "-1", sha)})
    except FileNotFoundError:
        return None
    branch = headers.get("branch.head", "")
    return GitFacts(
        head=_COMMITS.get(sha),
        branch="" if branch == "(detached)" else branch,
        dirty=any(not entry.startswith("# ") for entry in entries),
    )


def _in_work_tree(folder: Path) -> bool:
    """Seen without starting git: there is a `.git`, a folder or (submodule, linked work tree) a file."""
    folder = folder.absolute()
    return any((path / ".git").exists() for path in (folder, *folder.parents))


def why_no_commit(folder: Path) -> str:
    """Why there is none to name an image after, as a clause."""
    if not _in_work_tree(folder):
        return "this is no git repository"
    return "there is no commit yet" if shutil.which("git") else "there is no git on PATH"


def commit_of_tag(tag: str) -> str:
    """The hash that an image tag of lain's carries; empty when the tag is of another make."""
    match = _TAG.fullmatch(tag)
    return match["sha"] if match else ""


def short_tag(tag: str) -> str:
    """A tag as people tell it from others: the first signs of its commit; of another make, itself."""
    return commit_of_tag(tag)[:8] or tag


async def find_commit(folder: Path, tag: str) -> Commit | None:
    """The commit behind an image tag, or a hash; None when this repository does not have it."""
    sha = commit_of_tag(tag) or (tag if _SHA.fullmatch(tag) else "")
    if not sha:
        return None
    with contextlib.suppress(FileNotFoundError):
        found = await _log(folder, "-1", sha)
        return found[0] if found else None
    return None


async def find_commits(folder: Path, tags: list[str]) -> dict[str, Commit]:
    """The commits behind many image tags, by tag, in one go; unknown ones are left out."""
    by_sha = {sha: tag for tag in tags if (sha := commit_of_tag(tag))}
    if not by_sha:
        return {}
    names = "".join(f"{sha}\n" for sha in by_sha).encode()
    with contextlib.suppress(FileNotFoundError):
        found = await _log(folder, "--no-walk=unsorted", "--ignore-missing", "--stdin", given=names)
        return {by_sha[commit.sha]: commit for commit in found if commit.sha in by_sha}
    return {}


async def outside_branch(folder: Path, tags: list[str]) -> frozenset[str]:
    """The hashes of what image tags stand for, and of their ancestors, that HEAD does not contain."""
    names = "".join(f"{sha}\n" for tag in tags if (sha := commit_of_tag(tag)))
    if not names:
        return frozenset()
    with contextlib.suppress(FileNotFoundError):
        _, out, _ = await _git(
            folder, "rev-list", "--ignore-missing", "--stdin", given=f"{names}^HEAD\n".encode()
        )
        return frozenset(out.split())
    return frozenset()


async def commits_between(folder: Path, old: str, new: str = "HEAD") -> list[Commit]:
    """What `new` has and `old` (a tag of lain's, or a hash) has not, newest first, merges left out.

    Raises LainError when the repository does not know one of them.
    """
    names = [commit_of_tag(name) or name for name in (old, new)]
    for name in names:
        try:
            code, _, _ = await _git(folder, "cat-file", "-e", f"{name}^{{commit}}")
        except FileNotFoundError:
            raise LainError("this needs git, and there is none on PATH") from None
        if code:
            _, shallow, _ = await _git(folder, "rev-parse", "--is-shallow-repository")
            raise LainError(
                f"this repository does not know the commit {name[:12]}",
                where=str(folder),
                hint="It is a shallow clone: git fetch --unshallow"
                if shallow.strip() == "true"
                else "Fetch first: git fetch --all",
            )
    return await _log(folder, "--no-merges", f"{names[0]}..{names[1]}")


async def remote_url(folder: Path) -> str:
    """Where the repository came from, without the name and password that may be in it; empty when nobody knows."""
    with contextlib.suppress(FileNotFoundError, LainError):
        _, out, _ = await _git(folder, "remote", "get-url", "origin")
        return _CREDENTIALS.sub(r"\1", out.strip())
    return ""


async def behind(folder: Path) -> int:
    """How many commits the branch's upstream has, as far as it was fetched, that HEAD has not."""
    with contextlib.suppress(FileNotFoundError, LainError):
        code, out, _ = await _git(folder, "rev-list", "--count", "HEAD..@{upstream}")
        return int(out) if code == 0 and out.strip().isdigit() else 0
    return 0


async def _log(folder: Path, *arguments: str, given: bytes | None = None) -> list[Commit]:
    code, out, _ = await _git(folder, "log", "-z", f"--format=tformat:{_FORMAT}", *arguments, given=given)
    if code:
        return []
    parts = out.split("\0")
    return [
        Commit(sha=sha, time=datetime.fromtimestamp(int(time), UTC), author=author, subject=subject)
        for sha, time, author, subject in zip(
            parts[0::4], parts[1::4], parts[2::4], parts[3::4], strict=False
        )
    ]


async def _git(folder: Path, *arguments: str, given: bytes | None = None) -> tuple[int, str, str]:
    """Run git; raises FileNotFoundError when there is none."""
    process = await asyncio.create_subprocess_exec(
        "git",
        "-C",
        str(folder),
        *arguments,
        stdin=asyncio.subprocess.DEVNULL if given is None else asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **_SAFE},
    )
    try:
        async with asyncio.timeout(TIME_OUT):
            out, err = await process.communicate(given)
    except TimeoutError:
        raise LainError(f"git does not answer within {TIME_OUT:.0f} s", where=str(folder)) from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return process.returncode or 0, out.decode(errors="replace"), err.decode(errors="replace")


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0].removeprefix("fatal: ")
