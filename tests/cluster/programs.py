"""Programs that the tests and benchmarks use, built from public Go modules into the cache.

Each is pinned by a module of its own, a folder named after the program whose go.sum holds every source to its checksum.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.cluster.binary import Unavailable, cache, locked, mortal


def built(module: Path) -> Path:
    """Where the program of these sources is, once built."""
    pinned = hashlib.sha256((module / "go.sum").read_bytes()).hexdigest()[:16]
    return cache() / "peers" / pinned / module.name


def build(module: Path, package: str) -> Path:
    """The program, built if it is not there yet. Raises Unavailable with the compiler's last words."""
    binary, name = built(module), module.name
    if binary.exists():
        return binary
    if shutil.which("go") is None:
        raise Unavailable(f"there is no Go to build {name} with")
    with locked("peers"):
        print(f"Building {name} (once) ...", file=sys.stderr, flush=True)
        binary.parent.mkdir(parents=True, exist_ok=True)
        fresh = binary.with_suffix(f".{os.getpid()}")
        command = ["go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", fresh]
        done = subprocess.run(
            mortal([*command, package]),
            cwd=module,
            env={**os.environ, "CGO_ENABLED": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise Unavailable(f"{name} does not build: {done.stderr.strip()[-1000:]}")
        fresh.rename(binary)
    return binary
