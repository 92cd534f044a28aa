"""Credentials that end while they are in use, and what goes on with new ones: logs, the live picture, a draft."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.asking import eventually, kubectl
from tests.cluster.counting import APP, Heard, run_writers
from tests.cluster.login import Login
from tests.cluster.real import RealCluster
from tests.tmux import Tmux

pytestmark = pytest.mark.real

WRITERS = 3
PROGRAM = [sys.executable, "-m", "lain_tui"]
REFUSED = "your credentials are not accepted"


@pytest.fixture
def namespace(mortal: RealCluster, tmp_path: Path) -> Iterator[str]:
    name = f"login-{tmp_path.name[-20:].strip('-_')}".replace("_", "-")
    kubectl(mortal, "create", "namespace", name)
    yield name
    kubectl(mortal, "delete", "namespace", name, "--wait=false")


@pytest.fixture
def login(mortal: RealCluster, namespace: str, tmp_path: Path) -> Login:
    return Login(mortal, namespace, tmp_path)


def cut_every_connection(cluster: RealCluster) -> None:
    cluster.kill_apiserver()
    cluster.start_apiserver()


def test_each_line_of_every_pod_comes_once_and_in_order(
    mortal: RealCluster, namespace: str, login: Login, tmp_path: Path
) -> None:
    run_writers(mortal, namespace, WRITERS)
    printed, told = tmp_path / "printed", tmp_path / "told"
    heard = Heard(printed, told, WRITERS)
    where = [f"--kubeconfig={login.kubeconfig}", f"--app={APP}"]
    with printed.open("w") as out, told.open("w") as err:
        follower = subprocess.Popen([*PROGRAM, *where, "logs", "-f", "--since", "1h"], stdout=out, stderr=err)
        try:
            eventually(lambda: heard.all_beyond(20))

            # The plugin has a new token at once: one more run of it, and nobody is asked anything.
            login.expires()
            login.renews()
            asked, before = login.asked, heard.furthest
            cut_every_connection(mortal)
            eventually(lambda: heard.all_beyond(before + 20))
            assert login.asked > asked
            assert not heard.said(REFUSED)

            # Its owner has to sign in first, and does so a while later.
            login.expires()
            resumed = heard.said("lost for")
            cut_every_connection(mortal)
            eventually(lambda: heard.said(REFUSED))
            login.renews()
            eventually(lambda: heard.said("lost for") > resumed)
            before = heard.furthest
            eventually(lambda: heard.all_beyond(before + 20))
            assert heard.said(REFUSED) == 1, "once, not by every stream at every try"
            assert follower.poll() is None, "it goes on"
        finally:
            follower.kill()
            follower.wait()
    heard.assert_each_once_and_in_order()


def test_the_picture_and_a_draft_outlive_the_login(
    mortal: RealCluster, namespace: str, login: Login, tmp_path: Path
) -> None:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed (Debian: apt-get install tmux)")
    run_writers(mortal, namespace, 1)
    where = f"--namespace={namespace}"
    kubectl(mortal, where, "create", "secret", "generic", f"{APP}-env", "--from-literal=HOST=db")

    def held() -> str:
        path = "jsonpath={.data.HOST}"
        return base64.b64decode(kubectl(mortal, where, "get", "secret", f"{APP}-env", "-o", path)).decode()

    env = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    with Tmux(tmp_path) as terminal:
        terminal.run([*PROGRAM, f"--kubeconfig={login.kubeconfig}", f"--app={APP}"], cwd=tmp_path, env=env)
        terminal.wait_for("1 of 1", "● live")
        terminal.press("e")
        terminal.wait_for("▏ HOST")
        terminal.press("Enter")
        terminal.wait_for("db")
        terminal.press("End", *"-2", "Escape")
        terminal.wait_for("HOST", "changed")

        login.expires()
        cut_every_connection(mortal)
        terminal.press("Escape")
        terminal.wait_for(REFUSED, "1 of 1")
        terminal.press("e")
        terminal.wait_for("HOST", "changed")
        terminal.press("C-s")
        terminal.wait_for("~ HOST", "enter apply")
        terminal.press("Enter")
        terminal.wait_for(REFUSED)
        assert held() == "db"

        login.renews()
        terminal.press("Escape")
        terminal.wait_for("draft: 1 changed")
        terminal.press("C-s")
        terminal.wait_for("~ HOST", "enter apply")
        terminal.press("Enter")
        terminal.wait_for("Done.")
        assert held() == "db-2"
        terminal.press("Escape")
        terminal.wait_for("•••")
        terminal.press("Escape")
        terminal.wait_for("● live", "1 of 1")
