"""`x` at a real terminal and between pipes, on the embedded cluster and on a real one."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import pytest

from tests.conftest import Cluster
from tests.shell.x import X


def test_a_shell_at_a_terminal(x: X) -> None:
    with x.at_terminal("shell", size=(100, 30)) as console:
        console.until("shell, container main")
        console.type("stty size\n")
        console.until("30 100")
        assert console.attributes != console.before, "the keys go through raw"
        console.type("echo 二\n")
        console.until("二\r\n")
        console.type("exit 4\n")
        assert console.ends() == 4
        assert console.attributes == console.before


def test_a_storm_of_resizes_ends_with_the_last_size(x: X) -> None:
    with x.at_terminal("shell") as console:
        console.type("stty size\n")
        console.until("24 80\r\n")
        for columns in range(81, 131):
            console.resize(columns, 40)
        # The program is told once the storm is over: asked again until it knows.
        end = time.monotonic() + 180
        while time.monotonic() < end:
            # What is typed comes back, too: only the answer has the word without quotes.
            console.type('stty size; echo as""ked\n')
            if "40 130" in console.until("asked"):
                break
        else:
            pytest.fail("it never learned of the last size")
        console.type("exit\n")
        assert console.ends() == 0


def test_ctrl_c_is_the_programs_own(x: X) -> None:
    with x.at_terminal("shell") as console:
        console.type("stty size\n")
        console.until("24 80")
        console.type("\x03")
        console.type("echo still here\n")
        console.until("still here\r\n")
        console.type("exit\n")
        console.ends()


def test_the_terminal_is_sane_when_the_pod_is_deleted_under_a_full_screen_program(
    x: X, delete: Callable[[], None]
) -> None:
    with x.at_terminal("shell") as console:
        console.type("stty size\n")
        console.until("24 80")
        # What a program such as vim would have switched on.
        console.type("printf '\\033[?1049h\\033[?1000h\\033[?25l'; echo on\n")
        console.until("on\r\n")
        delete()
        assert console.ends() != 0
        assert "pod shell" in console.text
        assert console.attributes == console.before


def test_the_terminal_is_sane_after_sigterm(x: X) -> None:
    with x.at_terminal("shell") as console:
        console.type("stty size\n")
        console.until("24 80")
        console.signal(signal.SIGTERM)
        assert console.ends() == 143
        assert console.attributes == console.before


def test_a_script_gets_its_streams_apart_and_the_exit_code(x: X) -> None:
    done = x("shell", "--", "sh", "-c", "echo out; echo err >&2; exit 3")
    assert (done.returncode, done.stdout) == (3, b"out\n")
    assert done.stderr == b"err\n"


def test_standard_input_is_passed_on_to_its_end_byte_for_byte(x: X) -> None:
    data = bytes(range(256)) * 2000
    done = x("shell", "--", "cat", input=data)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == data


def test_a_program_that_is_not_there(x: X) -> None:
    done = x("shell", "--", "nosuchprogram")
    assert done.returncode == 127
    assert done.stderr == b"lain-tui: shell has no program nosuchprogram\n"


def test_a_pod_that_is_not_there(x: X) -> None:
    done = x("nope", "--", "true")
    assert done.returncode == 1
    assert b"has no proc or pod nope. It has shell." in done.stderr


def test_read_only_runs_nothing(x: X) -> None:
    done = x("--read-only", "shell", "--", "touch", "/tmp/made")
    assert done.returncode == 4
    assert done.stderr.startswith(
        b"lain-tui: read-only: x is off, for a program in a pod can change anything."
    )
    assert x("shell", "--", "ls", "/tmp/made").returncode != 0


def test_a_shell_without_a_terminal_is_refused(x: X) -> None:
    done = x("shell")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"lain-tui: a shell needs a terminal. Give a command")


def test_a_debug_container_brings_its_own_shell(x: X, cluster: Cluster) -> None:
    with x.at_terminal("shell", "--debug", "--image", cluster.images["shell"]) as console:
        console.until("adding a debug container")
        console.type("stty size\n")
        console.until("24 80", 60)
        console.type("exit 5\n")
        assert console.ends() == 5
        assert console.attributes == console.before


def test_a_full_screen_program_redraws_at_each_size_and_leaves_the_terminal_as_it_was(x: X) -> None:
    with x.at_terminal("shell", "--", "top", size=(80, 24)) as console:
        console.until("PID")
        # Drawn with the alternate screen or on the normal one (busybox), it fills what it is given.
        console.resize(50, 10)
        console.until("PID")
        console.type("q")
        assert console.ends() == 0
        assert console.attributes == console.before
        assert not console.modes, "no alternate screen, hidden cursor or mouse is left on"


def test_a_full_screen_program_that_is_cut_off_leaves_the_terminal_as_it_was(
    x: X, delete: Callable[[], None]
) -> None:
    with x.at_terminal("shell", "--", "top") as console:
        console.until("PID")
        delete()
        assert console.ends() != 0
        assert console.attributes == console.before
        assert not console.modes


def test_a_real_full_screen_editor_works_and_leaves_nothing(x: X, cluster: Cluster) -> None:
    if cluster.kind != "real":
        pytest.skip("the embedded cluster has no editor")
    with x.at_terminal("shell", "--", "vi", "/tmp/note", size=(60, 16)) as console:
        console.until("/tmp/note")
        console.type("i")
        console.type("héllo 世界\x1b")
        console.until("世界")
        console.resize(100, 30)
        console.type(":wq\r")
        assert console.ends() == 0
        assert console.attributes == console.before
    assert x("shell", "--", "cat", "/tmp/note").stdout.decode() == "héllo 世界\n"
