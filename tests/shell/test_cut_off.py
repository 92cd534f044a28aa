"""Whatever happens to the connection or the program, the terminal is as it was, and it is told what happened."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Cluster
from tests.console import Console
from tests.relay import Relay
from tests.shell.x import IMPATIENT, X

# What htop and vim switch on between them: the other screen, mouse reports, pasting in brackets, cursor keys of
# their own, no cursor, no wrap, a scroll region, the keypad. Written so that what is typed does not do it by itself.
SWITCH_ON = r"printf '\033[?1049h\033[?1002;1006h\033[?2004h\033[?1h\033[?25l\033[?7l\033[2;9r\033='"
CUT = "the connection to the container was cut"


@pytest.fixture
def network(cluster: Cluster) -> Iterator[Relay]:
    with Relay(cluster.url) as relay:
        yield relay


@pytest.fixture
def kubeconfig(network: Relay, cluster: Cluster, tmp_path: Path) -> Path:
    return network.kubeconfig(cluster.kubeconfig, tmp_path / "kubeconfig")


@pytest.fixture
def far_x(shell_pod: str, kubeconfig: Path, namespace: str, tmp_path: Path) -> X:
    """`x` on the other side of the network."""
    return X(kubeconfig, namespace, tmp_path, IMPATIENT)


def answers(console: Console, command: str, answer: str) -> None:
    """Ask until it is answered so: the size, above all, is told to a program after its start."""
    end = time.monotonic() + 180
    while time.monotonic() < end:
        console.type(f'{command}; echo as""ked\n')
        if answer in console.until("asked"):
            return
    pytest.fail(f"{command} never came to say {answer!r}")


def in_a_full_screen_program(console: Console) -> None:
    """The terminal is as a full-screen program has it."""
    answers(console, "stty size", "24 80")
    console.type(f'{SWITCH_ON}; echo o""n\n')
    console.until("on\r\n")
    assert {1049, 1002, 1006, 2004, 1, 25, 7} <= console.modes


def assert_sane(console: Console) -> None:
    assert console.attributes == console.before
    assert not console.modes
    for undone in (b"\x1b[r", b"\x1b>"):
        assert undone in console.all


def test_a_connection_that_is_cut(far_x: X, network: Relay) -> None:
    with far_x.at_terminal("shell") as console:
        in_a_full_screen_program(console)
        network.cut()
        assert console.ends() == 1
        assert CUT in console.text
        assert_sane(console)


@pytest.mark.parametrize("keys", ["", "is anybody there?\n"], ids=["waiting", "typing"])
def test_a_network_that_swallows_everything(far_x: X, network: Relay, keys: str) -> None:
    with far_x.at_terminal("shell") as console:
        in_a_full_screen_program(console)
        network.swallow()
        console.type(keys)
        assert console.ends() == 1
        assert CUT in console.text
        assert_sane(console)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_nothing_gets_through(
    shell_pod: str, kubeconfig: Path, namespace: str, tmp_path: Path, network: Relay, number: signal.Signals
) -> None:
    with X(kubeconfig, namespace, tmp_path).at_terminal("shell") as console:
        in_a_full_screen_program(console)
        network.swallow()
        console.signal(number)
        assert console.ends(20) == 143
        assert_sane(console)


def test_the_api_server_is_down(x: X, cluster: Cluster) -> None:
    from tests.embedded import EmbeddedCluster

    if not isinstance(cluster, EmbeddedCluster):
        pytest.skip("a real one is killed in tests/cluster")
    with x.at_terminal("shell") as console:
        in_a_full_screen_program(console)
        cluster.fault(action="down")
        try:
            assert console.ends() == 1
        finally:
            cluster.come_up()
        assert CUT in console.text
        assert_sane(console)


def test_a_script_is_told_and_fails(far_x: X, network: Relay) -> None:
    with far_x.started("shell", "--", "sh", "-c", "echo begun; sleep 600") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        network.cut()
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, b"")
    assert err.decode() == f"lain-tui: {CUT}\n"


def test_a_script_whose_network_swallows_everything_fails_too(far_x: X, network: Relay) -> None:
    with far_x.started("shell", "--", "sh", "-c", "echo begun; sleep 600") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        network.swallow()
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.decode() == f"lain-tui: {CUT}\n"


def test_a_program_that_leaves_everything_switched_on(x: X) -> None:
    with x.at_terminal("shell") as console:
        in_a_full_screen_program(console)
        console.type("exit 3\n")
        assert console.ends() == 3
        assert_sane(console)


def test_a_storm_of_resizes_while_output_floods(x: X, cluster: Cluster) -> None:
    if cluster.kind != "real":
        pytest.skip("the embedded cluster's shell knows no loops")
    with x.at_terminal("shell") as console:
        answers(console, "stty size", "24 80")
        console.type("for i in $(seq 1 20000); do echo flood $i; done\n")
        console.until("flood 9")
        for columns in range(81, 131):
            console.resize(columns, 40)
        console.until("flood 20000\r\n")
        answers(console, "stty size", "40 130")
        console.type("exit\n")
        assert console.ends() == 0
        assert console.attributes == console.before


def test_binary_output(x: X, cluster: Cluster) -> None:
    noise = (
        "cat /bin/busybox" if cluster.kind == "real" else r"printf '\033[?1049h\033]0;\000\001\377\033[?25l'"
    )
    with x.at_terminal("shell", "--", "sh", "-c", noise) as console:
        assert console.ends() == 0
        assert console.attributes == console.before
        assert not console.modes & {1049, 25, 1000, 1002, 1003, 1006, 2004}
