"""What a docker daemon of the tests leaves, cleared away: by the tests, or, when they are killed, by this as a program.

It waits at its standard input, which closes when whoever started it ends, however that ends.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_GRACE_SECONDS = 20
_EVERY_SECONDS = 0.1


@contextmanager
def keeper(folder: Path, data: Path) -> Iterator[None]:
    """Have somebody outlive this process who clears up; at the end nothing is left to do, or it is done then."""
    command = [sys.executable, str(Path(__file__)), str(folder), str(data)]
    # A session of its own: a Ctrl-C in the terminal is not for it.
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as process:
        try:
            yield
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait()


def clear(folder: Path, data: Path) -> None:
    """End every process that names the folder, unmount what lies there, and remove it."""
    deadline = time.monotonic() + _GRACE_SECONDS
    for process in _of(folder):  # the daemon ends its containerd, which ends its shims
        _signal(process, signal.SIGTERM)
    while _of(folder) and time.monotonic() < deadline:
        time.sleep(_EVERY_SECONDS)
    while left := _of(folder):
        for process in left:
            _signal(process, signal.SIGKILL)
        time.sleep(_EVERY_SECONDS)
    for place in (folder, data):
        mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
        for mount in sorted((one for one in mounts if one.startswith(f"{place}/")), reverse=True):
            subprocess.run(["umount", "--lazy", mount], check=False, capture_output=True)
    shutil.rmtree(folder, ignore_errors=True)


def _of(folder: Path) -> list[int]:
    """The daemon, its containerd and its containers' shims: each names the folder in its command line."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            program, *words = (process / "cmdline").read_bytes().split(b"\0")
            ours = any(name in program for name in (b"dockerd", b"containerd"))
            if ours and any(f"{folder}/".encode() in word for word in words):
                found.append(int(process.name))
    return found


def _signal(process: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, number)


if __name__ == "__main__":
    sys.stdin.buffer.read()
    clear(Path(sys.argv[1]), Path(sys.argv[2]))
