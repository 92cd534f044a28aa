"""A real Prometheus with a history: Debian's package, fed with generated series through promtool."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.cluster.binary import Unavailable, mortal
from tests.tools import cache

Series = Iterable[tuple[float, float]]
START_LIMIT = 60.0


def binaries() -> tuple[Path, Path]:
    """prometheus and promtool: those on PATH, else Debian's unpacked into the cache. Raises Unavailable."""
    on_path = [shutil.which(name) for name in ("prometheus", "promtool")]
    if all(on_path):
        return Path(str(on_path[0])), Path(str(on_path[1]))
    folder = cache() / "prometheus"
    if not (folder / "usr/bin/promtool").exists():
        if shutil.which("apt-get") is None:
            raise Unavailable("there is no prometheus on PATH, and no apt-get to fetch Debian's")
        from tests.cluster.debian import unpack

        folder.mkdir(parents=True, exist_ok=True)
        unpack(["prometheus"], folder)
    return folder / "usr/bin/prometheus", folder / "usr/bin/promtool"


class RealPrometheus:
    """Runs within the `with` block; `history` maps series (`name{labels}`) to (time, value) pairs."""

    def __init__(self, folder: Path, history: Mapping[str, Series]) -> None:
        self._folder = folder
        self._history = history
        self.url = ""

    def __enter__(self) -> Self:
        server, tool = binaries()
        data = self._folder / "data"
        self._import(tool, data)
        config = self._folder / "prometheus.yml"
        config.write_text("global: {}\n")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._log = (self._folder / "log").open("wb")
        self._process = subprocess.Popen(
            mortal([server, f"--config.file={config}", f"--storage.tsdb.path={data}",
                    f"--web.listen-address=127.0.0.1:{port}", "--storage.tsdb.retention.time=365d"]),
            stdout=self._log, stderr=self._log,
        )  # fmt: skip
        self._wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _import(self, tool: Path, data: Path) -> None:
        lines = []
        for series, points in self._history.items():
            lines += [f"{series} {value} {at:.3f}" for at, value in points]
        text = self._folder / "history.txt"
        text.write_text("\n".join([*lines, "# EOF\n"]))
        subprocess.run(
            [tool, "tsdb", "create-blocks-from", "openmetrics", text, data], check=True, capture_output=True
        )

    def _wait(self) -> None:
        deadline = time.monotonic() + START_LIMIT
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/-/ready", timeout=5):
                    return
            except OSError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    self.__exit__(None, None, None)
                    raise Unavailable(
                        f"prometheus did not start: {(self._folder / 'log').read_text()[-500:]}"
                    ) from None
                time.sleep(0.1)
