"""The app lends its terminal to a shell, and takes it back whatever happens."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console import Console
from tests.embedded import EmbeddedCluster


@pytest.fixture(scope="module")
def demo() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster() as cluster:
        yield cluster


@pytest.fixture
def in_a_shell(demo: EmbeddedCluster, tmp_path: Path) -> Iterator[Console]:
    """The app with a shell open in a pod of web."""
    env = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8", "TERM": "xterm-256color",
        "KUBECONFIG": str(demo.kubeconfig),
    }  # fmt: skip
    with Console([sys.executable, "-m", "lain_tui", "--app", "dummy"], env) as console:
        console.until("up to date", 60)
        console.type("\x1b[H")
        console.type("s")
        console.until("comes back to lain-tui")
        console.type("stty size\r")
        console.until("24 80")
        yield console


def test_the_app_comes_back_as_it_was(in_a_shell: Console) -> None:
    in_a_shell.resize(100, 30)
    in_a_shell.type("printf '\\033[?1000h\\033[?25l'\r")
    in_a_shell.type("exit 3\r")
    in_a_shell.until("with exit code 3")
    in_a_shell.until("up to date")
    in_a_shell.type("q")
    assert in_a_shell.ends() == 0
    assert in_a_shell.attributes == in_a_shell.before


def test_sigterm_ends_shell_and_app_and_leaves_a_sane_terminal(in_a_shell: Console) -> None:
    in_a_shell.signal(signal.SIGTERM)
    assert in_a_shell.ends() == 143
    assert in_a_shell.attributes == in_a_shell.before
    # The alternate screen, the mouse and the cursor, whichever was the last word on each.
    for mode, left in ((b"1049", b"l"), (b"1000", b"l"), (b"25", b"h")):
        words = [b"\x1b[?" + mode + way for way in (b"h", b"l")]
        last = max(words, key=in_a_shell.seen.rfind)
        assert in_a_shell.seen.rfind(last) < 0 or last.endswith(left)
