"""What stays out of a build context."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from lain_tui.core.errors import LainError
from lain_tui.core.image.context import measure, tar_stream
from lain_tui.core.image.ignore import Ignore, from_gitignore


@pytest.mark.parametrize(
    ("patterns", "out", "stays"),
    [
        ("*.log", ["a.log"], ["deep/a.log", "a.txt"]),
        ("**/*.log", ["a.log", "deep/er/a.log"], ["a.logs"]),
        ("build", ["build", "build/x", "build/deep/x"], ["deep/build", "builder"]),
        ("/build/", ["build/x"], ["deep/build/x"]),
        ("**/node_modules", ["node_modules/a", "x/node_modules/b"], ["node_module"]),
        ("a/**/z", ["a/z", "a/b/z", "a/b/c/z"], ["z", "a/b"]),
        ("**", ["a", "b/c", ".x"], []),
        ("*\n!keep", ["a", "b"], ["keep", "keep/x"]),
        ("*.md\n!README.md\nREADME.md", ["README.md"], ["x.txt"]),
        ("a?c", ["abc"], ["ac", "a/c"]),
        ("[a-c].txt", ["b.txt"], ["d.txt"]),
        ("[^a].txt", ["b.txt"], ["a.txt"]),
        (r"\*.txt", ["*.txt"], ["a.txt"]),
        ("# comment\n\n  spaced  ", ["spaced"], ["# comment"]),
        ("./x/../y", ["y"], ["x"]),
        ("a.b+c(d)", ["a.b+c(d)"], ["aXb+c(d)"]),
        ("中文*", ["中文.txt"], ["文"]),
    ],
)
def test_dockerignore(patterns: str, out: list[str], stays: list[str]) -> None:
    ignore = Ignore.parse(patterns)
    assert [path for path in out if not ignore.ignored(path)] == []
    assert [path for path in stays if ignore.ignored(path)] == []


@pytest.mark.parametrize(
    ("git", "out", "stays"),
    [
        ("*.pyc", ["a.pyc", "deep/b.pyc"], ["a.py"]),
        ("/dist", ["dist/x"], ["web/dist/x"]),
        ("web/dist/", ["web/dist/x"], ["x/web/dist/y"]),
        ("node_modules/", ["node_modules/x", "a/node_modules/x"], []),
        ("*.log\n!important.log", ["a.log"], ["important.log", "deep/important.log"]),
        ("\\#notes", ["#notes"], []),
        ("# comment", [], ["# comment", "comment"]),
        ("", [".git/HEAD", "sub/.git/HEAD"], [".gitignore"]),
    ],
)
def test_derived_from_gitignore(git: str, out: list[str], stays: list[str]) -> None:
    ignore = Ignore.parse(from_gitignore(git))
    assert [path for path in out if not ignore.ignored(path)] == []
    assert [path for path in stays if ignore.ignored(path)] == []


def test_counts_files_and_bytes_of_what_is_sent(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 1000)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b").write_bytes(b"x" * 24)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "big").write_bytes(b"x" * 9999)
    context = measure(tmp_path)
    assert (context.files, context.size, context.derived, context.large) == (2, 1024, True, False)
    assert (context.most, context.most_size) == ("a", 1000)


def test_a_large_context_is_seen_before_it_is_sent(tmp_path: Path) -> None:
    (tmp_path / "small").write_text("")
    (tmp_path / "models").mkdir()
    for name in ("one", "two"):
        with (tmp_path / "models" / name).open("wb") as file:
            file.truncate(101 * 2**20)
    context = measure(tmp_path)
    assert (context.large, context.most, context.most_size) == (True, "models", 202 * 2**20)


def test_odd_files_do_not_stop_the_stream(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "空 格").write_text("x")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        stream = b"".join(tar_stream(measure(tmp_path), "FROM scratch\n"))
    assert "空 格".encode() in stream
    assert len(stream) % 512 == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0)
    with pytest.raises(LainError, match="Permission denied"):
        measure(tmp_path)
