"""The tab key itself, in the shells there are."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console import Console
from tests.embedded import EmbeddedCluster

SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(lain-tui completion bash)"'),
    "zsh": (["zsh", "-f", "-i"], 'autoload -U compinit; compinit -u; eval "$(lain-tui completion zsh)"'),
    "fish": (["fish", "--no-config", "-i"], "lain-tui completion fish | source"),
}
_ERASE = "\x15"
"""ctrl-U: the line typed so far goes."""


@pytest.fixture(scope="module")
def demo() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster(source=True) as cluster:
        yield cluster


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, demo: EmbeddedCluster, tmp_path: Path) -> Iterator[Console]:
    """A shell in the app's repository, with the completion loaded."""
    argv, load = SHELLS[request.param]
    if shutil.which(argv[0]) is None:
        pytest.skip(f"there is no {argv[0]}")
    program = tmp_path / "bin" / "lain-tui"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m lain_tui "$@"\n')
    program.chmod(0o755)
    env = {
        "PATH": f"{program.parent}:{os.environ['PATH']}", "HOME": str(tmp_path), "LANG": "C.UTF-8", "TERM": "xterm",
        "KUBECONFIG": str(demo.kubeconfig), "LAIN_CLUSTER_VALUES_DIR": str(demo.values.parent),
    }  # fmt: skip
    with Console(argv, env, (160, 40)) as console:
        console.type(f'cd {demo.repository}; {load}; echo lo""aded\n')
        console.until("loaded")
        yield console


def press_tab(shell: Console, line: str, *, until: str) -> None:
    """Press tab behind a line, again while the cluster has not answered in time."""
    for _ in range(10):
        shell.type(f"{line}\t")
        try:
            shell.until(until, 10)
        except AssertionError:
            shell.type(_ERASE)
        else:
            return
    pytest.fail(f"{line} was never completed to {until}: {shell.text[-500:]}")


def test_a_name_of_the_cluster_is_completed(shell: Console) -> None:
    press_tab(shell, "lain-tui logs wor", until="worker")


def test_a_tag_is_completed_behind_set(shell: Console) -> None:
    press_tab(shell, "lain-tui deploy --set imageTag=la", until="test")
