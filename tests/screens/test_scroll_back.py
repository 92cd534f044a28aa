"""A value on its way through the app: what the terminal keeps of it, and what a crash does."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embedded import EmbeddedCluster
from tests.tmux import Tmux

CANARY = "canary-3fb1c07d"
PROGRAM = [sys.executable, "-m", "lain_tui"]
WITH_A_BUG = [
    sys.executable,
    "-c",
    "import sys\n"
    "from lain_tui.__main__ import main\n"
    "from lain_tui.screens.secrets.screen import SecretsScreen\n"
    "def verb_filter(self):\n"
    "    values = self._draft.values\n"
    "    raise ZeroDivisionError(values)\n"
    "SecretsScreen.verb_filter = verb_filter\n"
    "sys.exit(main())",
]
pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")


@pytest.fixture(scope="module")
def demo() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster() as cluster:
        yield cluster


class Here:
    """The app in a terminal that goes on after it, as a user's does."""

    def __init__(self, tmux: Tmux, demo: EmbeddedCluster, home: Path, program: list[str]) -> None:
        self.tmux, self.home = tmux, home
        env = {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "XDG_STATE_HOME": str(home / "state"),
            "EDITOR": str(home / "editor"),
        }
        where = ["--kubeconfig", str(demo.kubeconfig), "-n", "default", "--app", "dummy"]
        shell = ["sh", "-c", '"$@"; echo "it ended with $?"; exec sleep 600', "sh"]
        tmux.run([*shell, *program, *where], cwd=home, env=env)
        tmux.wait_for("CrashLoopBackOff")
        self.press("e", until="topsecret.txt")

    def press(self, *keys: str, until: str) -> None:
        self.tmux.press(*keys)
        self.tmux.wait_for(until)

    def type(self, text: str) -> None:
        for letter in text:
            self.tmux.press(letter)

    def assert_unseen(self, after: str) -> None:
        """Neither on the screen nor in what can be scrolled back to, nor in a file of the app's."""
        assert CANARY not in self.tmux.history(), after
        written = [path for path in (self.home / "state").rglob("*") if path.is_file()]
        assert not [path for path in written if CANARY in path.read_text(errors="replace")], after


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\ntouch "$HOME/edited"\n')
    editor.chmod(0o755)
    with Tmux(tmp_path) as tmux:
        yield tmux


def draft_a_canary(here: Here) -> None:
    """FOO gets it, by typing; the editor shows it, and then no more."""
    here.press("Home", "Down", until="▏ FOO")
    here.press("Enter", "End", until="BAR")
    here.type(CANARY)
    here.tmux.wait_for(CANARY)
    here.press("Escape", until="draft: 1 changed")
    here.tmux.wait_until(lambda screen: CANARY not in screen)


def test_nothing_of_a_value_stays_in_the_terminal(demo: EmbeddedCluster, tmux: Tmux, tmp_path: Path) -> None:
    here = Here(tmux, demo, tmp_path, PROGRAM)
    draft_a_canary(here)
    here.assert_unseen("typing")
    here.press("C-s", until="patch Secret dummy-env")
    here.assert_unseen("the review")
    here.press("Escape", until="draft: 1 changed")
    here.press("d", until="duplicate as")
    here.type("-2")
    here.press("Enter", until="draft: 1 changed, 1 added")
    here.assert_unseen("duplicating")
    here.press("y", until="its values in the clear")
    here.tmux.wait_for(CANARY)
    here.press("Escape", until="draft: 1 changed, 1 added")
    here.assert_unseen("the document")
    tmux.press("E")
    tmux.wait_until(lambda screen: (tmp_path / "edited").exists() and tmux.alternate and "draft: 1" in screen)
    here.assert_unseen("$EDITOR")
    here.press("c", until="Copied")
    here.assert_unseen("copying")
    here.press("x", until=CANARY)
    here.tmux.press("x")
    here.tmux.wait_until(lambda screen: CANARY not in screen)
    here.assert_unseen("revealing, and masking again")
    here.press("C-s", until="patch Secret dummy-env")
    here.press("Enter", until="Done.")
    here.assert_unseen("applying")
    here.press("Escape", until="topsecret.txt")
    here.press("U", until="draft:")
    here.assert_unseen("undoing what was applied")
    here.press("C-s", until="patch Secret dummy-env")
    here.press("Enter", until="Done.")
    here.press("Escape", until="topsecret.txt")
    tmux.press("q")
    tmux.wait_for("it ended with 0")
    here.assert_unseen("leaving")
    assert not tmux.alternate, "the app's screen is gone"


def test_a_crash_with_drafted_and_revealed_values_tells_none(
    demo: EmbeddedCluster, tmux: Tmux, tmp_path: Path
) -> None:
    here = Here(tmux, demo, tmp_path, WITH_A_BUG)
    draft_a_canary(here)
    here.press("x", until=CANARY)
    tmux.press("/")
    tmux.wait_for("it ended with 1")
    screen = tmux.screen()
    assert "lain-tui has a bug (ZeroDivisionError)." in screen and "Traceback" not in screen
    here.assert_unseen("the crash")
    (report,) = (tmp_path / "state" / "lain-tui").glob("report-*.txt")
    assert "verb_filter" in report.read_text()
    assert not tmux.alternate
