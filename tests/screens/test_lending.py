"""The terminal is lent to the user's own programs: ctrl+c is theirs, the app goes on behind them, nothing typed is lost."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embedded import EmbeddedCluster
from tests.tmux import Tmux

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")

PAGER = """#!/bin/sh
trap 'echo ctrl+c is mine' INT
echo "the pager has $(grep -c .) lines"
read -r _ </dev/tty || read -r _ </dev/tty
"""
EDITOR = r"""#!/bin/sh
if grep -q 'broken: \[' "$1"; then
  sed -i 's/.*broken: \[.*/  MINE: kept/' "$1"
else
  echo '  broken: [' >>"$1"
  echo "the editor is open"
  until [ -e "$HOME/go-on" ]; do sleep 0.1; done
fi
"""


@pytest.fixture
def demo() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster() as cluster:
        yield cluster


@pytest.fixture
def tmux(demo: EmbeddedCluster, tmp_path: Path) -> Iterator[Tmux]:
    env = {"HOME": str(tmp_path), "LANG": "C.UTF-8", "XDG_STATE_HOME": str(tmp_path / "state")}
    for name, text in (("pager", PAGER), ("editor", EDITOR)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
        env[name.upper()] = str(tmp_path / name)
    where = ["--kubeconfig", str(demo.kubeconfig), "-n", "default", "--app", "dummy"]
    with Tmux(tmp_path) as tmux:
        tmux.run([sys.executable, "-m", "lain_tui", *where], cwd=tmp_path, env=env)
        tmux.wait_for("CrashLoopBackOff")
        yield tmux


def test_ctrl_c_in_the_pager_is_the_pagers(tmux: Tmux) -> None:
    tmux.press("L")
    tmux.wait_for("following")
    tmux.press("o")
    tmux.wait_for("the pager has")
    tmux.press("C-c")
    tmux.wait_for("ctrl+c is mine")
    tmux.press("Enter")
    tmux.wait_for("following")
    tmux.press("Escape")
    tmux.wait_for("CrashLoopBackOff")


def test_a_document_that_cannot_be_read_is_edited_on_and_what_others_did_meanwhile_stays(
    tmux: Tmux, demo: EmbeddedCluster, tmp_path: Path
) -> None:
    tmux.press("e")
    tmux.wait_for("topsecret.txt")
    tmux.press("Home", "Down")
    tmux.press("E")
    tmux.wait_for("the editor is open")
    secret = "/api/v1/namespaces/default/secrets/dummy-env"
    demo.request("PATCH", secret, {"stringData": {"THEIRS": "new"}}, "application/merge-patch+json")
    (tmp_path / "go-on").touch()
    tmux.wait_for("Edit it again?", "dummy-env")
    tmux.press("y")
    tmux.wait_for("MINE", "THEIRS", "draft: 1 added")
