"""Asking a real cluster through kubectl, and waiting for what it takes its time for."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests import tools
from tests.cluster.real import RealCluster


def asked(kubeconfig: Path, *words: str, input: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [str(tools.kubectl()), f"--kubeconfig={kubeconfig}", *words]
    return subprocess.run(command, input=input, capture_output=True, text=True, timeout=240, check=False)


def kubectl(cluster: RealCluster, *words: str, input: str | None = None, fails: bool = False) -> str:
    done = asked(cluster.kubeconfig, *words, input=input)
    assert (done.returncode != 0) == fails, done.stderr
    return done.stdout + done.stderr


def tried(cluster: RealCluster, *words: str) -> str:
    """What kubectl printed, if it did well."""
    return asked(cluster.kubeconfig, *words).stdout


def eventually(happens: Callable[[], Any], seconds: float = 180) -> Any:
    """What the condition comes to once it is true."""
    deadline = time.monotonic() + seconds
    while not (value := happens()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.2)
    return value
