"""How the program behaves as a program: help, exit codes, pipes, signals, errors."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from lain_tui.cli.root import COMMANDS, SECTIONS, run
from lain_tui.core.config.settings import Settings
from lain_tui.core.target import Target
from tests.cli.conftest import Program
from tests.embedded import EmbeddedCluster

HELPS = [[], *([name] for name in COMMANDS), ["demo", "serve"]]


class NoScreens:
    """Stands where the full-screen app would, and tells what it was asked for."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.asked: list[Target] = []

    def run_app(self, target: Target, settings: Settings) -> int:
        self.asked.append(target)
        if self.fault is not None:
            raise self.fault
        return 0

    def snapshot(self, target: Target, settings: Settings, path: Path, size: tuple[int, int]) -> None:
        self.asked.append(target)
        path.write_text(f"{target.app} {size}")


@pytest.mark.parametrize("command", HELPS, ids=" ".join)
def test_help_fits_a_screen_has_an_example_and_loads_no_engine(program: Program, command: list[str]) -> None:
    script = (
        "import sys; from lain_tui.__main__ import main; code = main(sys.argv[1:])\n"
        "engine = {'textual', 'rich', 'kubernetes', 'aiohttp', 'yaml', 'ruamel', 'asyncio', 'msgspec'}\n"
        "heavy = engine & set(sys.modules)\n"
        "sys.exit(str(sorted(heavy)) if heavy else code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *command, "--help"],
        env=program.env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) <= 24
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    if command != ["demo"]:
        assert re.search(r"Example: .*lain-tui ", done.stdout)


def test_version(program: Program) -> None:
    assert re.fullmatch(r"lain-tui \d+\.\d+\.\d+\n", program("--version").stdout)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["statu"],
            "There is no command 'statu'. Did you mean 'status'? Known commands: ",
        ),
        (["values", "--nope"], "No such option '--nope'."),
        (["values", "--cluster", "a", "--kubeconfig", "b"], "--cluster names a kubeconfig itself"),
        (["--cluster", "a", "--context", "b", "values"], "--cluster names a kubeconfig itself"),
        (["--demo", "--cluster", "a"], "--demo brings its own cluster"),
        (["status", "--snapshot", "frame.png"], "--snapshot writes .svg and .txt files."),
        (["status", "--size", "wide"], "like 120x40"),
        (["use", "--set-context"], "--set-context goes with the name of a cluster."),
    ],
)
def test_a_wrong_command_line_is_2(program: Program, arguments: list[str], message: str) -> None:
    done = program(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--kubeconfig", "KUBECONFIG", "-n", "nobody", "--quiet", "apps"],
        ["apps", "--kubeconfig", "KUBECONFIG", "-n", "nobody", "--quiet"],
        ["-s", "--kubeconfig", "KUBECONFIG", "apps", "-n", "nobody"],
    ],
    ids=["before", "after", "both"],
)
def test_the_common_options_stand_before_the_commands_name_or_after_it(
    program: Program, demo: Path, arguments: list[str]
) -> None:
    done = program(*(str(demo) if word == "KUBECONFIG" else word for word in arguments))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_values_files_before_and_after_add_up(program: Program, tmp_path: Path) -> None:
    (program.chart / "values.yaml").write_text("appname: dummy\n")
    for name in "ab":
        (tmp_path / f"{name}.yaml").write_text(f"{name}: 1\n")
    done = program("-f", str(tmp_path / "a.yaml"), "values", "--values", str(tmp_path / "b.yaml"))
    assert sorted(done.stdout.splitlines()) == ["a: 1", "appname: dummy", "b: 1"]


def test_help_tells_of_everything_in_one_line_each(program: Program) -> None:
    told = program("help").stdout
    assert all(re.search(rf"^  {name}  ", told, re.MULTILINE) for name in COMMANDS)
    assert {name for names in SECTIONS.values() for name in names} == set(COMMANDS)
    assert program("help", "demo", "serve").stdout == program("demo", "serve", "--help").stdout
    assert program("help", "nope").returncode == 2


def test_an_error_is_one_sentence_and_1(program: Program) -> None:
    program.kubeconfig("config")
    done = program("apps")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "lain-tui: 127.0.0.1:9 refuses the connection. Is the API server running?\n"


def test_what_a_file_says_never_steers_the_terminal(program: Program) -> None:
    (program.chart / "values.yaml").write_text('a: 1\n"\\e[31mred": 1\n"\\e[31mred": 2\n')
    done = program("values")
    assert done.returncode == 1
    assert "\x1b" not in done.stderr and "␛[31mred" in done.stderr


def test_the_app_needs_a_terminal(program: Program) -> None:
    program.kubeconfig("config")
    for arguments in ([], ["--read-only"]):
        done = program(*arguments)
        assert done.returncode == 2
        assert (
            done.stderr
            == "lain-tui: the full-screen app needs a terminal. Without one: lain-tui status --once\n"
        )


def test_options_reach_the_app(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(program.repository)
    monkeypatch.setenv("HOME", str(program.home))
    screens = NoScreens()
    path = program.kubeconfig("other")
    assert run(["--app", "x", "--kubeconfig", str(path), "-n", "team", "--read-only"], screens) == 0
    (target,) = screens.asked
    assert (target.app, target.cluster, target.namespace, target.read_only) == ("x", "here", "team", True)


def test_a_snapshot_is_drawn_by_the_screens(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(program.repository)
    path = program.kubeconfig("other")
    frame = program.home / "frame.txt"
    arguments = [
        "--app",
        "x",
        "--kubeconfig",
        str(path),
        "status",
        "--snapshot",
        str(frame),
        "--size",
        "80x24",
    ]
    assert run(arguments, NoScreens()) == 0
    assert frame.read_text() == "x (80, 24)"


def test_a_bug_is_told_with_a_report_that_holds_nothing_of_the_users(
    program: Program, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(program.home))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    path = program.kubeconfig("other")
    screens = NoScreens(ValueError("hunter2"))
    assert run(["--app", "x", "--kubeconfig", str(path)], screens) == 1
    told = capsys.readouterr().err
    match = re.fullmatch(
        r"lain-tui: this is a bug of lain-tui's \(ValueError\)\. A report .* is in (\S+)\.\n", told
    )
    assert match, told
    report = Path(match[1])
    assert report.stat().st_mode & 0o777 == 0o600
    assert "in run_app" in report.read_text() and "ValueError" in report.read_text()
    assert "hunter2" not in report.read_text() + told


def test_a_reader_that_goes_away_is_no_error(program: Program) -> None:
    rows = "".join(f"key{number}: {'x' * 50}\n" for number in range(5000))
    (program.chart / "values.yaml").write_text(rows)
    reader, writer = os.pipe()
    process = subprocess.Popen(
        program.argv("values"),
        cwd=program.repository,
        env=program.env,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writer)
    os.read(reader, 10)
    os.close(reader)
    _, told = process.communicate(timeout=30)
    assert (process.returncode, told) == (141, "")


def children_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return list(psutil.Process(process.pid).children(recursive=True))


def gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=60)
    return not alive


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 143)]
)
def test_the_demo_cluster_ends_with_us(program: Program, number: signal.Signals, code: int) -> None:
    serving = program.start("demo", "serve", "--kubeconfig", str(program.home / "kubeconfig-demo"))
    assert serving.stdout is not None and serving.stdout.readline()
    children = children_of(serving)
    assert children
    serving.send_signal(number)
    serving.communicate(timeout=60)
    assert serving.returncode == code
    assert gone(children)


def test_the_demo_cluster_ends_with_us_even_when_we_are_killed(program: Program) -> None:
    serving = program.start("demo", "serve")
    assert serving.stdout is not None
    kubeconfig = Path(serving.stdout.readline().strip().removeprefix("export KUBECONFIG="))
    assert kubeconfig.is_file()
    children = children_of(serving)
    serving.kill()
    serving.communicate(timeout=60)
    assert children and gone(children)
    assert not kubeconfig.parent.exists(), "its files go with it"


def test_a_demo_cluster_that_cannot_start_says_why(program: Program, demo: Path) -> None:
    port = re.search(r"127\.0\.0\.1:(\d+)", demo.read_text())
    assert port
    done = program("demo", "serve", "--port", port[1])
    assert done.returncode == 1
    assert done.stderr.startswith("lain-tui: the demo cluster did not start: ")
    assert "Traceback" not in done.stderr


def test_interrupted_is_130(program: Program) -> None:
    """A cluster that takes the connection and never answers is asked until ctrl+c."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        program.kubeconfig("config", f"http://127.0.0.1:{silent.getsockname()[1]}")
        asking = program.start("apps")
        silent.settimeout(30)
        connection, _ = silent.accept()
        asking.send_signal(signal.SIGINT)
        out, told = asking.communicate(timeout=60)
        connection.close()
    assert (asking.returncode, out, told) == (130, "", "lain-tui: interrupted\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["init", "--appname", "hello"],
        ["-s", "--use", "test", "values"],
        ["compose", "-f"],
        ["set-canary", "--help"],
        ["--remote-docker", "-a", "--ignore-lint", "deploy", "--wait", "--build", "--help"],
        ["logs", "--stern", "--help"],
    ],
    ids=" ".join,
)
def test_a_script_written_for_lain_runs(program: Program, arguments: list[str]) -> None:
    program.kubeconfig("kubeconfig-test")
    if arguments[0] != "init":
        (program.chart / "values.yaml").write_text("appname: dummy\n")
    else:
        program.chart.rmdir()
    done = program(*arguments)
    complaints = [line for line in done.stderr.splitlines() if not line.startswith("Next: ")]
    assert (done.returncode, complaints) == (0, [])
    if arguments[0] == "init":
        assert "appname: hello" in (program.chart / "values.yaml").read_text()


@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_a_change_that_is_stopped_tells_what_was_done(
    program: Program, number: signal.Signals, code: int, word: str
) -> None:
    """Three pods are replaced one by one; after the first is being replaced, somebody stops it."""
    with EmbeddedCluster() as cluster:
        changing = program.start(
            "--kubeconfig", str(cluster.kubeconfig), "--app", "dummy", "restart", "--graceful", "web", "--yes"
        )
        assert changing.stderr is not None
        told = ""
        for line in iter(changing.stderr.readline, ""):
            if line.startswith("… ") and "… " not in told:
                changing.send_signal(number)
            told += line
        changing.wait(20)
    assert changing.returncode == code
    assert re.search(r"^(Under way|Done before)", told, re.MULTILINE), told
    assert told.endswith(f"lain-tui: {word}\n")
