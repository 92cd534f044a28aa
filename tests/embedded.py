"""The embedded cluster for tests: a process of its own, started and stopped by whoever needs it."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

TEST_PROGRAMS = ("logs", "crash", "shell", "done", "slow", "web", "oom", "busy", "pause")
"""What lain_tui/demo/programs.py runs for images of the registry lain.test."""
START_LIMIT = 90.0
"""Seconds in which it must be ready; thousands of pods take most of them."""


class EmbeddedCluster:
    """`python -m lain_tui.demo` on a free port, gone when the `with` block ends (or this process).

    ``seed`` is demo, empty or load:PODS; ``speed`` is cluster seconds per real second.
    """

    def __init__(
        self, seed: str = "demo", *, speed: float = 1.0, token: str = "", port: int = 0, source: bool = False
    ) -> None:
        self._arguments = ["--seed", seed, "--speed", str(speed), "--port", str(port)]
        if token:
            self._arguments += ["--token", token]
        if source:
            self._arguments.append("--source")
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.url = ""
        self.control = ""
        """Where faults are ordered: a second port that is never down."""
        self.kubeconfig = Path()
        self.repository = Path()
        """Its app's, when it was asked for with `source`."""
        self.values = Path()
        """lain's cluster values of it: the port its ingresses answer on, and so on."""

    def start(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="lain-tui-embedded-")
        self.kubeconfig = Path(self._folder.name) / "kubeconfig-demo"
        command = [sys.executable, "-m", "lain_tui.demo", "--kubeconfig", str(self.kubeconfig)]
        command += ["--until-stdin-closes", "--control-port", "0", *self._arguments]
        errors = Path(self._folder.name) / "errors"  # a file, for nobody reads a pipe that fills up
        with errors.open("wb") as sink:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sink
            )
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], START_LIMIT)
        line = self._process.stdout.readline() if ready else b""
        if not line:
            self._process.kill()
            self._process.communicate()
            told = errors.read_text()[-2000:]
            self.stop()
            raise RuntimeError(f"the embedded cluster did not start: {told}")
        hello = json.loads(line)
        self.url, self.control, self.values = hello["url"], hello["control"], Path(hello["values"])
        self.repository = Path(hello.get("source", ""))
        return self

    def stop(self) -> None:
        """Stop it, and remove its files. Harmless when it has stopped already."""
        if self._process is not None:
            if self._process.stdin is not None:
                self._process.stdin.close()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(5)
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    kind = "embedded"
    images = {name: f"lain.test/{name}:1" for name in (*TEST_PROGRAMS, "missing")}

    def compact(self) -> None:
        """Forget the versions before now."""
        self.fault(action="compact")

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def fault(self, **order: Any) -> None:
        """Order one fault, as lain_tui/demo/faults.py describes them: ``fault(action="status", code=403, resource="pods")``."""
        self._control("POST", order)

    def churn(self, per_second: float) -> None:
        """Let pods of a ``load`` seed change that often from now on; 0 ends it."""
        self.fault(action="churn", perSecond=per_second)

    def come_up(self) -> None:
        """Listen again, and be back when it does."""
        self.fault(action="up")
        place = urllib.parse.urlsplit(self.url)
        deadline = time.monotonic() + 20.0
        while True:
            with contextlib.suppress(ConnectionRefusedError):
                socket.create_connection((place.hostname, place.port or 0)).close()
                return
            assert time.monotonic() < deadline, "it does not come up again"
            time.sleep(0.01)

    def clear_faults(self) -> None:
        self._control("DELETE")

    def _control(self, method: str, body: Any = None) -> None:
        data = json.dumps(body).encode() if body is not None else None
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(
            f"{self.control}/demo/faults", data=data, method=method, headers=headers
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            response.read()

    def request(self, method: str, path: str, body: Any = None, media: str = "application/json") -> Any:
        """Ask the API directly; give the JSON of the answer. HTTPError when it refuses."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(
            self.url + path, data=data, method=method, headers={"Content-Type": media}
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.loads(response.read())

    def get(self, path: str) -> Any:
        return self.request("GET", path)

    def wait_for(self, path: str, condition: Any, seconds: float = 20.0) -> Any:
        """Ask a path again and again until ``condition`` holds for the answer; give it. TimeoutError with the last answer."""
        deadline = time.monotonic() + seconds
        answer: Any = None
        while time.monotonic() < deadline:
            answer = self.get(path)
            if condition(answer):
                return answer
            time.sleep(0.05)
        raise TimeoutError(f"{path} never became as wanted: {json.dumps(answer)[:1500]}")
