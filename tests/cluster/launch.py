"""Starting a cluster's guard, waiting for the cluster, ending it, and clearing up after one that was killed."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests.cluster import binary, debian, images, inotify
from tests.cluster.binary import Unavailable

_START_SECONDS = 900
"""More than all that the supervisor waits for takes together (`patience` in supervisor.go)."""
_STOP_SECONDS = 120
_CGROUPS = Path("/sys/fs/cgroup")


def clusters() -> Path:
    """The folder that every cluster of this user has its own folder in."""
    folder = Path(tempfile.gettempdir()) / f"lain-tui-cluster-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise Unavailable(f"{folder} belongs to someone else")
    return folder


def unavailable(*, node: bool) -> str | None:
    """Why no cluster can run here, in plain words; None when one can."""
    return binary.unavailable() or (debian.unavailable() if node else None)


@dataclass
class Running:
    """A cluster that is up."""

    data: Path
    told: dict[str, Any]
    """What the supervisor says of it: `announcement` in supervisor.go."""
    guard: subprocess.Popen[bytes] | None = None

    def wish(self, line: str) -> None:
        """Ask the supervisor for something, and wait until it is done. Raises RuntimeError when it is not."""
        with socket.socket(socket.AF_UNIX) as door:
            door.settimeout(_START_SECONDS)
            door.connect(str(self.data / "control.sock"))
            door.sendall(line.encode() + b"\n")
            answer = door.makefile().readline().strip()
        if answer != "ok":
            raise RuntimeError(f"{line}: {answer.removeprefix('error: ') or 'the cluster has gone'}")

    def stop(self) -> None:
        """End the cluster, and return when nothing of it is left. Twice does no harm."""
        if self.guard is not None:
            if self.guard.stdin is not None:
                self.guard.stdin.close()
            self.guard.terminate()
            self.guard.wait(_STOP_SECONDS)
        elif _locked(self.data):
            os.kill(self.told["guard_pid"], signal.SIGTERM)
            _await_gone(self.data)
        sweep()


def start(
    data: Path | None = None,
    *,
    node: bool,
    registry: bool,
    kwok_nodes: int,
    detached: bool = False,
    keep: bool = False,
) -> Running:
    """Start a cluster and return when it is ready.

    A detached one stays until it is stopped; any other ends when this process does, however it ends.
    Raises Unavailable when this machine cannot run one, RuntimeError when it does not come up.
    """
    program = binary.build()
    if node or registry:
        debian.install()
    sweep()
    with binary.locked("folders"):
        inotify.raise_limit()
        if data is None:
            data = Path(tempfile.mkdtemp(prefix="", dir=clusters()))
        else:
            _remove_dead(data)
    command = [str(program), "run", "--data", str(data), f"--kwok-nodes={kwok_nodes}"]
    if node:
        command += ["--node", "--images", str(images.archive())]
    command += ["--registry"] * registry + ["--keep"] * keep
    command += ["--lifeline"] + ["--detached"] * detached
    with tempfile.TemporaryFile() as said:
        guard = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,  # it ends when the other end closes, so with this process at the latest
            stdout=said,
            stderr=said,
            cwd="/",
            start_new_session=True,  # a Ctrl-C in the terminal is not for it
        )
        running = Running(data, {}, guard)
        try:
            _await_ready(running, said)
        except BaseException:
            running.stop()
            raise
    if detached:
        assert guard.stdin is not None
        with guard.stdin as lifeline:
            lifeline.write(b"stay")
        running.guard = None
    return running


def find(data: Path) -> Running | None:
    """The cluster that is up in that folder."""
    try:
        told = json.loads((data / "cluster.json").read_text())
    except OSError:
        return None
    return Running(data, told) if _locked(data) else None


def all_running() -> Iterator[Running]:
    """Every cluster of this user that is up."""
    for folder in sorted(clusters().iterdir()):
        if (running := find(folder)) is not None:
            yield running


def sweep() -> None:
    """Remove what is left of clusters whose guard was killed; the kernel has ended their processes."""
    with binary.locked("folders"):
        for folder in clusters().iterdir():
            _remove_dead(folder)
        with contextlib.suppress(OSError):
            clusters().rmdir()  # which only an empty one lets itself
            inotify.put_back()


def _remove_dead(data: Path) -> None:
    """Remove a cluster's folder and cgroups if a guard has lived there and does no more, or never came to."""
    with contextlib.suppress(OSError):
        if (data / "lock").exists():
            if not _locked(data):
                for folder in cgroups(data):
                    _remove_cgroup(folder)
                shutil.rmtree(data, ignore_errors=True)
        elif time.time() - data.stat().st_mtime > _START_SECONDS:
            data.rmdir()


def _await_ready(running: Running, said: IO[bytes]) -> None:
    assert running.guard is not None
    deadline = time.monotonic() + _START_SECONDS
    while True:
        ended = running.guard.poll() is not None
        if (up := find(running.data)) is not None:
            running.told = up.told
            return
        if ended or time.monotonic() > deadline:
            said.seek(0)
            words = said.read().decode(errors="replace").strip()
            raise RuntimeError(f"the cluster did not come up: {words or 'it took too long'}")
        time.sleep(0.05)


def _await_gone(data: Path) -> None:
    deadline = time.monotonic() + _STOP_SECONDS
    while data.exists() and _locked(data):
        if time.monotonic() > deadline:
            raise RuntimeError(f"the cluster in {data} does not end")
        time.sleep(0.05)


def _locked(data: Path) -> bool:
    """Whether a guard is alive there: it holds the lock as long as it lives."""
    try:
        with (data / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def cgroups(data: Path) -> list[Path]:
    """The cgroups of the cluster in that folder that are there, one in each hierarchy (see options.go)."""
    name = "lain-cluster-" + hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    return [
        path for path in (_CGROUPS / name, *(each / name for each in _CGROUPS.iterdir())) if path.is_dir()
    ]


def _remove_cgroup(root: Path) -> None:
    """Remove it and the pods' in it, deepest first."""
    for folder, _, _ in os.walk(root, topdown=False):
        with contextlib.suppress(OSError):
            Path(folder).rmdir()
