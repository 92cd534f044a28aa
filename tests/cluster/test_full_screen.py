"""vim and htop in a pod of a real node: at a shell's terminal, and at the app's, which comes back as it was."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.asking import eventually, kubectl, tried
from tests.cluster.real import RealCluster
from tests.tmux import Tmux

pytestmark = pytest.mark.real

LABELS = {"app.kubernetes.io/name": "tools", "app.kubernetes.io/instance": "tools-web"}
LAIN = (sys.executable, "-m", "lain_tui", "--app", "tools")
AT_A_SHELL = (
    "/bin/sh",
    "-c",
    'stty -g >before; "$@"; echo "it ended with $?"; stty -g >after; exec sleep 600',
    "sh",
)
"""As somebody's shell: it notes how the terminal is set before and after, and goes on in it."""
# What a terminal has by itself, as tmux tells it: alternate screen, mouse, cursor, cursor keys, keypad, wrap.
AT_REST = "0 0 1 0 0 1"


@pytest.fixture(scope="module")
def tools(real_cluster: RealCluster) -> Iterator[str]:
    """A namespace with an app called `tools`, whose proc `web` has bash, vim and htop."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed (Debian: apt-get install tmux)")
    namespace = "full-screen"
    container = {
        "name": "web",
        "image": real_cluster.load_full_screen(),
        "env": [{"name": "LANG", "value": "C.UTF-8"}],  # vim goes by it
    }
    body = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "tools-web", "labels": LABELS},
        "spec": {
            "selector": {"matchLabels": LABELS},
            "template": {
                "metadata": {"labels": LABELS},
                "spec": {"terminationGracePeriodSeconds": 0, "containers": [container]},
            },
        },
    }
    kubectl(real_cluster, "create", "namespace", namespace)
    where = f"--namespace={namespace}"
    kubectl(real_cluster, where, "apply", "-f", "-", input=json.dumps(body))
    kubectl(real_cluster, where, "rollout", "status", "deployment/tools-web", "--timeout=180s")
    yield where
    kubectl(real_cluster, "delete", "namespace", namespace, "--wait=false")


class Desk:
    """Somebody's terminal, with lain-tui in it."""

    def __init__(self, terminal: Tmux, lain: list[str], folder: Path) -> None:
        self.terminal = terminal
        self._lain = lain
        self._folder = folder

    def runs(self, *words: str) -> None:
        env = {"PATH": "/usr/bin:/bin", "HOME": str(self._folder), "LANG": "C.UTF-8"}
        self.terminal.run([*AT_A_SHELL, *self._lain, *words], cwd=self._folder, env=env)

    def ends(self, code: int) -> None:
        """lain-tui ends with that code, and the terminal is as it was."""
        self.terminal.wait_for(f"it ended with {code}")
        after = eventually(lambda: (self._folder / "after").exists() and (self._folder / "after").read_text())
        assert after == (self._folder / "before").read_text()
        assert self.terminal.modes == AT_REST


@pytest.fixture
def desk(tools: str, real_cluster: RealCluster, tmp_path: Path) -> Iterator[Desk]:
    with Tmux(tmp_path, size=(100, 30)) as terminal:
        yield Desk(terminal, [*LAIN, f"--kubeconfig={real_cluster.kubeconfig}", tools], tmp_path)


def in_the_pod(cluster: RealCluster, tools: str, *command: str) -> str:
    return tried(cluster, tools, "exec", "deployment/tools-web", "--", *command)


def test_htop_draws_at_each_size_and_takes_the_mouse(desk: Desk) -> None:
    desk.runs("x", "web", "--", "htop")
    terminal = desk.terminal
    terminal.wait_for("Load average", "F10Quit")
    assert terminal.alternate
    for columns, rows in ((80, 24), (200, 50), (120, 40)):
        terminal.resize(columns, rows)
        terminal.wait_until(lambda screen, rows=rows: "F1Help" in screen.splitlines()[rows - 1])  # type: ignore[misc]
    last = terminal.screen().splitlines()[-1]
    eventually(lambda: terminal.click(last.index("Quit") + 1, 40) or "it ended" in terminal.screen(), 20)
    desk.ends(0)


def test_vim_edits_and_leaves_the_terminal_as_it_was(
    desk: Desk, real_cluster: RealCluster, tools: str
) -> None:
    desk.runs("x", "web", "--", "vim", "/tmp/note")
    terminal = desk.terminal
    terminal.wait_for("0,0-1")
    terminal.press("i", "héllo 世界", "Enter", "second", "Escape")
    terminal.press(":set mouse=a number", "Enter")
    terminal.wait_for("1 héllo 世界", "2 second")
    terminal.resize(60, 12)
    terminal.wait_until(lambda screen: screen.splitlines()[10].startswith("~"), 20)
    terminal.press(":wq", "Enter")
    desk.ends(0)
    assert in_the_pod(real_cluster, tools, "cat", "/tmp/note") == "héllo 世界\nsecond\n"


def test_the_app_lends_its_terminal_to_bash_htop_and_vim_and_comes_back_as_it_was(desk: Desk) -> None:
    desk.runs()
    terminal = desk.terminal
    terminal.wait_for("web", "1 of 1", "Running")
    terminal.press("Down")
    terminal.wait_for("nothing wrong with")
    before, modes = at_rest(terminal.screen()), terminal.modes
    terminal.press("s")
    terminal.wait_for("exit or ctrl+d comes back", "#")
    terminal.press("htop", "Enter")
    terminal.wait_for("Load average", "F10Quit")
    terminal.press("q")
    terminal.wait_until(lambda screen: "# htop" in screen)
    terminal.press("vim /tmp/other", "Enter")
    terminal.wait_for("0,0-1")
    terminal.press(":q", "Enter")
    terminal.wait_until(lambda screen: screen.rstrip().endswith("#"))
    terminal.press("printf '\\033[?1049h\\033[?7l\\033[2;9r'; exit 3", "Enter")
    terminal.wait_for("with exit code 3")
    terminal.wait_until(lambda screen: at_rest(screen) == before)
    assert terminal.modes == modes
    terminal.press("q")
    desk.ends(0)


def at_rest(screen: str) -> list[str]:
    """What of the screen does not go on by itself: no ages, no usage, no words of a moment in the corner."""
    return [line[:58].rstrip() for line in screen.splitlines()[:20]]


@pytest.mark.parametrize("program", ["vim", "htop"])
def test_the_pod_goes_under_a_full_screen_program(
    desk: Desk, real_cluster: RealCluster, tools: str, program: str
) -> None:
    desk.runs("x", "web", "--", program)
    desk.terminal.wait_for("VIM - Vi IMproved" if program == "vim" else "Load average")
    kubectl(real_cluster, tools, "delete", "pods", "--all", "--wait=false")
    desk.terminal.wait_for("the pod tools-web-")
    desk.ends(137 if "it ended with 137" in desk.terminal.screen() else 1)
    kubectl(real_cluster, tools, "rollout", "status", "deployment/tools-web", "--timeout=180s")


def test_the_node_goes_under_a_full_screen_program(desk: Desk, mortal: RealCluster, tools: str) -> None:
    desk.runs("x", "web", "--", "htop")
    desk.terminal.wait_for("Load average")
    mortal.kill_kubelet()
    try:
        desk.terminal.wait_for("lain-tui: the connection to the container was cut")
        desk.ends(1)
    finally:
        mortal.start_kubelet()
        # It learns its pods anew, and says until then that it knows none.
        eventually(lambda: in_the_pod(mortal, tools, "bash", "-c", "echo here"))


def test_the_api_server_goes_under_a_full_screen_program(desk: Desk, mortal: RealCluster) -> None:
    desk.runs("x", "web", "--", "htop")
    desk.terminal.wait_for("Load average")
    mortal.kill_apiserver()
    try:
        desk.terminal.wait_for("lain-tui: the connection to the container was cut")
        desk.ends(1)
    finally:
        mortal.start_apiserver()
