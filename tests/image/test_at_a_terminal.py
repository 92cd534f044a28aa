"""Builds and shells at a real terminal: what is shown while they go, and that nothing stays when they are ended."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.console import Console
from tests.docker_daemon import Daemon
from tests.embedded import EmbeddedCluster
from tests.image.conftest import Repository

Start = Callable[..., Console]


@pytest.fixture(scope="module")
def cluster() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster() as running:
        yield running


@pytest.fixture
def start(
    daemon: Daemon, cluster: EmbeddedCluster, repository: Repository, tmp_path: Path
) -> Iterator[Start]:
    """Starts lain-tui in the app's repository."""
    consoles: list[Console] = []
    env = {
        **daemon.environment, "HOME": str(tmp_path), "LANG": "C.UTF-8", "TERM": "xterm-256color",
        "KUBECONFIG": str(cluster.kubeconfig), "LAIN_BUILD_NETWORK": "host", "PYTHONPATH": str(Path.cwd()),
    }  # fmt: skip
    (tmp_path / "here.yaml").write_text("registry: ''\n")

    def start(*words: str, **more: str) -> Console:
        words = (
            sys.executable,
            "-m",
            "lain_tui",
            "--app",
            "dummy",
            "-f",
            str(tmp_path / "here.yaml"),
            *words,
        )
        console = Console(
            ["sh", "-c", 'cd "$0" && exec "$@"', str(repository.folder), *words], {**env, **more}
        )
        consoles.append(console.__enter__())
        return console

    yield start
    for console in consoles:
        console.__exit__(None, None, None)


@pytest.fixture
def slow(repository: Repository, daemon: Daemon) -> str:
    """An app whose build says `begun` and then takes longer than anybody waits; the name of its image."""
    repository.values(build={"base": "base:1", "script": ["echo begun $((40 + 2)); sleep 300"]})
    image = f"dummy:{repository.commit()}"
    daemon.docker("rmi", "-f", image, check=False)
    return image


def left(daemon: Daemon) -> list[str]:
    """Command lines of clients and containers of this daemon that are still there."""
    found = daemon.docker("ps", "--quiet").stdout.split()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
            client = (
                words[0].endswith("docker") and daemon.host.encode() in (process / "environ").read_bytes()
            )
            step = words[:2] == ["sleep", "300"] and str(daemon.folder) in (process / "mountinfo").read_text()
        except OSError:
            continue
        if client or step:
            found.append(" ".join(words))
    return found


def nothing_is_left(daemon: Daemon, image: str = "") -> None:
    deadline = time.monotonic() + 30
    while there := left(daemon):
        assert time.monotonic() < deadline, there
        time.sleep(0.1)
    if image:
        assert daemon.docker("inspect", image, check=False).returncode, "an image was named"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_stopped_in_mid_build_leaves_nothing(
    start: Start, daemon: Daemon, slow: str, number: signal.Signals
) -> None:
    console = start("build")
    console.until("begun 42", 60)
    console.until("… 1 s")
    if number is signal.SIGINT:
        console.type("\x03")
    else:
        console.signal(number)
    assert console.ends() == (130 if number is signal.SIGINT else 143)
    assert "Traceback" not in console.text
    nothing_is_left(daemon, slow)


def test_a_build_that_fails_says_what_its_step_printed_once(start: Start, repository: Repository) -> None:
    script = ["echo looking; echo no $((40 + 2)); exit 7"]
    repository.values(build={"base": "base:1", "script": script})
    repository.commit()
    console = start("build")
    assert console.ends() == 1
    said = " ".join(console.text.split())
    assert said.count("no 42") == 1
    assert "failed" in said and said.endswith("exit 7): it ended with exit code 7"), said[-300:]


def test_the_app_that_is_left_in_mid_build_asks_and_leaves_nothing(
    start: Start, daemon: Daemon, slow: str
) -> None:
    console = start()
    console.until("up to date", 60)
    console.type("B")
    console.until("docker 2")
    console.type("b")
    console.until("begun 42", 60)
    console.type("l")
    console.until("build log")
    console.type("\x1b")
    console.until("P build and push")
    console.type("q")
    console.until("stop what is under way")
    console.type("y")
    assert console.ends() == 0
    assert console.attributes == console.before
    nothing_is_left(daemon, slow)


@pytest.mark.parametrize("how", ["exit", "SIGTERM"])
def test_a_shell_in_the_image_lends_the_terminal_and_leaves_no_container(
    start: Start, daemon: Daemon, repository: Repository, how: str
) -> None:
    repository.values(build={"base": "base:1", "env": {"GREETING": "hello $5"}})
    repository.commit()
    console = start()
    console.until("up to date", 60)
    console.type("B")
    console.until("docker 2")
    console.type("b")
    console.until("build done after", 60)
    console.type("s")
    console.until("/lain/app $", 60)
    console.type("echo $GREETING, $(id -u)\r")
    console.until("hello $5, 1001")
    console.type("echo begun $((40 + 2)); sleep 300\r")
    console.until("begun 42")
    if how == "exit":
        console.type("\x03")
        console.until("/lain/app $")
        console.type("exit 3\r")
        console.until("The shell ended with 3")
        console.type("q")
        assert console.ends() == 0
    else:
        console.signal(signal.SIGTERM)
        assert console.ends() == 143
    assert console.attributes == console.before
    nothing_is_left(daemon)


def test_a_build_goes_on_while_the_terminal_is_lent_to_an_editor(
    start: Start, daemon: Daemon, repository: Repository, tmp_path: Path
) -> None:
    editor, closed = tmp_path / "editor", tmp_path / "closed"
    editor.write_text(f"#!/bin/sh\necho editing $1\nwhile [ ! -e {closed} ]; do sleep 0.1; done\n")
    editor.chmod(0o755)
    repository.values(build={"base": "base:1", "script": ["echo begun $((40 + 2)); sleep 4"]})
    image = f"dummy:{repository.commit()}"
    console = start(EDITOR=str(editor))
    console.until("up to date", 60)
    console.type("B")
    console.until("docker 2")
    console.type("b")
    console.until("begun 42", 60)
    console.type("\t")
    console.until("lain's default")
    console.type("\r")
    console.until("editing +")
    deadline = time.monotonic() + 60
    while daemon.docker("inspect", image, check=False).returncode:
        assert time.monotonic() < deadline, "the build stood still"
        time.sleep(0.1)
    closed.touch()
    console.until("build done after")
    console.type("q")
    assert console.ends() == 0
    assert console.attributes == console.before


def test_a_command_in_the_image_gives_its_exit_code_and_is_ended_with_its_container(
    start: Start, daemon: Daemon, repository: Repository
) -> None:
    repository.values(build={"base": "base:1"})
    repository.commit()
    console = start("build")
    assert console.ends(60) == 0
    console = start("run", "--", "sh", "-c", "exit 7")
    assert console.ends() == 7
    console = start("run", "--", "sh", "-c", "trap '' TERM; echo begun $((40 + 2)); sleep 300")
    console.until("begun 42")
    console.signal(signal.SIGTERM)
    assert console.ends() == 143
    nothing_is_left(daemon)
