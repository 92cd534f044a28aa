"""A whole session in a real terminal: started by a shell, driven by keys and signals, and gone without a trace."""

from __future__ import annotations

import re
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from benchmarks.terminal import Terminal
from tests.embedded import EmbeddedCluster

# As a user's shell: it goes on after the program, in the terminal that the program left behind.
SHELL = ["/bin/sh", "-c", '"$@"; echo "it ended with $?"; stty -a; echo "over and out"', "sh"]
LAIN = [sys.executable, "-m", "lain_tui"]
WITH_A_BUG = [
    sys.executable,
    "-c",
    "import sys\n"
    "from lain_tui.__main__ import main\n"
    "from lain_tui.screens.status.screen import StatusScreen\n"
    "def verb_flat(self):\n"
    "    password = 'hunter2-in-a-local-variable'\n"
    "    raise ZeroDivisionError(password)\n"
    "StatusScreen.verb_flat = verb_flat\n"
    "sys.exit(main())",
]


@pytest.fixture(scope="module")
def demo() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster("demo") as cluster:
        yield cluster


class Session:
    """A shell in a terminal that runs lain-tui."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal

    def press(self, keys: str, *, until: str) -> None:
        since = self.terminal.send(keys)
        self.terminal.wait_for(until, since=since, timeout=60)

    @property
    def program(self) -> psutil.Process:
        shell = psutil.Process(self.terminal.pid)
        return next(child for child in shell.children() if "python" in child.name())

    @property
    def family(self) -> list[psutil.Process]:
        """The program and all that it started."""
        return [self.program, *self.program.children(recursive=True)]

    def end(self) -> str:
        """Wait for the shell's last word; everything that was written since the program's last frame."""
        self.terminal.wait_for("over and out", timeout=60)
        return b"".join(chunk.data for chunk in self.terminal.chunks).decode()


@pytest.fixture
def start(demo: EmbeddedCluster, tmp_path: Path) -> Iterator[object]:
    sessions: list[Terminal] = []

    def begin(program: list[str] = LAIN, *arguments: str) -> Session:
        where = arguments or ("--kubeconfig", str(demo.kubeconfig), "-n", "default", "--app", "dummy")
        env = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
        terminal = Terminal([*SHELL, *program, *where], env=env, cwd=str(tmp_path))
        sessions.append(terminal)
        session = Session(terminal)
        terminal.wait_for("CrashLoopBackOff", timeout=40)
        return session

    yield begin
    for terminal in sessions:
        terminal.__exit__()


def test_keys_work_and_q_gives_the_terminal_back(start) -> None:  # type: ignore[no-untyped-def]
    session = start()
    session.press("?", until="type to search")
    session.press("\x1b", until="Secret dummy-env, values env")
    session.press("d", until="controlled by")
    session.press("\x1b", until="URLs")
    family = session.family
    session.terminal.send("q")
    assert_restored(session.end(), code=0)
    assert not psutil.wait_procs(family, timeout=60)[1]


def test_ctrl_c_quits_as_well(start) -> None:  # type: ignore[no-untyped-def]
    session = start()
    session.terminal.send("\x03")
    assert_restored(session.end(), code=0)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_ends_it_in_good_order(start, name: str) -> None:  # type: ignore[no-untyped-def]
    session = start()
    number = getattr(signal, name)
    session.program.send_signal(number)
    assert_restored(session.end(), code=128 + number)


@pytest.mark.parametrize("after", [0.1, 0.3, 0.6, 1.0])
def test_a_terminal_that_goes_while_it_starts_leaves_nothing_behind(
    demo: EmbeddedCluster, tmp_path: Path, after: float
) -> None:
    """A window that is closed: SIGHUP and SIGCONT, and no terminal any more; whenever in the start that is."""
    where = ["--kubeconfig", str(demo.kubeconfig), "--app", "dummy"]
    with Terminal([*LAIN, *where], env={"HOME": str(tmp_path)}, cwd=str(tmp_path)) as terminal:
        time.sleep(after)
        terminal.process.send_signal(signal.SIGHUP)
        terminal.process.send_signal(signal.SIGCONT)
        assert not psutil.wait_procs([terminal.process], timeout=60)[1]


def test_a_terminal_that_goes_without_a_signal_ends_it(demo: EmbeddedCluster, tmp_path: Path) -> None:
    """SIGHUP goes to the session's leader: a shell may keep it to itself."""
    leader = ["/bin/sh", "-c", 'trap "" HUP; "$@"; true', "sh"]
    where = ["--kubeconfig", str(demo.kubeconfig), "--app", "dummy"]
    with Terminal([*leader, *LAIN, *where], env={"HOME": str(tmp_path)}, cwd=str(tmp_path)) as terminal:
        terminal.wait_for("CrashLoopBackOff", timeout=60)
        family = terminal.process.children(recursive=True)
        terminal.hang_up()
        assert not psutil.wait_procs(family, timeout=60)[1]


def test_a_bug_gives_the_terminal_back_and_one_sentence_without_data(start, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    session = start(WITH_A_BUG)
    session.terminal.send("g")
    told = session.end()
    assert_restored(told, code=1)
    sentence = "lain-tui has a bug (ZeroDivisionError)."
    assert sentence in told and "Traceback" not in told.partition(sentence)[2]
    reports = [
        path for path in tmp_path.rglob("*") if path.is_file() and "ZeroDivisionError" in path.read_text()
    ]
    assert reports and "verb_flat" in reports[0].read_text()
    assert "hunter2" not in told + reports[0].read_text()


def test_the_demo_takes_its_cluster_with_it(start) -> None:  # type: ignore[no-untyped-def]
    session = start(LAIN, "--demo")
    family = session.family
    assert len(family) > 1, "the embedded cluster is a process of its own"
    session.terminal.send("q")
    assert_restored(session.end(), code=0)
    assert not psutil.wait_procs(family, timeout=60)[1]


def assert_restored(told: str, *, code: int) -> None:
    """The shell has its screen, its cursor and its line editing back, and nothing reports mouse or focus any more."""
    assert f"it ended with {code}" in told
    after = told.rpartition("it ended with")[2]
    assert re.search(r"(?<!-)\bicanon\b", after) and re.search(r"(?<!-)\becho\b", after)
    for mode in (1049, 1000, 1002, 1003, 1004, 1006, 2004):
        switched = re.findall(rf"\x1b\[\?{mode}([hl])", told)
        assert not switched or switched[-1] == "l", f"mode {mode} is still on"
    assert re.findall(r"\x1b\[\?25([hl])", told)[-1] == "h", "the cursor is hidden"
