"""Pressing tab: what the shells' scripts ask, and what they are told."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lain_tui.cli.root import COMMANDS
from tests.cli.conftest import Program
from tests.embedded import EmbeddedCluster


def offered(program: Program, words: str, **env: str) -> list[str]:
    """What bash is offered after these words; a blank at the end begins a new one."""
    done = program(
        COMP_WORDS=f"lain-tui {words}", COMP_CWORD=str(len(f"lain-tui {words}.".split()) - 1),
        _LAIN_TUI_COMPLETE="bash_complete", **env,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


def pressed_again(program: Program, words: str) -> list[str]:
    """What is offered by the time the cluster has answered: a busy machine may take longer than a press of tab."""
    end = time.monotonic() + 20
    while not (names := offered(program, words)) and time.monotonic() < end:
        pass
    return names


def test_commands_and_options(program: Program) -> None:
    assert offered(program, "wa") == [name for name in COMMANDS if name.startswith("wa")]
    assert offered(program, "help se") == [name for name in COMMANDS if name.startswith("se")]
    assert "--namespace" in offered(program, "apps --na"), "a common option stands behind a command, too"
    assert offered(program, "config s") == ["show"]


def test_live_names(program: Program, demo: Path) -> None:
    before = f"--kubeconfig {demo} --app dummy"
    assert pressed_again(program, f"--kubeconfig {demo} --app d") == ["dummy"]
    assert {"web", "worker", "daily"} < set(pressed_again(program, f"{before} logs "))
    assert all(name.startswith("dummy-web-") for name in pressed_again(program, f"{before} logs dummy-web-"))
    for command in ("rollback ", "diff 4 ", "get-values --revision "):
        assert pressed_again(program, f"{before} {command}") == ["5", "4", "3", "2", "1"]
    assert "kube-system" in pressed_again(program, f"--kubeconfig {demo} -n kube-")


def test_zsh_and_fish_are_told_a_word_about_each(program: Program, demo: Path) -> None:
    pressed_again(program, f"--kubeconfig {demo} --app dummy logs w")
    words = f"lain-tui --kubeconfig {demo} --app dummy logs w"
    zsh = program(COMP_WORDS=words, COMP_CWORD="6", _LAIN_TUI_COMPLETE="zsh_complete")
    assert zsh.stdout.split("\n")[:3] == ["plain", "web", "proc"]
    fish = program(COMP_WORDS=words, COMP_CWORD="w", _LAIN_TUI_COMPLETE="fish_complete")
    assert "web" in fish.stdout and "proc" in fish.stdout


def test_names_are_kept_and_a_cluster_that_is_away_offers_old_ones(program: Program) -> None:
    with EmbeddedCluster() as cluster:
        words = f"--kubeconfig {cluster.kubeconfig} --app "
        assert pressed_again(program, words) == ["dummy", "hello"]
        kubeconfig = program.home / "copy"
        kubeconfig.write_text(cluster.kubeconfig.read_text())
        assert pressed_again(program, f"--kubeconfig {kubeconfig} --app ") == ["dummy", "hello"]
    assert offered(program, f"--kubeconfig {kubeconfig} --app ") == ["dummy", "hello"]
    (cache,) = {file.parent for file in (program.home / ".cache").rglob("*.json")}
    assert cache.stat().st_mode & 0o777 == 0o700
    for file in cache.iterdir():
        file.unlink()
    assert offered(program, f"--kubeconfig {kubeconfig} --app ") == []


def test_clusters_are_offered_without_asking_anybody(program: Program) -> None:
    program.kubeconfig("kubeconfig-test")
    program.kubeconfig("kubeconfig-prod")
    assert offered(program, "use ") == ["prod", "test"]
    assert offered(program, "apps --cluster t") == ["test"]


@pytest.mark.parametrize(
    "words", ["nope ", "--kubeconfig /nowhere --app ", "logs --level x ", "apps --cluster a --context b -n "]
)
def test_what_cannot_be_told_is_not_an_error(program: Program, words: str) -> None:
    offered(program, words)


def test_bash_completes_with_the_script(program: Program) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash")
    script = program("completion", "bash").stdout
    words = 'COMP_WORDS=(lain-tui demo s); COMP_CWORD=2; _lain_tui_completion "$LAIN"; echo "${COMPREPLY[@]}"'
    folder = program.home / "bin"
    folder.mkdir()
    lain = folder / "lain-tui"
    lain.write_text(f'#!/bin/sh\nexec {sys.executable} -m lain_tui "$@"\n')
    lain.chmod(0o755)
    done = subprocess.run(
        [bash, "-c", f"{script}\n{words}"], env={**program.env, "LAIN": str(lain)}, cwd=program.repository,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "serve\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_there_is_a_script_for_each_shell(program: Program, shell: str) -> None:
    assert "_LAIN_TUI_COMPLETE" in program("completion", shell).stdout
