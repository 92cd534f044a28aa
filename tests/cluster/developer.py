"""Somebody who works on an app, for the tests: a home, a repository, and lain-tui at a shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests import tools
from tests.cluster.real import RealCluster


class Developer:
    """Somebody at a shell in the app's repository, with a cluster called `real` and a namespace there.

    A context manager: the namespace goes with it.
    """

    app = "hello"

    def __init__(
        self, folder: Path, cluster: RealCluster, *, registry: str, env: Mapping[str, str] | None = None
    ) -> None:
        """`registry` is where images are; `env` is set besides, or in place of, what lain-tui needs."""
        self.repository = folder / self.app
        self.home = folder / "home"
        self.namespace = f"workflow-{folder.name[-20:].strip('-_')}".replace("_", "-")
        (self.home / ".kube").mkdir(parents=True)
        shutil.copy(cluster.kubeconfig, self.home / ".kube/kubeconfig-real")
        (self.home / "values-real.yaml").write_text(
            f"registry: {registry}\nnamespace: {self.namespace}\ndomain: example.test\n"
        )
        self.repository.mkdir()
        self.env = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "USER": "dev",
            "LANG": "C.UTF-8",
            "LAIN_CLUSTER_VALUES_DIR": str(self.home),
            "NO_PROXY": "*",
            **(env or {}),
        }

    def __enter__(self) -> Self:
        self.kubectl("create", "namespace", self.namespace)
        return self

    def __exit__(self, *_: object) -> None:
        self.kubectl("delete", "namespace", self.namespace, "--wait=false")

    def runs(self, *argv: str, input: str | None = None) -> str:
        """Run a program to a good end; returns what it printed."""
        done = self.tries(*argv, input=input)
        assert done.returncode == 0, (
            f"{' '.join(argv)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        )
        return done.stdout

    def tries(self, *argv: str, input: str | None = None) -> subprocess.CompletedProcess[str]:
        stdin = {"stdin": subprocess.DEVNULL} if input is None else {"input": input}
        return subprocess.run(
            argv,
            cwd=self.repository,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
            **stdin,  # type: ignore[call-overload]
        )

    def lain(self, *words: str, input: str | None = None) -> str:
        """`lain-tui WORDS…`, to a good end."""
        return self.runs(*self.lain_tui, *words, input=input)

    def fails(self, *words: str) -> str:
        """`lain-tui WORDS…`, to a bad end; returns what it complained of."""
        done = self.tries(*self.lain_tui, *words)
        assert done.returncode != 0, f"{' '.join(words)} succeeded:\n{done.stdout}"
        return done.stderr + done.stdout

    def starts(self, *words: str) -> subprocess.Popen[str]:
        """`lain-tui WORDS…`, left running; a context manager. What it says of its doings comes on standard error."""
        return subprocess.Popen(
            [*self.lain_tui, *words],
            cwd=self.repository,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def lain_tui(self) -> list[str]:
        return [sys.executable, "-m", "lain_tui"]

    def kubectl(self, *words: str) -> str:
        kubeconfig = self.home / ".kube/kubeconfig-real"
        return self.runs(str(tools.kubectl()), f"--kubeconfig={kubeconfig}", "-n", self.namespace, *words)

    def writes(self, name: str, text: str) -> None:
        (self.repository / name).write_text(text)

    def commits(self, subject: str) -> str:
        """Commit everything; returns the image's tag."""
        identity = ("-c", "user.name=Dev", "-c", "user.email=dev@example.test", "-c", "commit.gpgsign=false")
        self.runs("git", "add", "-A")
        self.runs("git", *identity, "commit", "-q", "-m", subject)
        return self.runs("git", "log", "-1", "--format=%ct-%H").strip()
