"""The embedded cluster as a process of its own, which lives as long as we do."""

from __future__ import annotations

import contextlib
import functools
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Self

import msgspec

from lain_tui.core.config.resolve import Options
from lain_tui.core.errors import LainError


class _Hello(msgspec.Struct, frozen=True):
    """What it says when it is ready."""

    url: str
    kubeconfig: str
    values: str
    source: str = ""


START_TIME = 60.0
"""Seconds until a cluster that has not answered counts as failed."""
APP = "dummy"
"""The app that the demo is about."""


class DemoCluster:
    """Starts it; leaving the context ends it, and it removes its kubeconfig.

    It comes up while the caller goes on: the first question of where it is waits for it, and raises LainError when it
    does not come.

    Its standard input is a pipe of ours: however we end, it reads the end of it and ends, too.
    """

    def __init__(self, *, port: int = 0, kubeconfig: Path | None = None) -> None:
        # Without a file of ours it makes one of its own, and takes it away however we end.
        arguments = ["--port", str(port)]
        arguments += ["--source"] if kubeconfig is None else ["--kubeconfig", str(kubeconfig.absolute())]
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in __exit__
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lain_tui.demo", "--until-stdin-closes", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,  # ctrl+c is for us: we end it in our own time
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @functools.cached_property
    def _hello(self) -> _Hello:
        return msgspec.json.decode(self._first_line(), type=_Hello)

    @property
    def url(self) -> str:
        return self._hello.url

    @property
    def kubeconfig(self) -> Path:
        return Path(self._hello.kubeconfig)

    @property
    def values_folder(self) -> Path:
        """Where its cluster values are."""
        return Path(self._hello.values).parent

    @property
    def repository(self) -> Path | None:
        """The app's repository, as long as the cluster is there; None where the cluster is served for others."""
        return Path(self._hello.source) if self._hello.source else None

    def options(self, given: Options) -> Options:
        """The given options, on this cluster; its own app where none is named."""
        return msgspec.structs.replace(given, kubeconfig=self.kubeconfig, app=given.app or APP)

    def wait(self) -> int:
        """Until it ends by itself."""
        return self._process.wait()

    def close(self) -> None:
        """End it, and wait until it has."""
        process = self._process
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._errors.close()

    def _first_line(self) -> bytes:
        """What it prints when it is ready."""
        stdout = self._process.stdout
        assert stdout is not None
        end = time.monotonic() + START_TIME
        line = b""
        while not line.endswith(b"\n"):
            if not select.select([stdout], [], [], max(0.0, end - time.monotonic()))[0]:
                raise LainError(f"the demo cluster does not answer after {START_TIME:.0f} s")
            part = stdout.read1(4096)  # type: ignore[attr-defined]
            if not part:
                self._process.wait()
                raise LainError(f"the demo cluster did not start: {self._last_words()}")
            line += part
        return line

    def _last_words(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1].removeprefix("error: ") if lines else f"exit code {self._process.returncode}"
