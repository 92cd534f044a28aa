"""The process that helm's library runs in, from our side."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from lain_tui.core.helm.worker import SPOKEN

_WORKER = Path(__file__).with_name("worker.py")


class Answer(NamedTuple):
    """What came of one request."""

    result: Any
    error: str
    """Helm's own words; empty when it succeeded."""
    said: str
    """What it wrote to the terminal meanwhile."""


class Ended(Exception):
    """The process is gone without an answer."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(code)
        self.code = code
        """As `subprocess` has it: negative for the signal that ended it."""
        self.said = said


class Library:
    """One process, begun at once; one request at a time. Blocks: it is for threads."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            # Not from the folder that one works in: a module of the app's must not stand in for one of Python's.
            [sys.executable, "-P", _WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,  # neither ctrl+c nor a lost terminal is for it
        )
        self._said: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._turn = threading.Lock()
        threading.Thread(target=_listen, args=(self._process, self._said), daemon=True).start()
        self._end = weakref.finalize(self, _end, self._process)

    def ask(self, call: str, *, limit: float | None = None, **request: Any) -> Answer:
        """Raises Ended when the process ends before it answers, which after `limit` seconds it is made to."""
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        with self._turn:
            if (code := process.poll()) is not None:
                raise Ended(code, "")
            watch = threading.Timer(limit, process.kill) if limit is not None else None
            if watch is not None:
                watch.daemon = True
                watch.start()
            try:
                process.stdin.write(msgspec.json.encode({"call": call, **request}) + b"\n")
                process.stdin.flush()
                answer = process.stdout.readline()
            except BrokenPipeError:
                answer = b""
            finally:
                if watch is not None:
                    watch.cancel()
            said = self._said.get()
        if not answer.endswith(b"\n"):
            raise Ended(process.wait(), said)
        told: dict[str, Any] = msgspec.json.decode(answer)
        return Answer(told.get("result"), told.get("error", ""), said)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        """Let it end, and wait until it has."""
        self._end()


def _listen(process: subprocess.Popen[bytes], said: queue.SimpleQueue[str]) -> None:
    """What it says, request by request; at its end what it said last."""
    assert process.stderr is not None
    heard = bytearray()
    with process.stderr as lines:
        for line in lines:
            heard += line
            if heard.endswith(SPOKEN):
                said.put(heard[: -len(SPOKEN)].decode(errors="replace"))
                heard.clear()
    said.put(heard.decode(errors="replace"))


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None and process.stdout is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()
    process.wait()
    process.stdout.close()


def kubeconfig(files: tuple[Path, ...]) -> dict[str, str]:
    """Our environment, with these files for helm."""
    return {**os.environ, "KUBECONFIG": os.pathsep.join(map(str, files))}
