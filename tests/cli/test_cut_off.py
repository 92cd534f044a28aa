"""A command that was killed in the middle of a change: the next one says so."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.outcome import outcome
from tests.embedded import EmbeddedCluster

ENDLESS_HELM = """#!/bin/sh
[ "$1" = version ] && { echo v3.20.0; exit; }
echo $$ > "$HOME/helm"
exec sleep 600 < /dev/null
"""


def test_a_terminal_that_went_away_is_no_bug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def speak() -> int:
        raise OSError(errno.EIO, "Input/output error")

    assert outcome(speak) == ExitCode.TERMINATED
    assert not list(tmp_path.iterdir()), "no report is left"


def test_the_next_command_tells_of_a_deploy_that_was_killed(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    helm = tmp_path / "bin" / "helm"
    helm.write_text(ENDLESS_HELM)
    helm.chmod(0o755)
    with EmbeddedCluster(source=True) as demo:
        env = {
            "HOME": str(tmp_path),
            "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
            "LANG": "C.UTF-8",
            "LAIN_CLUSTER_VALUES_DIR": str(demo.values.parent),
        }
        lain = [sys.executable, "-m", "lain_tui", "--kubeconfig", str(demo.kubeconfig)]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        deploy = subprocess.Popen([*lain, "deploy", "--yes"], cwd=demo.repository, env=env, **quiet)  # type: ignore[call-overload]
        deadline = time.monotonic() + 60
        while not (tmp_path / "helm").exists() or not (tmp_path / "helm").read_text().strip():
            assert time.monotonic() < deadline and deploy.poll() is None
            time.sleep(0.05)
        deploy.kill()
        deploy.wait(60)
        os.kill(int((tmp_path / "helm").read_text()), 9)
        told = [
            subprocess.run(
                [*lain, "restart", "web", "--dry-run"],
                cwd=demo.repository,
                env=env,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=True,
            ).stderr
            for _ in range(2)
        ]
    assert "was cut off: lain-tui was ended from outside. Under way: helm upgrade." in told[0]
    assert "cut off" not in told[1]
