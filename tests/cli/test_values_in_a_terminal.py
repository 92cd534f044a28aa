"""Values in a real terminal: on screen while they are revealed, and nowhere once the app has gone."""

from __future__ import annotations

import base64
import shlex
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Program
from tests.cli.test_env_and_secret import CANARY, Watcher, files_with
from tests.embedded import EmbeddedCluster
from tests.tmux import Tmux

PATH = "/api/v1/namespaces/default/secrets/hello-env"


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not there")
@pytest.mark.parametrize("end", ["quit", "killed"])
def test_nothing_is_left_behind(program: Program, tmp_path: Path, end: str) -> None:
    with EmbeddedCluster(speed=10) as cluster, Tmux(tmp_path) as terminal, Watcher(CANARY) as watcher:
        data = {"TOKEN": base64.b64encode(CANARY.encode()).decode()}
        cluster.request("PATCH", PATH, {"data": data}, media="application/merge-patch+json")
        program.env |= {"KUBECONFIG": str(cluster.kubeconfig)}
        command = shlex.join(program.argv("--app", "hello"))
        shell = f"{command} & echo $! > {tmp_path}/pid; fg; echo it is OVER; sleep 600"
        terminal.run(["bash", "-mc", shell], cwd=program.repository, env=program.env)
        terminal.wait_for("live", "web")
        terminal.press("e")
        terminal.wait_for("TOKEN", "read by")
        assert CANARY not in terminal.screen()
        terminal.press("Down", "x")
        terminal.wait_for(CANARY)
        terminal.press("c", "Enter", "End", "+", "Escape")
        screen = terminal.wait_for("TOKEN  changed")
        assert f"{CANARY}+" in screen, "it is revealed still"
        if end == "killed":
            import os

            os.kill(int((tmp_path / "pid").read_text()), 9)
            terminal.wait_until(
                lambda _: not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()
            )
        else:
            terminal.press("C-s")
            terminal.wait_for("~ TOKEN", "back to the draft")
            terminal.press("Enter")
            terminal.wait_for("Done.")
            terminal.press("Escape")
            terminal.wait_for("read by")
            terminal.press("q")
            terminal.wait_for("it is OVER")
            assert CANARY not in terminal.scrollback()
            now = cluster.get(PATH)["data"]["TOKEN"]
            assert base64.b64decode(now).decode() == f"{CANARY}+"
        assert files_with(CANARY, program.home, program.repository, Path("/dev/shm")) == []
    assert watcher.seen == []
