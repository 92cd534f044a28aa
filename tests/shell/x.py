"""`lain-tui x` as people and scripts run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.console import Console

Done = subprocess.CompletedProcess[bytes]

LAIN = (sys.executable, "-m", "lain_tui")
IMPATIENT = (
    sys.executable,
    "-c",
    "import sys\n"
    "from lain_tui.core.kube import transport\n"
    "transport.HEARTBEAT = 1.0\n"
    "from lain_tui.__main__ import main\n"
    "sys.exit(main())",
)
"""As LAIN, but a connection that says nothing is given up after seconds."""


class X:
    """`lain-tui x` on a namespace with one pod called `shell`."""

    def __init__(self, kubeconfig: Path, namespace: str, home: Path, program: tuple[str, ...] = LAIN) -> None:
        self._argv = [*program, f"--kubeconfig={kubeconfig}", f"--namespace={namespace}", "x"]
        self._env = {
            "PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "TERM": "xterm-256color",
        }  # fmt: skip

    def at_terminal(self, *words: str, size: tuple[int, int] = (80, 24)) -> Console:
        return Console([*self._argv, *words], self._env, size)

    def started(self, *words: str) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        return subprocess.Popen([*self._argv, *words], env=self._env, stdin=pipe, stdout=pipe, stderr=pipe)

    def __call__(self, *words: str, input: bytes | None = None) -> Done:
        given: dict[str, object] = {"stdin": subprocess.DEVNULL} if input is None else {"input": input}
        return subprocess.run(
            [*self._argv, *words], env=self._env, capture_output=True, timeout=180, check=False, **given  # type: ignore[call-overload]
        )  # fmt: skip
