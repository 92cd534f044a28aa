"""A value on its way through the app: what the terminal keeps of it, what else does, and what a fault or a crash changes."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.canary import Watcher, files_with
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
        self.own = home / "own"
        """Files that may hold it: those that are taken in, and what is written on purpose."""
        self.own.mkdir()
        (home / "tmp").mkdir()
        env = {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "XDG_STATE_HOME": str(home / "state"),
            "TMPDIR": str(home / "tmp"),
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

    def answer(self, key: str, text: str, *, asked: str, until: str) -> None:
        """A verb that asks for a line."""
        self.press(key, until=asked)
        self.tmux.press("C-u")
        self.type(text)
        self.press("Enter", until=until)

    def apply(self, *, until: str) -> None:
        self.press("C-s", until="patch Secret dummy-env")
        self.press("Enter", until=until)

    def leave(self) -> None:
        """Leave the picture of the change, done or not."""
        self.press("Escape", until="topsecret.txt")

    def assert_unseen(self, after: str) -> None:
        """Neither on the screen nor in what can be scrolled back to, nor in a file that is not its owner's own."""
        assert CANARY not in self.tmux.history(), after
        found = files_with(CANARY, self.home, Path("/dev/shm"))
        assert [path for path in found if not path.startswith(str(self.own))] == [], after


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\ntouch "$HOME/edited"\n')
    editor.chmod(0o755)
    with Tmux(tmp_path) as tmux:
        yield tmux


@pytest.fixture(autouse=True)
def no_process_tells() -> Iterator[None]:
    """No process that begins meanwhile has it among its arguments or in its environment."""
    with Watcher(CANARY) as watcher:
        yield
    assert watcher.seen == []


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
    here.answer("d", "FOO-2", asked="duplicate as", until="draft: 1 changed, 1 added")
    here.assert_unseen("duplicating")
    here.answer("r", "FOO-3", asked="rename to", until="▏ FOO-3  added")
    here.assert_unseen("renaming")
    here.answer("n", "NEW", asked="new key in dummy-env", until="▏ NEW  added")
    here.type(CANARY)
    here.tmux.wait_for(CANARY)
    here.press("Escape", until="draft: 1 changed, 2 added")
    here.tmux.wait_until(lambda screen: CANARY not in screen)
    here.assert_unseen("a new key")
    (here.own / "in.env").write_text(f"TAKEN={CANARY}\n")
    here.answer("i", "own/in.env", asked="import into", until="draft: 1 changed, 3 added")
    here.assert_unseen("importing")
    (here.own / "value").write_text(CANARY)
    here.answer("f", "own/value", asked="NEW from", until="draft: 1 changed, 3 added")
    here.assert_unseen("a value from a file")
    here.answer("s", "own/saved", asked="save to", until="Saved to")
    assert (here.own / "saved").read_text() == CANARY
    assert (here.own / "saved").stat().st_mode & 0o777 == 0o600
    here.assert_unseen("saving it on purpose")
    here.press("DC", until="draft: 1 changed, 2 added")
    here.assert_unseen("removing")
    here.press("u", until="draft: 1 changed, 3 added")
    here.press("Up", until="▏ NEW  added")
    here.assert_unseen("undoing a step")
    here.press("y", until="its values in the clear")
    here.tmux.wait_for(CANARY)
    here.press("Escape", until="draft: 1 changed, 3 added")
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
    here.apply(until="Done.")
    here.assert_unseen("applying")
    here.leave()
    here.press("U", until="draft:")
    here.assert_unseen("undoing what was applied")
    here.apply(until="Done.")
    here.leave()
    tmux.press("q")
    tmux.wait_for("it ended with 0")
    here.assert_unseen("leaving")
    assert not tmux.alternate, "the app's screen is gone"


FAULTS: dict[str, tuple[dict[str, object], str]] = {
    "somebody is always faster": ({"action": "status", "code": 409}, "nothing of yours was applied"),
    "it may not be changed": ({"action": "status", "code": 403}, "you may not patch secrets"),
    "the connection is lost": ({"action": "drop"}, "cut the connection"),
    "the API server fails": ({"action": "status", "code": 500, "message": "boom"}, "boom"),
}


def test_nothing_of_a_value_is_told_when_it_cannot_be_applied(
    demo: EmbeddedCluster, tmux: Tmux, tmp_path: Path
) -> None:
    here = Here(tmux, demo, tmp_path, PROGRAM)
    draft_a_canary(here)
    for fault, (order, words) in FAULTS.items():
        demo.fault(**order, verb="patch", resource="secrets")
        here.apply(until=words)
        here.assert_unseen(fault)
        demo.clear_faults()
        here.leave()
        here.tmux.wait_for("draft: 1 changed")
        here.assert_unseen(f"{fault}: back at the draft")
    here.press("u", until="topsecret.txt")
    tmux.wait_until(lambda screen: "draft:" not in screen)
    tmux.press("q")
    tmux.wait_for("it ended with 0")
    here.assert_unseen("leaving")


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
