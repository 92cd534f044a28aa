"""`lain-tui logs`, as a pipe sees it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from lain_tui.cli.log_lines import harmless
from tests.embedded import EmbeddedCluster


@pytest.fixture(scope="module")
def demo() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster("demo") as cluster:
        yield cluster


def command(cluster: EmbeddedCluster, *words: str) -> list[str]:
    where = ["--kubeconfig", str(cluster.kubeconfig), "--app", "dummy"]
    return [sys.executable, "-m", "lain_tui", *where, "logs", *words]


def logs(cluster: EmbeddedCluster, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(cluster, *words), capture_output=True, text=True, timeout=60, check=False)


def test_every_pod_of_the_app_in_one_order(demo: EmbeddedCluster) -> None:
    done = logs(demo, "--tail", "5")
    assert done.returncode == 0, done.stderr
    lines = [line.split(" ", 3) for line in done.stdout.splitlines()]
    assert {line[2] for line in lines} >= {"web", "worker"}
    assert len({line[1] for line in lines if line[2] == "web"}) == 3
    assert [line[0] for line in lines] == sorted(line[0] for line in lines)


def test_a_proc_and_its_previous_run_as_json(demo: EmbeddedCluster) -> None:
    done = logs(demo, "worker", "--previous", "-o", "json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["proc"] for line in lines} == {"worker"}
    assert any(line["text"] == "KeyError: 'MYSQL_HOST'" for line in lines)


def test_where_there_was_no_run_before_it_says_so_and_ends(demo: EmbeddedCluster) -> None:
    done = logs(demo, "daily", "--previous")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "No container of these has run before.\n"


def test_what_is_not_there_is_named_and_the_rest_printed(demo: EmbeddedCluster) -> None:
    done = logs(demo, "worker", "wroker")
    assert (done.returncode, done.stderr) == (1, "No proc or pod of dummy is called wroker.\n")
    assert "worker: starting" in done.stdout
    done = logs(demo, "--app", "nobody")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "No pod of nobody is in namespace default.\n"


def test_grep_and_level_narrow_the_lines(demo: EmbeddedCluster) -> None:
    done = logs(demo, "worker", "--grep", "mysql_host", "--level", "error", "-o", "raw")
    assert done.stdout.splitlines()
    assert all("MYSQL_HOST" in line for line in done.stdout.splitlines())


def test_following_shows_lines_as_they_come_and_ends_with_its_reader(demo: EmbeddedCluster) -> None:
    """As in `lain-tui logs -f | head -n 3`: a closed pipe is no error to speak of."""
    process = subprocess.Popen(
        command(demo, "web", "-f", "--tail", "1"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stderr is not None
    for _ in range(3):
        assert "web" in process.stdout.readline()
    process.stdout.close()
    assert process.wait(20) in {0, 128 + signal.SIGPIPE}
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()


def test_an_interrupt_ends_it_at_once(demo: EmbeddedCluster) -> None:
    process = subprocess.Popen(
        command(demo, "-f"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    os.kill(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in errors


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["nosuch"], 1, "No proc or pod of dummy is called nosuch"),
        (["--since", "3x"], 2, "not a time"),
        (["--grep", "("], 2, "not a regular expression"),
    ],
)
def test_bad_input_gets_one_sentence(demo: EmbeddedCluster, words: list[str], code: int, told: str) -> None:
    done = logs(demo, *words)
    assert done.returncode == code
    assert told in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("\x1b[2J\x1b[31mx", "␛[2J\x1b[31mx"),
        ("\x9b31m\r", "\ufffd31m "),
        ("用户 🎉", "用户 🎉"),
    ],
)
def test_to_a_terminal_goes_nothing_but_text_and_colour(text: str, shown: str) -> None:
    assert harmless(text) == shown
